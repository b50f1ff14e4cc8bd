/* SPDX-License-Identifier: MIT */
/*
 * Time. Each CPU has a tree of alarms: deadlines of waiting threads (struct thread.alarm) and timer
 * objects. The hardware timer is never set later than the earliest of them or the end of the
 * running thread's slice. It is not set back when that one goes away: the interrupt comes once, in
 * vain, and an idle CPU without alarms takes no more. Interrupts for alarms keep a distance, so
 * that users cannot fill the processor with them.
 */
#pragma once
#include "object.h"
#include "pool.h"
#include "tree.h"

struct thread;

struct timer {
    struct object object;
    struct tree_node alarm; /* key: nanoseconds */
    uint64_t period;        /* 0: once */
    struct signal_binding binding;
};

bool timer_destroy(struct object *o);
nanos_t clock_now(void);
/* Both for a thread without an alarm do nothing more than look. */
void alarm_set(struct thread *t, nanos_t when); /* on this CPU; NANOS_NEVER: none */
void alarm_cancel(struct thread *t);
/* Raises what is due on this CPU; called from every timer interrupt, first. Bounded work per call:
 * what is left over is done at the next interrupt. */
void alarms_run(void);
/* Makes an interrupt come on this CPU at `slice_end` or before; alarms need no call. Cheap. */
void alarms_program(nanos_t slice_end);
