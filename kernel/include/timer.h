/* SPDX-License-Identifier: MIT */
/*
 * Time. Each CPU has a tree of alarms: deadlines of waiting threads (struct thread.alarm) and timer
 * objects. The hardware timer is set to the earliest of them and the end of the running thread's
 * slice; an idle CPU without alarms takes no interrupts.
 */
#pragma once
#include "object.h"
#include "pool.h"
#include "tree.h"

struct thread;

struct timer {
    struct object object;
    struct tree_node alarm; /* key: nanoseconds */
    unsigned cpu;           /* whose tree it is in */
    uint64_t period;        /* 0: once */
    struct signal_binding binding;
};

bool timer_destroy(struct object *o);
nanos_t clock_now(void);
void alarm_set(struct thread *t, nanos_t when); /* NANOS_NEVER: none */
void alarm_cancel(struct thread *t);
/* Raises what is due on this CPU; called from the timer interrupt. Bounded work per call: what is
 * left over is done at the next interrupt, which is then set to come at once. */
void alarms_run(void);
/* Programs the hardware for the current CPU: earliest alarm or `slice_end`. */
void alarms_program(nanos_t slice_end);
