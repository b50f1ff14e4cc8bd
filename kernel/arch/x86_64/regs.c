/* SPDX-License-Identifier: MIT */
/*
 * The saved registers of threads, for upcalls and debuggers. An instruction pointer that leaves the
 * kernel from here is below USER_END: SYSRET faults in kernel mode on others (SDM vol. 2B, SYSRET),
 * so they become 0, where user code faults as it would have.
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

static vaddr_t user_ip(vaddr_t ip) {
    return likely(ip < USER_END) ? ip : 0;
}

void regs_start(struct regs *r, vaddr_t ip, vaddr_t sp, uint64_t argument) {
    *r = (struct regs){.ip = user_ip(ip), .sp = sp, .flags = FLAGS_USER, .full = 1};
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

/* rax rbx rcx rdx rsi rdi rbp r8 .. r15 */
static void general_read(const struct regs *r, uint64_t *g) {
    g[0] = r->status;
    g[1] = r->a[8];
    g[2] = r->full ? r->rcx : r->ip;
    g[3] = r->a[2];
    g[4] = r->a[1];
    g[5] = r->a[0];
    g[6] = r->rbp;
    g[7] = r->a[4];
    g[8] = r->a[5];
    g[9] = r->a[3];
    g[10] = r->full ? r->r11 : r->flags;
    g[11] = r->a[6];
    g[12] = r->a[7];
    g[13] = r->r14;
    g[14] = r->r15;
    g[15] = 0;
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

void regs_frame(const struct regs *r, struct upcall_frame *frame) {
    general_read(r, frame->general);
    frame->ip = r->ip;
    frame->cs = USER_CODE;
    frame->flags = r->flags;
    frame->sp = r->sp;
    frame->ss = USER_DATA;
}

void regs_upcall(struct regs *r, vaddr_t entry, vaddr_t sp, vaddr_t frame, uint64_t reason) {
    r->a[0] = frame;
    r->a[1] = reason;
    r->ip = user_ip(entry);
    r->sp = sp;
    r->flags = FLAGS_USER;
    r->full = 0; /* an upcall begins like a function: rcx and r11 mean nothing */
}

void regs_read(const struct thread *t, struct thread_registers *to) {
    general_read(&t->regs, to->general);
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
