/* SPDX-License-Identifier: MIT */
/*
 * Alarms and timer objects. An alarm is in the tree of the CPU that set it; its node's tag says
 * which CPU and which element. Each CPU's hardware timer is set no later than its earliest alarm,
 * except that after one batch of alarms the next waits for ALARM_GAP: at most ALARM_BATCH alarms
 * are raised per ALARM_GAP, however many timers there are and however short their periods.
 */
#include "timer.h"
#include "cpu.h"
#include "signal.h"
#include "syscall.h"

#define ALARM_BATCH 16u
#define ALARM_GAP   50000ul /* nanoseconds */

#define TAG_TIMER 0x80u /* struct timer.alarm; else struct thread.alarm */
#define TAG_CPU   0x7fu

static nanos_t programmed[CPUS_MAX] = {[0 ... CPUS_MAX - 1] = NANOS_NEVER};
static nanos_t quiet_until[CPUS_MAX];

nanos_t clock_now(void) {
    return arch_ticks_to_nanos(arch_ticks());
}

static void program(unsigned cpu, nanos_t when) {
    if (when < programmed[cpu]) {
        programmed[cpu] = when;
        arch_timer_set(when);
    }
}

void alarms_program(nanos_t slice_end) {
    program(cpu_self()->index, slice_end);
}

static void program_alarm(unsigned cpu, nanos_t when) {
    program(cpu, when > quiet_until[cpu] ? when : quiet_until[cpu]);
}

static void arm(struct tree_node *alarm, nanos_t when, unsigned tag) {
    struct cpu *cpu = cpu_self();

    alarm->tag = (uint8_t)(tag | cpu->index);
    tree_insert(&cpu->alarms, alarm, when);
    program_alarm(cpu->index, when);
}

static void disarm(struct tree_node *alarm) {
    if (unlikely(alarm->linked))
        tree_remove(&cpus[alarm->tag & TAG_CPU].alarms, alarm);
}

void alarm_set(struct thread *t, nanos_t when) {
    disarm(&t->alarm);
    t->timed = when != NANOS_NEVER;
    if (unlikely(t->timed))
        arm(&t->alarm, when, 0);
}

void alarm_cancel(struct thread *t) {
    t->timed = false;
    disarm(&t->alarm);
}

/* A periodic timer that is late skips the times it missed; its phase stays. */
static void timer_expired(struct timer *timer, nanos_t now) {
    if (timer->period) {
        nanos_t next = now + timer->period - (now - timer->alarm.key) % timer->period;
        if (next > now) /* else beyond the end of time */
            arm(&timer->alarm, next, TAG_TIMER);
    }
    signal_binding_raise(&timer->binding);
}

static void expired(struct tree_node *alarm, nanos_t now) {
    bool is_timer = alarm->tag & TAG_TIMER;

    disarm(alarm);
    if (is_timer)
        timer_expired(container_of(alarm, struct timer, alarm), now);
    else
        thread_abort(container_of(alarm, struct thread, alarm), ERROR(TIMED_OUT));
}

void alarms_run(void) {
    struct cpu *cpu = cpu_self();
    nanos_t now = clock_now();
    struct tree_node *first = tree_first(&cpu->alarms);
    unsigned done = 0;

    programmed[cpu->index] = NANOS_NEVER;
    if (first && first->key <= now)
        quiet_until[cpu->index] = now + ALARM_GAP; /* before anything arms again */
    for (; first && first->key <= now && done < ALARM_BATCH; done++) {
        expired(first, now);
        first = tree_first(&cpu->alarms);
    }
    if (first)
        program_alarm(cpu->index, first->key);
}

bool timer_destroy(struct object *o) {
    struct timer *timer = container_of(o, struct timer, object);

    disarm(&timer->alarm);
    signal_binding_clear(&timer->binding);
    return true;
}

err_t sys_timer_create(struct thread *t, struct call_args *c) {
    struct slot *signal = c->slot[1];
    struct object *o;
    struct timer *timer;
    err_t e;

    e = object_create(container_of(c->slot[0]->object, struct pool, object), OBJECT_TIMER, &o);
    if (!err_ok(e))
        return e;
    timer = container_of(o, struct timer, object);
    signal_binding_set(&timer->binding, container_of(signal->object, struct signal, object),
                       c->a[2] & signal->badge);
    return syscall_new_handle(t, o, c);
}

err_t sys_timer_set(struct thread *t, struct call_args *c) {
    struct timer *timer = container_of(c->slot[0]->object, struct timer, object);
    nanos_t deadline = c->a[1];
    (void)t;

    if (c->a[2] && (deadline == 0 || deadline == DEADLINE_NONE))
        return ERROR_ARG(BAD_ARGUMENT, 3); /* a period needs a beginning */
    disarm(&timer->alarm);
    timer->period = c->a[2];
    if (deadline != 0 && deadline != DEADLINE_NONE)
        arm(&timer->alarm, deadline, TAG_TIMER);
    return OK;
}

err_t sys_clock(struct thread *t, struct call_args *c) {
    (void)t;
    c->r[0] = clock_now();
    return OK;
}
