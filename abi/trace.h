/* SPDX-License-Identifier: MIT */
/* Kernel events as trace_read returns them, and the groups that trace_control selects. */
#pragma once
#include <stdint.h>

/* EVENT(name, group, first argument, second argument) */
#define TRACE_EVENTS(EVENT)                                                                        \
    EVENT(lost, TRACE_ALWAYS, "count", "-")                                                        \
    EVENT(denied, TRACE_DENIALS, "call", "error")                                                  \
    EVENT(grant, TRACE_GRANTS, "type", "target process")                                           \
    EVENT(revoke, TRACE_GRANTS, "type", "process")                                                 \
    EVENT(fault, TRACE_FAULTS, "kind", "address")                                                  \
    EVENT(process_end, TRACE_LIFE, "reason", "code")                                               \
    EVENT(process_start, TRACE_LIFE, "process", "-")                                               \
    EVENT(thread_start, TRACE_LIFE, "thread", "-")                                                 \
    EVENT(thread_switch, TRACE_SCHEDULING, "from", "to")                                           \
    EVENT(call, TRACE_MESSAGES, "badge", "operation")                                              \
    EVENT(reply, TRACE_MESSAGES, "caller", "operation")                                            \
    EVENT(system_call, TRACE_CALLS, "number", "a0")                                                \
    EVENT(pool_dry, TRACE_MEMORY, "pool", "bytes")                                                 \
    EVENT(interrupt, TRACE_INTERRUPTS, "line", "-")

enum trace_event {
#define EVENT(name, ...) TRACE_EVENT_##name,
    TRACE_EVENTS(EVENT)
#undef EVENT
        TRACE_EVENT_COUNT
};

#define TRACE_ALWAYS     0u
#define TRACE_DENIALS    1u
#define TRACE_GRANTS     2u
#define TRACE_FAULTS     4u
#define TRACE_LIFE       8u
#define TRACE_SCHEDULING 16u
#define TRACE_MESSAGES   32u
#define TRACE_CALLS      64u
#define TRACE_MEMORY     128u
#define TRACE_INTERRUPTS 256u

struct trace_record {
    uint64_t time;  /* nanoseconds */
    uint16_t event; /* enum trace_event */
    uint16_t cpu;
    uint32_t process; /* low half of the process's identity */
    uint64_t thread;
    uint64_t argument[2];
};

#define TRACE_LOG_MAX 1024u /* bytes that one trace_log takes */

/* What trace_counters tells: sums over all processors since boot, never set back. */
struct trace_counters {
    uint64_t switches;   /* address spaces loaded in place of another */
    uint64_t flushes;    /* address translations dropped, of a page or more, for each processor */
    uint64_t ipis;       /* interrupts that one processor sent to another */
    uint64_t interrupts; /* taken, from devices, timers and processors */
};
