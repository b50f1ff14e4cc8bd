/* SPDX-License-Identifier: MIT */
/* Signals: to whom they go and what they do here. */
#pragma once
#include "services/proc/table.h"

struct raise {
    uint32_t signal;
    int32_t code;
    const struct process *from; /* NULL: `proc` */
    uint32_t child;             /* SIGCHLD, which is from `proc`: the child's number */
    uint64_t value;
};

/* As kill(2): NOT_FOUND (ESRCH), NO_RIGHT (EPERM). Signal 0 only looks. */
err_t signal_kill(struct process *caller, int64_t target, const struct raise *r);
void signal_send(struct process *p, const struct raise *r);
/* CHANGED: it was continued after `taken`. */
err_t signal_stop(struct process *p, uint32_t signal, uint64_t taken);
