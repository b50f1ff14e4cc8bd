/* SPDX-License-Identifier: MIT */
/* What the files of our side share. */
#pragma once
#include "abi/err.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/bench/platform.h"

#define PRIORITY 128u /* that of init */
#define PARTNERS 4u

struct partner {
    struct process_cap process;
    struct thread_cap thread;
};
extern struct partner partners[PARTNERS]; /* in the order of partner_process */

static inline struct pool_cap root_pool(void) {
    return (struct pool_cap){boot_page->pool};
}

/* Ends the run if `e` is an error. */
_Noreturn void need_failed(err_t e, const char *what);
static inline void need(err_t e, const char *what) {
    if (!err_ok(e))
        need_failed(e, what);
}

/* messages.c: an endpoint with a session, and what is sent and received. */
#define LARGE (64u << 10)
extern struct endpoint_cap endpoint;
extern struct session_cap session;
extern char out[LARGE], in[LARGE];
/* Writes to both: copies of a clone are made by the first write. */
void make_present(void);
void endpoint_open(struct endpoint_cap *e, struct session_cap *s);
/* Opens endpoint and session and starts a partner that has both. */
void open_with(void (*partner)(void), unsigned cpu);
void close_all(void);

extern const struct operation message_operations[], server_operations[], object_operations[];
extern const unsigned message_operation_count, server_operation_count, object_operation_count;
