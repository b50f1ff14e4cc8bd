/* SPDX-License-Identifier: MIT */
/*
 * Exchange of what the hardware holds of a thread beyond the registers that every entry saves:
 * extended state, the FS base, the address space; and the GS base, which is the thread block's
 * address whatever the user has made of it. That is in the swapped-out register meanwhile, so it is
 * reached between two SWAPGS; nothing here may fault in between.
 */
#pragma once
#include "process.h"
#include "space.h"
#include "thread.h"
#include <cpu.h> /* not the one beside this file */

/* thread.c: PCID and branch barrier. */
void space_load_careful(struct cpu *cpu, struct thread *to);

static inline void space_load(struct cpu *cpu, struct thread *to) {
    paddr_t root = to->table;
    if (cpu->arch.root == root)
        return;
    cpu->arch.root = root;
    cpu->switches++;
    if (unlikely(cpu->arch.careful))
        space_load_careful(cpu, to);
    else
        __asm__ volatile("mov %0, %%cr3" ::"r"(root) : "memory");
}

static inline void thread_state_save(struct arch_thread *a) {
    __asm__ volatile("xsaveopt64 %0" : "+m"(*a->state) : "a"(-1), "d"(-1) : "memory");
}
static inline void thread_state_load(struct arch_thread *a) {
    __asm__ volatile("xrstor64 %0" ::"m"(*a->state), "a"(-1), "d"(-1) : "memory");
}

static inline void arch_copy(void *to, const void *from, size_t n) {
    size_t rest = n & 7;
    n >>= 3;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n)::"memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest)::"memory");
}

static inline void arch_switch_fast(struct cpu *cpu, struct thread *from, struct thread *to) {
    struct arch_thread *out = from->arch, *in = to->arch;
    thread_state_save(out);
    thread_state_load(in);
    uint64_t fs;
    __asm__ volatile("rdfsbase %0\n\t"
                     "wrfsbase %1\n\t"
                     "swapgs\n\t"
                     "wrgsbase %2\n\t"
                     "swapgs"
                     : "=&r"(fs)
                     : "r"(in->fs_base), "r"(to->block_address));
    out->fs_base = fs;
    space_load(cpu, to);
    cpu->loaded = to;
}
