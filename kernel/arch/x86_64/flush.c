/* SPDX-License-Identifier: MIT */
/*
 * Translations that CPUs remember. A CPU whose address space changes under it is asked by interrupt
 * and answers without the kernel lock, in user mode, idle, or while it waits for the lock with
 * interrupts off: the one who asks holds the lock, so there is one request at a time. A CPU changes
 * its `root` only with the lock, so the one who asks sees which CPUs are concerned; for the others,
 * with PCIDs, it is enough to forget that they had seen the space.
 */
#include "arch/pagetable.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>
#include <timer.h>

#define PAGES_SINGLY 32 /* more are flushed all at once */
#define SHORT_WAIT                                                                                 \
    50000 /* nanoseconds at the kernel lock, before a CPU asks to be one of the next */

struct kernel_lock_word kernel_lock_word;

static struct {
    vaddr_t va;
    uint64_t pages; /* 0: the whole space */
    bool leave;     /* load the kernel's own table: the space goes away */
} request;

static void pcid_forget(struct cpu *cpu, paddr_t root) {
    for (unsigned i = 0; i < PCID_SLOTS; i++)
        if (cpu->arch.pcid[i] == root)
            cpu->arch.pcid[i] = 0;
}

/* A CPU that runs nobody leaves the space: else it would be asked again for each change. */
static void flush_here(struct cpu *cpu) {
    if (request.leave || cpu->loaded->idle) {
        pcid_forget(cpu, cpu->arch.root);
        cpu->arch.root = kernel_table;
        write_cr3(kernel_table);
    } else if (!request.pages) {
        write_cr3(read_cr3());
    } else {
        for (uint64_t i = 0; i < request.pages; i++)
            __asm__ volatile("invlpg (%0)" ::"r"(request.va + i * PAGE_BYTES) : "memory");
    }
}

void flush_serve(void) {
    struct cpu *cpu = cpu_self();
    if (!__atomic_load_n(&cpu->arch.flush_wanted, __ATOMIC_ACQUIRE))
        return;
    flush_here(cpu);
    __atomic_store_n(&cpu->arch.flush_wanted, false, __ATOMIC_RELEASE);
}

/* It is free, or left to us and others. */
static bool try_lock(uint32_t us) {
    uint32_t held = kernel_lock_word.held;
    if (held & us)
        return __atomic_compare_exchange_n(&kernel_lock_word.held, &held, 1, false,
                                           __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
    return !held && !(__atomic_fetch_or(&kernel_lock_word.held, 1, __ATOMIC_ACQUIRE) & 1);
}

/* Bit 0 is set while there is any other. */
static void leave_waiters(uint32_t us) {
    uint32_t old = kernel_lock_word.after, rest;
    do
        rest = old == (us | 1) ? 0 : old & ~us;
    while (!__atomic_compare_exchange_n(&kernel_lock_word.after, &old, rest, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

void kernel_lock_wait(void) {
    uint32_t us = KERNEL_LOCK_FOR(cpu_self()->index);
    nanos_t patience = clock_now() + SHORT_WAIT;
    bool asked = false;
    while (!try_lock(us)) {
        if (!asked && clock_now() > patience) {
            __atomic_fetch_or(&kernel_lock_word.after, us | 1, __ATOMIC_RELAXED);
            asked = true;
        }
        flush_serve();
        arch_pause();
    }
    if (asked)
        leave_waiters(us);
}

/* Carries out `request` on all CPUs that have `root` loaded; the others forget that they had. */
static void flush_everywhere(paddr_t root) {
    struct cpu *self = cpu_self();
    uint64_t asked = 0;
    for (unsigned i = 0; i < cpu_count; i++) {
        bool loaded = cpus[i].arch.root == root;
        if (!loaded || request.leave)
            pcid_forget(&cpus[i], root);
        if (loaded && &cpus[i] != self) {
            __atomic_store_n(&cpus[i].arch.flush_wanted, true, __ATOMIC_RELEASE);
            apic_send(cpus[i].arch.apic_id, APIC_FIXED | VECTOR_SHOOTDOWN);
            asked |= cpus[i].arch.bit;
            self->shootdowns++;
        }
    }
    if (self->arch.root == root) {
        flush_here(self);
        self->shootdowns++;
    }
    for (unsigned i = 0; asked >> i; i++)
        while (asked >> i & 1 && __atomic_load_n(&cpus[i].arch.flush_wanted, __ATOMIC_ACQUIRE))
            arch_pause();
}

void tlb_shootdown(struct space *s, vaddr_t va, uint64_t n) {
    if (!s->ran)
        return;
    if (n == 1 && cpu_count == 1 && cpu_self()->arch.root == s->table) {
        tlb_flush_page(va);
        return;
    }
    request.va = va;
    request.pages = n > PAGES_SINGLY ? 0 : n;
    request.leave = false;
    flush_everywhere(s->table);
}

void flush_forget(paddr_t root) {
    request.leave = true;
    flush_everywhere(root);
}

void tlb_flush_page(vaddr_t va) {
    __asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
    cpu_self()->shootdowns++;
}
