/* SPDX-License-Identifier: MIT */
/*
 * Counters and timers: abi/event.h, docs/man/5/event.md. A timer that ends is counted once, and
 * what it missed by then is counted when it is read: so one that nobody reads costs nothing more.
 */
#pragma once
#include "lib/file/waits.h"

/* EVENT_MAKE and EVENT_TIMER, to the root. */
err_t event_serve_make(struct file_request *r);
err_t timer_serve_make(struct file_request *r);
/* How many there are of both. */
uint64_t events_count(void);

/* The machine's, or a test's: nanoseconds of the monotonic clock, and when timers_run is to be
 * called; UINT64_MAX: not at all. */
uint64_t timers_now(void);
void timers_alarm(uint64_t deadline);
/* Looks which timers have ended. */
void timers_run(struct file_server *s);

/* ---- between both ---- */

/* A node for one, of a type that is none, and the session for it: it is the file's afterwards. */
struct node event_node(const struct node_ops *ops, const struct file_request *r);
err_t event_give(struct file_request *r, struct node *n, uint32_t flags);
void event_gone(void);
