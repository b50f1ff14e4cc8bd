/* SPDX-License-Identifier: MIT */
/*
 * The saved registers of threads, for upcalls and debuggers. An instruction pointer that leaves the
 * kernel is below USER_END: SYSRET faults in kernel mode on others (SDM vol. 2B, SYSRET). The
 * system calls that set one check it.
 */
#include "arch/regs.h"

#include "abi/ipc.h"
#include "abi/syscall.h"
#include "arch/layout.h"
#include "machine/instr.h"
#include "machine/port.h"
#include "string.h"
#include <cpu.h>

/* What user code may set: the arithmetic flags, TF, DF, RF, AC, ID (SDM vol. 1, 3.4.3). */
#define FLAGS_WRITABLE 0x250dd5u

#define SYSCALL_BYTES 2u /* SDM vol. 2B, SYSCALL: 0F 05 */

void regs_start(struct regs *r, vaddr_t ip, vaddr_t sp, uint64_t argument) {
    *r = (struct regs){.ip = ip, .sp = sp, .flags = FLAGS_USER, .full = 1};
    r->cs = USER_CODE;
    r->ss = USER_DATA;
    r->a[0] = argument;
}

void regs_set_full(struct regs *r) {
    if (r->full)
        return;
    r->rcx = r->ip; /* as SYSCALL leaves them */
    r->r11 = r->flags;
    r->full = 1;
}

void regs_rewind(struct regs *r) {
    regs_set_full(r);
    r->ip -= SYSCALL_BYTES;
}

static void general_write(struct regs *r, const uint64_t *g) {
    r->status = g[0];
    r->a[8] = g[1];
    r->rcx = g[2];
    r->a[2] = g[3];
    r->a[1] = g[4];
    r->a[0] = g[5];
    r->rbp = g[6];
    r->a[4] = g[7];
    r->a[5] = g[8];
    r->a[3] = g[9];
    r->r11 = g[10];
    r->a[6] = g[11];
    r->a[7] = g[12];
    r->r14 = g[13];
    r->r15 = g[14];
    r->full = 1;
}

void regs_read(const struct thread *t, struct thread_registers *to) {
    regs_general(&t->regs, to->general);
    to->ip = t->regs.ip;
    to->sp = t->regs.sp;
    to->flags = t->regs.flags;
    to->fs_base = t->arch->fs_base;
    to->gs_base = t->block_address;
    to->status = 0;
}

bool regs_write(struct thread *t, const struct thread_registers *from) {
    if (from->ip >= USER_END || from->fs_base >= USER_END)
        return false;
    general_write(&t->regs, from->general);
    t->regs.ip = from->ip;
    t->regs.sp = from->sp;
    t->regs.flags = (from->flags & FLAGS_WRITABLE) | FLAGS_USER;
    t->regs.cs = USER_CODE;
    t->regs.ss = USER_DATA;
    t->arch->fs_base = from->fs_base;
    return true;
}
