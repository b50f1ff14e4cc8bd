/* SPDX-License-Identifier: MIT */
/* What the kernel keeps per CPU. */
#pragma once
#include "arch/cpu.h"
#include "pool.h"
#include "process.h"
#include "sched.h"
#include "syscall.h"
#include "thread.h"
#include "tree.h"

#define CPUS_MAX SCHED_CPUS

enum errand {
    ERRAND_RESCHEDULE = 1, /* look for a better thread */
    ERRAND_SETTLE = 2,     /* objects_settle, if nobody has called it since */
};

struct cpu {
    struct arch_cpu arch;   /* first: entry code finds it by the CPU's own means */
    struct thread *current; /* never NULL after boot: idle or a thread */
    struct thread *loaded;  /* whose FPU state and address space the hardware holds */
    unsigned index;
    uint8_t errands; /* before leaving the kernel: enum errand */
    bool slice_over;
    bool slice_awaited;   /* a timer interrupt comes before the end of any slice from now on */
    unsigned work;        /* units of long work left before it is preempted */
    uint64_t switched;    /* ticks: up to here running time is counted, per thread and pool */
    uint64_t charged;     /* ticks: up to here it is charged to the account */
    uint64_t slice_begin; /* ticks */
    struct sched_queue queue;
    struct tree alarms; /* struct thread.alarm, struct timer.alarm */
    struct thread idle;
    struct call_args call;                           /* the system call that runs here */
    uint64_t switches, shootdowns, ipis, interrupts; /* for trace_counters */
};

extern struct cpu cpus[CPUS_MAX];
extern unsigned cpu_count;

#define WORK_SHARE   200u /* units of long work between two looks at what else is to be done */
#define RESTART_WORK 20u  /* of them, for running a call again: what woke it may help it nothing */

/* Entry points of the architecture's trap code; the kernel lock is held. A system call returns as
 * kernel_leave does. */
struct thread *kernel_syscall(struct thread *t, uint64_t number);
void kernel_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access);
void kernel_timer(void); /* this CPU's timer */

/* Counts the time since the last switch for the current thread and its pool; part of each switch.
 * Returns until when, in ticks. */
static inline uint64_t cpu_count_time(struct cpu *cpu, struct thread *running) {
    uint64_t now = arch_ticks(), elapsed = now - cpu->switched;
    cpu->switched = now;
    running->ticks += elapsed;
    running->process->object.pool->ticks += elapsed;
    return now;
}
/* What a thread that runs now has yet to be counted for, in ticks. The counter of its CPU may be
 * ahead of this one's. */
static inline uint64_t cpu_uncounted(const struct thread *t) {
    const struct cpu *cpu = &cpus[t->cpu];
    uint64_t now = arch_ticks();
    return cpu->current == t && now > cpu->switched ? now - cpu->switched : 0;
}
/* Makes the account pay for the current thread's time so far: all that was counted since it was
 * last asked. */
static inline void cpu_charge(struct cpu *cpu) {
    struct thread *t = cpu->current;
    uint64_t now = cpu_count_time(cpu, t);
    sched_charge(&cpu->queue, t->sched.account, arch_length(now - cpu->charged));
    cpu->charged = now;
}
/* The current thread leaves the CPU: it blocks or ends. kernel_leave finds another. */
static inline void cpu_release(struct cpu *cpu) {
    cpu_charge(cpu);
    cpu->current = &cpu->idle;
}
/* Is `t` running on, or about to run on, another CPU than this one? */
static inline bool cpu_elsewhere(const struct thread *t) {
    return cpus[t->cpu].current == t && &cpus[t->cpu] != cpu_self();
}
/* Makes the CPU where `t` runs look at its `attention`. */
void cpu_poke(const struct thread *t);
static inline nanos_t cpu_slice_end(const struct cpu *cpu) {
    return arch_ticks_to_nanos(cpu->slice_begin) + SCHED_SLICE;
}

/* There is something to do first, or another thread to take. */
struct thread *leave_slowly(struct cpu *cpu);
static inline struct thread *leave(struct cpu *cpu, struct thread *current) {
    if (unlikely(cpu->errands || current->attention || cpu->loaded != current))
        current = leave_slowly(cpu);
    kernel_unlock();
    return current;
}
/* The path out of the kernel: does pending work and says which thread to enter. Called by the entry
 * code with the kernel lock held; releases it just before returning. */
static inline struct thread *kernel_leave(void) {
    struct cpu *cpu = cpu_self();
    return leave(cpu, cpu->current);
}
