/* SPDX-License-Identifier: MIT */
/*
 * Exchange of what the hardware holds of a thread beyond the registers that every entry saves:
 * extended state, thread pointers, address space. The user's GS base is in the swapped-out register
 * meanwhile, so it is reached between two SWAPGS; nothing here may fault in between.
 */
#pragma once
#include "process.h"
#include "space.h"
#include "thread.h"
#include <cpu.h> /* not the one beside this file */

/* thread.c: PCID and branch barrier. */
void space_load_careful(struct cpu *cpu, struct thread *to, struct space *space);

static inline void space_load(struct cpu *cpu, struct thread *to) {
    struct space *space = to->process->space;
    paddr_t root = space->table;
    if (cpu->arch.root == root)
        return;
    cpu->arch.root = root;
    space->cpus |= cpu->arch.bit;
    cpu->switches++;
    if (unlikely(cpu->arch.careful))
        space_load_careful(cpu, to, space);
    else
        __asm__ volatile("mov %0, %%cr3" ::"r"(root) : "memory");
}

static inline void thread_state_save(struct arch_thread *a) {
    __asm__ volatile("xsaveopt64 %0" : "+m"(*a->state) : "a"(-1), "d"(-1) : "memory");
}
static inline void thread_state_load(struct arch_thread *a) {
    __asm__ volatile("xrstor64 %0" ::"m"(*a->state), "a"(-1), "d"(-1) : "memory");
}

static inline void arch_switch_fast(struct cpu *cpu, struct thread *from, struct thread *to) {
    struct arch_thread *out = from->arch, *in = to->arch;
    thread_state_save(out);
    thread_state_load(in);
    uint64_t fs, gs;
    __asm__ volatile("rdfsbase %0\n\t"
                     "wrfsbase %2\n\t"
                     "swapgs\n\t"
                     "rdgsbase %1\n\t"
                     "wrgsbase %3\n\t"
                     "swapgs"
                     : "=&r"(fs), "=&r"(gs)
                     : "r"(in->fs_base), "r"(in->gs_base));
    out->fs_base = fs;
    out->gs_base = gs;
    space_load(cpu, to);
    cpu->loaded = to;
}
