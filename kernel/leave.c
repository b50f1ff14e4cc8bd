/* SPDX-License-Identifier: MIT */
/*
 * The way out of the kernel: which thread goes on, and what it must do first. A thread that blocks
 * or ends leaves its CPU to the idle thread; kernel_leave then takes the best one that is ready.
 * The lock is never given away, be it to user code, to idling or in a window for interrupts, while
 * the hardware holds the state of a thread that another CPU may run.
 */
#include "arch/switch.h"
#include "cpu.h"
#include "ipc.h"
#include "log.h"
#include "timer.h"
#include "trace.h"
#include "upcall.h"

#define SETTLE_GAP 50000u /* nanoseconds that a thread runs between two shares of settling */

bool work_spent(unsigned units) {
    struct cpu *cpu = cpu_self();
    cpu->work -= units < cpu->work ? units : cpu->work;
    return !cpu->work;
}

void cpu_poke(const struct thread *t) {
    cpus[t->cpu].errands |= ERRAND_RESCHEDULE;
    arch_reschedule(t->cpu);
}

static __attribute__((noinline)) struct cpu *choose_cpu(const struct thread *t) {
    const struct cpu *last = &cpus[t->cpu];
    if (last->current->idle && !last->queue.ready && t->affinity >> t->cpu & 1)
        return &cpus[t->cpu];
    unsigned load[CPUS_MAX];
    for (unsigned i = 0; i < cpu_count; i++) {
        const struct thread *running = cpus[i].current;
        bool counts = !running->idle && running->sched.priority >= t->sched.priority;
        load[i] = (unsigned)cpus[i].queue.ready + counts;
    }
    return &cpus[sched_choose_cpu(t->cpu, t->affinity, cpu_count, load)];
}

/* An interrupt comes no later than the end of the current slice; and so of all later ones. */
static inline void await_slice_end(struct cpu *cpu) {
    if (likely(cpu->slice_awaited))
        return;
    cpu->slice_awaited = true;
    alarms_program(cpu_slice_end(cpu));
}

/* A competitor of the running thread came: it must give way now, or at the end of its slice. */
static void compete(struct cpu *cpu, const struct thread *t) {
    const struct thread *running = cpu->current;
    bool first = running->idle || t->sched.priority > running->sched.priority;
    if (!first && t->sched.priority < running->sched.priority)
        return;
    if (cpu != cpu_self()) {
        if (!(cpu->errands & ERRAND_RESCHEDULE))
            arch_reschedule(cpu->index);
        cpu->errands |= ERRAND_RESCHEDULE;
    } else if (first) {
        cpu->errands |= ERRAND_RESCHEDULE;
    } else {
        await_slice_end(cpu);
    }
}

void thread_ready(struct thread *t) {
    t->state = STATE_READY;
    if (unlikely((t->attention & (ATTEND_SUSPENDED | ATTEND_DYING)) == ATTEND_SUSPENDED))
        return;
    struct cpu *cpu = likely(cpu_count == 1) ? cpus : choose_cpu(t);
    t->cpu = cpu->index;
    sched_enqueue(&cpu->queue, &t->sched, false);
    compete(cpu, t);
}

/* From now on, the last time that was looked at. */
static void begin_slice(struct cpu *cpu, const struct thread *t) {
    cpu->slice_over = false;
    cpu->slice_begin = cpu->switched;
    if (cpu->queue.top >= t->sched.priority)
        await_slice_end(cpu);
}

static inline struct thread *take_next(struct cpu *cpu) {
    struct sched_entity *e = sched_pick(&cpu->queue);
    struct thread *next = likely(e != NULL) ? container_of(e, struct thread, sched) : &cpu->idle;
    if (unlikely(trace_groups & TRACE_SCHEDULING) && next != cpu->current)
        trace_write(TRACE_EVENT_thread_switch, cpu->current->identity, next->identity);
    cpu->current = next;
    next->cpu = cpu->index;
    begin_slice(cpu, next);
    return next;
}

/* The current thread was suspended or may no longer use this CPU: true, and it is off. */
static bool stand_aside(struct cpu *cpu, struct thread *t) {
    if (t->attention & ATTEND_DYING || !(t->attention & (ATTEND_SUSPENDED | ATTEND_MIGRATE)))
        return false;
    t->attention &= ~ATTEND_MIGRATE;
    cpu_release(cpu);
    thread_ready(t);
    return true;
}

/* Puts the current thread, if it can go on, behind those that come first. */
static void pick(struct cpu *cpu) {
    struct thread *t = cpu->current;
    bool aside = !t->idle && stand_aside(cpu, t);
    cpu->errands = 0; /* that of standing aside, too */
    if (!t->idle && !aside) {
        if (!sched_should_yield(&cpu->queue, &t->sched, cpu->slice_over)) {
            cpu_charge(cpu);
            if (cpu->slice_over)
                begin_slice(cpu, t);
            else if (cpu->queue.top >= t->sched.priority)
                await_slice_end(cpu); /* the competitor came from elsewhere */
            return;
        }
        cpu_charge(cpu);
        sched_enqueue(&cpu->queue, &t->sched, !cpu->slice_over);
    }
    take_next(cpu);
}

/* Before the lock is given away: what the hardware holds is the current thread's or nobody's. */
static void unload(struct cpu *cpu) {
    if (cpu->loaded != cpu->current && cpu->loaded != &cpu->idle)
        arch_switch(cpu->loaded, &cpu->idle);
}

/* What follows reaches the thread's memory by its own addresses. */
static inline struct thread *load(struct cpu *cpu, struct thread *t) {
    if (cpu->loaded == t)
        return t;
    if (likely(!cpu->loaded->idle))
        arch_switch_fast(cpu, cpu->loaded, t);
    else
        arch_switch(cpu->loaded, t);
    return t;
}

static _Noreturn void idle(struct cpu *cpu) {
    unload(cpu);
    arch_idle();
}

static void give_way(struct cpu *cpu) {
    unload(cpu);
    arch_interrupt_window();
    cpu->work = WORK_SHARE;
}

static void bury(struct cpu *cpu, struct thread *t) {
    struct process *p = t->process;
    if (t->undertaker && !process_teardown(p)) {
        give_way(cpu);
        return;
    }
    if (!thread_prepare_end(t)) {
        give_way(cpu);
        return;
    }
    bool last = t->undertaker;
    thread_end(t);
    if (last)
        object_release(&p->object);
}

/* True: the current thread may run user code. */
static bool attend(struct cpu *cpu, struct thread *t) {
    if (t->attention & ATTEND_DYING) {
        bury(cpu, t);
    } else if (stand_aside(cpu, t)) {
        return false;
    } else if (t->attention & ATTEND_FORWARDED) {
        if (!forwarded_free(t))
            give_way(cpu);
    } else if (t->attention & ATTEND_RESTART && work_spent(RESTART_WORK)) {
        give_way(cpu);
    } else if (t->attention & ATTEND_RESTART) {
        load(cpu, t);
        t->attention &= ~ATTEND_RESTART;
        kernel_syscall_again(t);
    } else {
        load(cpu, t);
        if (upcall_interrupt(t))
            return cpu->current == t;
        if (cpu->current == t)
            give_way(cpu);
    }
    return false;
}

static __attribute__((noinline)) struct thread *leave_at_length(struct cpu *cpu) {
    for (;;) {
        cpu->errands &= (uint8_t)~ERRAND_SETTLE;
        bool settled = likely(!objects_waiting) || objects_settle();
        if (!settled)
            give_way(cpu);
        if (cpu->current->idle)
            cpu->switched = cpu->charged = arch_ticks(); /* settling is nobody's time */
        if (cpu->errands || cpu->current->idle)
            pick(cpu);
        struct thread *t = cpu->current;
        if (t->idle && settled)
            idle(cpu);
        if (!t->idle && (!t->attention || attend(cpu, t))) {
            if (!settled)
                alarms_program(clock_now() + SETTLE_GAP);
            return load(cpu, t);
        }
    }
}

/* Most often the current thread has blocked, and the next has nothing to attend to. */
struct thread *leave_slowly(struct cpu *cpu) {
    if (!cpu->current->idle)
        return leave_at_length(cpu);
    if (cpu->loaded->idle)
        cpu->switched = cpu->charged = arch_ticks(); /* it idled, which is nobody's time */
    if (unlikely(objects_waiting))
        return leave_at_length(cpu);
    cpu->errands = 0;
    if (cpu->queue.top < 0)
        idle(cpu);
    struct thread *t = take_next(cpu);
    return likely(!t->attention) ? load(cpu, t) : leave_at_length(cpu);
}

void kernel_timer(void) {
    struct cpu *cpu = cpu_self();
    cpu->slice_awaited = false;
    alarms_run();
    cpu->errands |= objects_waiting ? ERRAND_SETTLE : 0;
    if (clock_now() < cpu_slice_end(cpu)) {
        if (cpu->queue.top >= 0 && !cpu->current->idle)
            await_slice_end(cpu);
        return;
    }
    cpu->slice_over = true;
    cpu->errands |= ERRAND_RESCHEDULE;
}

/* The first CPU has set up everything by the time it lets go of the lock. */
_Noreturn void kernel_cpu_main(unsigned index) {
    (void)index;
    arch_enter();
}
