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

extern const struct operation message_operations[], object_operations[];
extern const unsigned message_operation_count, object_operation_count;
