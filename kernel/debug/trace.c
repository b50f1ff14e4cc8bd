/* SPDX-License-Identifier: MIT */
/*
 * Kernel events: a ring that keeps the newest records and counts those that nobody took in time.
 * A reader's copy may fault and so write records itself; what it copied counts as taken only after.
 */
#include "trace.h"

#include "cpu.h"
#include "ipc.h"
#include "log.h"
#include "process.h"
#include "syscall.h"
#include "timer.h"

#define RECORDS 1024u

uint32_t trace_groups;

static struct trace_record ring[RECORDS];
static uint64_t written, taken, lost;

void trace_write(enum trace_event event, uint64_t a, uint64_t b) {
    struct cpu *cpu = cpu_self();
    struct thread *t = cpu->current;
    if (written - taken == RECORDS) {
        taken++;
        lost++;
    }
    ring[written++ % RECORDS] =
        (struct trace_record){.time = clock_now(),
                              .event = (uint16_t)event,
                              .cpu = (uint16_t)cpu->index,
                              .process = t->process ? (uint32_t)t->process->identity : 0,
                              .thread = t->identity,
                              .argument = {a, b}};
}

err_t trace_create_root(struct pool *pool, struct trace **out) {
    struct object *o;
    err_t e = object_create(pool, OBJECT_TRACE, &o);
    if (err_ok(e))
        *out = container_of(o, struct trace, object);
    return e;
}

err_t sys_trace_control(struct thread *t, struct call_args *c) {
    (void)t;
    trace_groups = (uint32_t)c->a[1];
    message_slow &= ~MESSAGE_SLOW_TRACE;
    message_slow |= trace_groups ? MESSAGE_SLOW_TRACE : 0;
    return OK;
}

/* As many as lie in one piece of the ring; the next call gets the rest. */
err_t sys_trace_read(struct thread *t, struct call_args *c) {
    (void)t;
    uint64_t first = taken;
    uint64_t n = min_u64(c->a[2] / sizeof(ring[0]), written - first);
    n = min_u64(n, RECORDS - first % RECORDS);
    err_t e = user_write(c->a[1], &ring[first % RECORDS], n * sizeof(ring[0]));
    if (!err_ok(e))
        return e;
    if (taken < first + n)
        taken = first + n;
    c->r[0] = n * sizeof(ring[0]);
    c->r[1] = lost;
    lost = 0;
    return OK;
}

/* Little at once: nothing else runs in the kernel until the serial line has it. */
err_t sys_trace_log(struct thread *t, struct call_args *c) {
    char text[TRACE_LOG_MAX];
    uint64_t n = min_u64(c->a[2], sizeof(text));
    (void)t;
    err_t e = user_read(text, c->a[1], n);
    if (!err_ok(e))
        return e;
    log_text(text, n);
    c->r[0] = n;
    return OK;
}

err_t sys_trace_counters(struct thread *t, struct call_args *c) {
    struct trace_counters sum = {0};
    (void)t;
    for (unsigned i = 0; i < cpu_count; i++) {
        sum.switches += cpus[i].switches;
        sum.flushes += cpus[i].shootdowns;
        sum.ipis += cpus[i].ipis;
        sum.interrupts += cpus[i].interrupts;
    }
    return user_write(c->a[1], &sum, sizeof(sum));
}
