/* SPDX-License-Identifier: MIT */
/*
 * Port contract: the processor. machine/cpu.h defines struct arch_cpu, struct arch_thread and
 *   struct cpu *cpu_self(void)            inline, cheap
 *   uint64_t arch_ticks(void)             inline; monotonic counter, same on all CPUs
 *   nanos_t arch_ticks_to_nanos(uint64_t ticks)  inline; ns = (ticks - base) * mult >> 32
 *   nanos_t arch_length(uint64_t ticks)          inline; ticks as a length of time
 *   void arch_pause(void)                 inline; spin-wait hint
 *   void kernel_lock/kernel_unlock(void)  inline; see below
 * Unless said otherwise functions run with interrupts off and the kernel lock held.
 */
#pragma once
#include "types.h"

struct boot_info;
struct cpu;
struct thread;
struct pool;

#include "machine/cpu.h"

/* Boot: once on the first CPU, after frame_init. Traps, clock, interrupt controllers from what the
 * firmware says; boot options `smt=1`. */
void arch_init(const struct boot_info *boot);
/* Starts the other CPUs, at most `limit` in all; each ends in kernel_cpu_main. Sets cpu_count.
 * Takes memory with frame_alloc_boot. */
void arch_start_cpus(unsigned limit);
_Noreturn void kernel_cpu_main(unsigned index);

/* How counter ticks become nanoseconds. */
void arch_clock_parameters(uint64_t *base, uint64_t *mult);
/* Timer interrupt of this CPU at an absolute time; NANOS_NEVER: none. Past times: at once. */
void arch_timer_set(nanos_t when);

/* A moment in which pending interrupts are taken, with the lock released. */
void arch_interrupt_window(void);
/* Waits for an interrupt with the lock released; takes it with the lock held, on an empty kernel
 * stack, and enters what kernel_leave says. */
_Noreturn void arch_idle(void);
/* Interrupts another CPU, so that it goes through kernel_leave. */
void arch_reschedule(unsigned cpu);
/* Stops all CPUs for good. */
_Noreturn void arch_halt(void);

/*
 * The one kernel lock (kernel_lock, kernel_unlock). Who has waited for long comes before those who
 * come later. The entry code takes it, kernel_leave releases it. The first CPU takes it before
 * arch_start_cpus; the others come to kernel_cpu_main with it.
 */
/* The end of kernel_cpu_main: an empty kernel stack, kernel_leave, and into the thread it names.
 * The lock is held. */
_Noreturn void arch_enter(void);

/* Threads. */
err_t arch_thread_init(struct thread *t, struct pool *pool); /* FPU area; thread pointers */
void arch_thread_free(struct thread *t, struct pool *pool);
/* The current thread's block is at another address (become): its thread pointers as a new thread's.
 */
void arch_thread_block_moved(struct thread *t);
/* FPU state, thread pointers and address space of `from` out, of `to` in. Either may be an idle
 * thread, which has none. Same-space switches leave the address space alone. Issues the indirect
 * branch barrier between accounts. */
void arch_switch(struct thread *from, struct thread *to);
/* The current thread's own space changed (become). */
void arch_space_reload(struct thread *t);

/* 64 random bits for keys and layout; not for cryptography by itself. */
uint64_t arch_random(void);
/* Call chain from the current frame into `to`; for panic. */
size_t arch_backtrace(vaddr_t *to, size_t n);
