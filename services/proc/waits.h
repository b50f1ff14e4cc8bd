/* SPDX-License-Identifier: MIT */
/* The calls that wait: for children, and of stopped processes to be continued. */
#pragma once
#include "services/proc/table.h"

/* Which children, and what about them. */
struct query {
    uint32_t who; /* enum proc_who */
    uint32_t number;
    uint32_t options; /* PROC_WAIT_*; 0: the caller is stopped and waits to go on */
};

/* What is told about a child. */
struct event {
    struct process *process; /* NULL: nothing yet */
    uint32_t how, code;
};

/* NOT_FOUND: no child is meant. */
err_t wait_find(const struct process *p, const struct query *q, struct event *out);
/* What was told is not told again, and who ended is forgotten, unless it was PROC_WAIT_KEEP. */
void wait_told(const struct event *event, uint32_t options);
/* Takes up a call: LIMIT. The answer is given by body_answer. `*cookie` names the call. */
err_t wait_add(struct process *p, const struct query *q, uint64_t reply, uint64_t *cookie);
/* A call that ended early. */
void wait_gone(uint64_t cookie, uint64_t reply);
/* Something about a child of `parent` can be told. */
void waits_look(struct process *parent, struct process *child);
/* A child is not there any more, or another's: who waits for no one is told. */
void waits_lost(struct process *parent);
/* Answers stopped callers, or all. */
void waits_continue(struct process *p);
void waits_end(struct process *p);
