/* SPDX-License-Identifier: MIT */
/* What the table has done to a process itself. Tests of the table have their own functions. */
#pragma once
#include "services/proc/signals.h"
#include "services/proc/waits.h"

/* Marks a signal as pending in its page. */
void body_mark(const struct process *p, const struct raise *r);
void body_interrupt(const struct process *p);
void body_kill(const struct process *p);
/* Its numbers changed, which its page shows. */
void body_show(const struct process *p);
/* The leader of a session has ended. */
void body_leader_ended(void);
/* Answers a call that waits. False: its caller is gone, and nothing may be taken as told. */
bool body_answer(uint64_t reply, err_t e, const struct event *event);
