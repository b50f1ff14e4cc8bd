/* SPDX-License-Identifier: MIT */
/*
 * Timers whose end is a signal: that of setitimer(ITIMER_REAL), which alarm is, and those of
 * timer_create. A thread of the library's own, made when the first is set, waits for their ends and
 * marks the signals.
 */
#pragma once
#include "lib/posix/signals.h"

#define TIMERS     32u
#define TIMER_REAL 0u /* its place; those of timer_create are behind it */

struct timer {
    uint64_t deadline, interval; /* nanoseconds, of the monotonic clock; 0: it is not running */
    int signal;                  /* 0: none is raised */
    long thread;                 /* 0: for the process */
    struct signal_note note;
    bool used;
    bool wall;      /* absolute times are of the wall clock */
    bool own_value; /* its number is the value that is told */
};

/* A place for a new one, set up; -EAGAIN. Number in the table. */
long timer_take(const struct timer *with);
/* Gives it back. False: there is none. */
bool timer_give(unsigned number);
/* Copies its state; false: there is none. */
bool timer_get(unsigned number, struct timer *out);
/* Sets it going, or stops it with 0. 0 or -errno; `before`: what it had. */
long timer_set(unsigned number, uint64_t deadline, uint64_t interval, struct timer *before);

/* What exec keeps of the first, and a fork's child: none runs, and the thread is not there. */
void timers_keep(uint64_t *deadline, uint64_t *interval);
void timers_restore(uint64_t deadline, uint64_t interval);
void timers_after_fork(void);
