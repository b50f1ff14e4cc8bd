/* SPDX-License-Identifier: MIT */
/* Signals: to whom they go and what they do here. */
#pragma once
#include "services/proc/table.h"

#define SIGNAL_KERNEL 0x80 /* SI_KERNEL: the code of signals that no process sent */

struct raise {
    uint32_t signal;
    int32_t code;               /* Linux' si_code */
    const struct process *from; /* NULL: `proc` */
    uint32_t child;             /* SIGCHLD, which is from `proc`: the child's number */
    uint64_t value;
};

/* As kill(2): NOT_FOUND (ESRCH), NO_RIGHT (EPERM). Signal 0 only looks. */
err_t signal_kill(struct process *caller, int64_t target, const struct raise *r);
void signal_send(struct process *p, const struct raise *r);
/* To all members, whoever they are. */
void signal_group(const struct number *group, const struct raise *r);
/* CHANGED: it was continued after `taken`, or its group is orphaned, which stops by nothing but
 * SIGSTOP. */
err_t signal_stop(struct process *p, uint32_t signal, uint64_t taken);
