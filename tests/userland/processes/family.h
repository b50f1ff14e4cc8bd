/* SPDX-License-Identifier: MIT */
/*
 * Processes for the tests of `proc`: forked as a C library would do it, but without one. A child is
 * a copy of its parent that runs a function on a stack of its own and ends with what it returns.
 * They all share one page, in which they leave traces and where a test says what went wrong.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/err.h"
#include "abi/ipc.h"
#include "abi/proc.h"
#include "lib/sys/cap.h"

/* Seen by all. */
struct shared {
    uint32_t failed_line; /* of the first check that failed, in whatever process */
    char failed_file[60];
    uint32_t go;      /* a futex */
    uint32_t flag[8]; /* for tests */
    uint64_t word[8];
};

extern struct shared *shared;
/* The calling process's session with `proc`. */
extern struct session_cap self;

struct answer {
    err_t error;
    uint64_t word[MESSAGE_WORDS];
};

/* Signals interrupt calls too, and one that is interrupted has done nothing: it is repeated. */
struct answer ask(uint64_t op, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);
/* With handles: they are moved. */
struct answer ask_with(uint64_t op, const uint64_t *word, const struct handle_send *send,
                       unsigned count);
/* One that may be interrupted. */
struct answer ask_once(uint64_t op, const uint64_t *word, const struct handle_send *send,
                       unsigned count);
struct answer wait_for(uint64_t who, uint64_t number, uint64_t options);

static inline const volatile struct proc_page *page(void) {
    return (const volatile struct proc_page *)PROC_PAGE_ADDRESS;
}

/* Where `proc` runs in these tests: what is done in turns there does not wait for processors that
 * an emulator has given up for the moment. */
#define FIRST_CPU 1u

/* A copy of this process with a thread that is not started yet, with this one's affinity. */
struct copy {
    struct process_cap process;
    struct thread_cap thread;
};
err_t copy_make(struct copy *out);
/* Words of PROC_FORK for a copy that runs `run`. */
void copy_words(uint64_t (*run)(void), uint64_t flags, uint64_t *word);
/* The number of a new child that runs `run`, or 0 and the error. */
uint32_t fork_with(uint64_t (*run)(void), uint64_t flags, err_t *error);
uint32_t fork_child(uint64_t (*run)(void));

/* Makes a session of `proc` known as process 1's; memory that all share. False: it says why. */
bool family_start(struct session_cap first);
bool check_at(bool good, const char *file, uint32_t line);
#define CHECK(x) check_at(x, __FILE__, __LINE__)
/* Runs a test in a child of process 1, which has to return 0, and reports it. */
void run_test(const char *name, uint64_t (*test)(void));
extern int tests_run;

/* Between processes. */
void pause_until(const uint32_t *word);
void post(uint32_t *word);
/* Gives way until it is so. */
#define UNTIL(condition)                                                                           \
    while (!(condition))                                                                           \
    sys_thread_yield()

bool thread_waits(struct thread_cap thread);
uint64_t pool_used(struct pool_cap pool);
