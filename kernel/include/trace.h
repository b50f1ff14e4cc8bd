/* SPDX-License-Identifier: MIT */
/*
 * Kernel events and the kernel log. Events go to a fixed ring when their group is selected; the
 * ring never blocks, it counts what it lost. The log goes to the console and is kept in memory.
 */
#pragma once
#include "abi/trace.h"
#include "object.h"

struct trace {
    struct object object;
};

extern uint32_t trace_groups; /* selected groups */
void trace_write(enum trace_event event, uint64_t a, uint64_t b);
#define trace(group, event, a, b)                                                                  \
    do {                                                                                           \
        if (unlikely(trace_groups & (group)))                                                      \
            trace_write(TRACE_EVENT_##event, (a), (b));                                            \
    } while (0)
err_t trace_create_root(struct pool *pool, struct trace **out);
