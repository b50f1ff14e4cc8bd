/* SPDX-License-Identifier: MIT */
/* Attempts of a hostile program, and what there is to be gained. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "lib/sys/syscall.h"

/* What the prisoner does not have, but knows the numbers of. Made anew for each attempt. */
struct scene {
    struct pool_cap pool; /* pays for the rest */
    struct process_cap victim;
    struct thread_cap thread; /* of the victim, not started */
    struct memory_cap memory; /* of the victim, mapped at VICTIM_PAGE there */
    struct endpoint_cap endpoint;
    struct session_cap session; /* of that endpoint: nobody answers */
    struct signal_cap signal;
    struct timer_cap timer;
    struct session_cap file;  /* an open file of `ramfs` */
    struct session_cap space; /* a namespace with `ramfs` at its root; the prisoner's is empty */
};
extern struct scene scene;
extern struct session_cap files, devices; /* roots of servers */
extern struct ports_cap ports;            /* of the machine's clock */
extern struct irq_cap irqs;

#define VICTIM_PAGE 0x500000000000ull
#define SECRET      "secret" /* the name of that file */

/* One attempt; 0: it succeeded. The code of an error, or a fault, is what must come of it. */
struct attempt {
    const char *name;
    uint64_t (*run)(void);
    bool for_nobody; /* no authority allows it: there is no control */
};
/* Each ends with an entry without a name. */
extern const struct attempt call_attempts[], name_attempts[], machine_attempts[];

/* A copy of this program in a pool, with all handles or with none but the empty namespace. */
bool copy_start(uint64_t (*run)(void), struct pool_cap pool, bool prisoner,
                struct process_cap *out);
/* How it ended: true if by itself, with the code. */
bool copy_wait(uint64_t *code);

unsigned laws_run(void);
