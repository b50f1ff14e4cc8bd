/* SPDX-License-Identifier: MIT */
/*
 * What the operations of the kernel need of a system, beside what measuring itself needs. Calls
 * that are themselves measured are inline functions of each system's inline.h, so that both pay for
 * the call and not for C. Whatever fails ends the run.
 *
 * In inline.h:
 *     void null_call(void)                     the cheapest call that tells something
 *     void word_wait(uint32_t *w, uint32_t v)  futex: wait while *w is v, or return at once
 *     void word_wake(uint32_t *w)              futex: wake one
 *     void event_raise(unsigned n)             n = 0, 1: wake who waits, or let it not wait
 *     void event_wait(unsigned n)
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/measure/measure.h"

#if __STDC_HOSTED__
#include "tests/bench/linux/inline.h"
#else
#include "tests/bench/anonymos/inline.h"
#endif

#define PAGE 4096u

/* Those that both systems have, written once: operations.c. */
extern const struct operation common_operations[];
extern const unsigned common_operation_count;

/* Anonymous memory in small pages, none of them present. */
char *area_map(size_t bytes);
void area_unmap(char *area, size_t bytes);
/* Maps and unmaps one page. */
void page_life(void);

/* Runs a function that never returns beside the caller: in a copy of this process, or as a thread
 * of it. At most one at a time. On the processor of that number. */
void partner_process(void (*run)(void), unsigned cpu);
void partner_thread(void (*run)(void));
void partner_stop(void);
/* Keeps the calling thread on one processor. */
void stay_on(unsigned cpu);

void events_open(void);
void events_close(void);

/* Makes a thread, waits until it has run, and destroys it. */
void thread_life(void);
/* Makes a process that does nothing and destroys it. */
void process_life(void);
/* Copies this process, copy-on-write; copy_end destroys the copy. */
void copy_begin(void);
void copy_end(void);
