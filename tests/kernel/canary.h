/* SPDX-License-Identifier: MIT */
/*
 * A process that only wants to be left alone: a pattern in memory, a heart that beats every
 * millisecond and notes how late, and a small server that answers whoever calls.
 */
#pragma once
#include "tests/kernel/workers.h"

struct canary_report {
    volatile uint32_t beats;
    volatile uint32_t stop;
    volatile uint64_t latest; /* nanoseconds after its time that a beat came, at most */
    volatile uint64_t served; /* messages received */
    volatile uint64_t damage; /* pattern words that changed, and calls of its own that failed */
};

/* Runs in a child of the test; `endpoint` is where its server receives. */
bool canary_start(struct child *c, struct pool_cap p, struct endpoint_cap endpoint,
                  struct canary_report *report);
