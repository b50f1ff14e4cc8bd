/* SPDX-License-Identifier: MIT */
/*
 * What the port keeps per CPU and per thread. In the kernel the GS base of a CPU is its struct cpu;
 * the user's GS base is swapped out meanwhile. Code never migrates between CPUs while in the
 * kernel.
 */
#pragma once
#include "machine/offsets.h"
#include "types.h"

#define PCID_SLOTS 6

/* Task state segment: stacks only (SDM vol. 3A 8.7). */
struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

struct arch_cpu {
    struct cpu *self;
    uint64_t user_sp; /* scratch of the entry code */
    vaddr_t stack;    /* top of the kernel stack, as after an entry */
    paddr_t root;     /* page table loaded */
    uint64_t bit;     /* 1 << index */
    bool careful;     /* address-space switches need more than CR3, namely: */
    bool has_pcid;    /* translations tagged with process-context identifiers */
    bool barrier;     /* indirect branch barrier between accounts */
    bool online;
    bool flush_wanted; /* flush.c: written by one CPU, answered by another, outside the lock */
    uint8_t pcid_next;
    uint32_t apic_id;
    nanos_t timer_at;         /* what the timer is set to */
    paddr_t pcid[PCID_SLOTS]; /* whose entries the TLB may hold under which PCID - 1 */
    uint64_t account;         /* identity of the last one whose code ran here */
    struct tss tss;
};

/* The extended state follows at the next multiple of 64 bytes. */
struct arch_thread {
    uint64_t fs_base;
    void *memory; /* as allocated */
    uint64_t reserved[6];
    uint8_t state[]; /* XSAVE area */
} __attribute__((aligned(64)));

static inline struct cpu *cpu_self(void) {
    struct cpu *c;
    __asm__("mov %%gs:%c1, %0" : "=r"(c) : "i"(CPU_SELF));
    return c;
}
static inline uint64_t arch_ticks(void) {
    uint64_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return high << 32 | low;
}
extern uint64_t tick_base, nanos_per_tick; /* clock.c */
static inline nanos_t arch_length(uint64_t ticks) {
    uint64_t high;
    __asm__("mulq %2\n\tshrd $32, %1, %0" : "+a"(ticks), "=&d"(high) : "m"(nanos_per_tick) : "cc");
    return ticks;
}
static inline nanos_t arch_ticks_to_nanos(uint64_t ticks) {
    return arch_length(ticks - tick_base);
}
static inline void arch_pause(void) {
    __asm__ volatile("pause" ::: "memory");
}
/*
 * The kernel lock. `held` is 0 when it is free and 1 when it is held. Who has waited for long puts
 * its bit, KERNEL_LOCK_FOR(its index), and bit 0 into `after`; the holder then leaves that in
 * `held` instead of 0, and whoever has a bit there can take it, nobody else. It is left to all of
 * them: where a hypervisor has taken a processor away from one, the others do not wait for it.
 */
struct kernel_lock_word {
    volatile uint32_t held;
    volatile uint32_t after;
};
#define KERNEL_LOCK_FOR(cpu) (2u << (cpu))
extern struct kernel_lock_word kernel_lock_word;
/* Waits for it; answers requests of other CPUs meanwhile. */
void kernel_lock_wait(void);

static inline void kernel_lock(void) {
    if (unlikely(__atomic_fetch_or(&kernel_lock_word.held, 1, __ATOMIC_ACQUIRE) & 1))
        kernel_lock_wait();
    __asm__ volatile("" ::: "memory");
}
static inline void kernel_unlock(void) {
    __atomic_store_n(&kernel_lock_word.held, kernel_lock_word.after, __ATOMIC_RELEASE);
}
