/* SPDX-License-Identifier: MIT */
/* What the kernel keeps per CPU. */
#pragma once
#include "arch/cpu.h"
#include "sched.h"
#include "thread.h"
#include "tree.h"

#define CPUS_MAX SCHED_CPUS

struct cpu {
    struct arch_cpu arch; /* first: entry code finds it by the CPU's own means */
    struct thread *current; /* never NULL after boot: idle or a thread */
    struct thread *loaded;  /* whose FPU state and address space the hardware holds */
    unsigned index;
    bool reschedule;        /* look for a better thread before leaving the kernel */
    bool slice_over;
    unsigned work;          /* units of long work left before it is preempted */
    nanos_t switched;       /* when `current` began to run, for accounting, in TSC ticks */
    nanos_t slice_end;
    struct sched_queue queue;
    struct tree alarms; /* struct thread.alarm, struct timer.alarm */
    struct thread idle;
    uint64_t switches, shootdowns, ipis, interrupts; /* for trace_counters */
};

extern struct cpu cpus[CPUS_MAX];
extern unsigned cpu_count;

/* The path out of the kernel: does pending work and says which thread to enter. Called by the entry
 * code with the kernel lock held; releases it just before returning. */
struct thread *kernel_leave(void);
/* Entry points of the architecture's trap code; the kernel lock is held. */
void kernel_syscall(struct thread *t);
void kernel_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access);
void kernel_timer(void);      /* this CPU's timer */
void kernel_reschedule(void); /* another CPU queued something here */
