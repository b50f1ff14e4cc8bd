/* SPDX-License-Identifier: MIT */
/*
 * What a thread has beyond its saved registers: extended state (FPU, vectors) and thread pointers.
 * They are in the hardware exactly while the thread is its CPU's `loaded`, and in memory otherwise.
 */
#include "arch/cpu.h"
#include "arch/pagetable.h"
#include "arch/switch.h"
#include "machine/instr.h"
#include "machine/port.h"
#include "pool.h"
#include "string.h"

/* Layout of the legacy area (SDM vol. 1, 13.4.1) and its values after reset. */
#define STATE_FCW   0
#define STATE_MXCSR 24
#define FCW_RESET   0x037f
#define MXCSR_RESET 0x1f80

#define MSR_PRED_CMD 0x49 /* bit 0: indirect branch barrier (SDM vol. 4, table 2-2) */
#define CR3_NO_FLUSH (1ull << 63)

_Static_assert(offsetof(struct cpu, arch.self) == CPU_SELF, "");
_Static_assert(offsetof(struct cpu, arch.user_sp) == CPU_USER_SP, "");
_Static_assert(offsetof(struct cpu, arch.stack) == CPU_STACK, "");
_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "");
_Static_assert(offsetof(struct thread, regs) == 0, "entry.S takes one for the other");
_Static_assert(SYSCALL_NATIVE == SYSCALL_BASE && SYSCALL_call == 0 && SYSCALL_reply_wait == 1 &&
                   SYSCALL_forward_wait == 2,
               "");
_Static_assert(offsetof(struct regs, r14) == REGS_R14, "");
_Static_assert(offsetof(struct regs, status) == REGS_STATUS, "");
_Static_assert(offsetof(struct regs, full) == REGS_FULL, "");
_Static_assert(offsetof(struct regs, ip) == REGS_IP, "");
_Static_assert(offsetof(struct regs, ss) == REGS_SS, "");

static size_t state_allocation(void) {
    return sizeof(struct arch_thread) * 2 + xsave_bytes; /* room to align it */
}

err_t arch_thread_init(struct thread *t, struct pool *pool) {
    void *memory = pool_alloc(pool, state_allocation());
    if (!memory)
        return ERROR(NO_MEMORY);
    t->arch = (struct arch_thread *)round_up((vaddr_t)memory, _Alignof(struct arch_thread));
    t->arch->memory = memory;
    *(uint16_t *)&t->arch->state[STATE_FCW] = FCW_RESET;
    *(uint32_t *)&t->arch->state[STATE_MXCSR] = MXCSR_RESET;
    return OK;
}

void arch_thread_free(struct thread *t, struct pool *pool) {
    for (unsigned i = 0; i < cpu_count; i++)
        if (cpus[i].loaded == t)
            cpus[i].loaded = &cpus[i].idle;
    if (t->arch)
        pool_free(pool, t->arch->memory, state_allocation());
    t->arch = NULL;
}

static void save(struct arch_thread *a) {
    thread_state_save(a);
    __asm__ volatile("rdfsbase %0" : "=r"(a->fs_base));
}

static void load_pointers(const struct thread *t) {
    __asm__ volatile("wrfsbase %0" ::"r"(t->arch->fs_base));
    __asm__ volatile("swapgs; wrgsbase %0; swapgs" ::"r"(t->block_address));
}

void arch_thread_block_moved(struct thread *t) {
    t->arch->fs_base = 0;
    load_pointers(t);
}

void arch_switch(struct thread *from, struct thread *to) {
    struct cpu *cpu = cpu_self();
    if (from->arch && to->arch) {
        arch_switch_fast(cpu, from, to);
        return;
    }
    if (from->arch)
        save(from->arch);
    if (to->arch) {
        thread_state_load(to->arch);
        load_pointers(to);
        space_load(cpu, to);
    }
    cpu->loaded = to;
}

void arch_space_reload(struct thread *t) {
    space_load(cpu_self(), t);
}

static void branch_barrier(struct cpu *cpu, struct thread *to) {
    uint64_t account = to->process->object.pool->account->identity;
    if (cpu->arch.barrier && cpu->arch.account != account)
        write_msr(MSR_PRED_CMD, 1);
    cpu->arch.account = account;
}

/* A PCID belongs to one table per CPU; taking it over flushes it (SDM vol. 3A 4.10.4.1). */
void space_load_careful(struct cpu *cpu, struct thread *to) {
    branch_barrier(cpu, to);
    if (!cpu->arch.has_pcid) {
        write_cr3(to->table);
        return;
    }
    for (unsigned i = 0; i < PCID_SLOTS; i++)
        if (cpu->arch.pcid[i] == to->table) {
            write_cr3(to->table | (i + 1) | CR3_NO_FLUSH);
            return;
        }
    unsigned i = cpu->arch.pcid_next++ % PCID_SLOTS;
    cpu->arch.pcid[i] = to->table;
    write_cr3(to->table | (i + 1));
}
