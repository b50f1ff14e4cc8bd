/* SPDX-License-Identifier: MIT */
/*
 * User registers of a thread. The order is known to entry.S (machine/offsets.h); a0..a8 are rdi rsi
 * rdx r10 r8 r9 r12 r13 rbx. cs and ss are constant: user mode has one code and one data segment.
 */
#pragma once
#include "abi/ipc.h"
#include "machine/offsets.h"
#include "types.h"

#define MACHINE_RED_ZONE 128u

struct regs {
    uint64_t a[9];
    uint64_t r14, r15, rbp;
    uint64_t status;                /* rax */
    uint64_t rcx, r11;              /* valid if full */
    uint64_t full;                  /* restore rcx and r11 too and leave by IRETQ; else by SYSRET */
    uint64_t ip, cs, flags, sp, ss; /* as IRETQ takes them */
};

#define FLAGS_USER 0x202u /* interrupts on; bit 1 is always set */

/* As frames have them: rax rbx rcx rdx rsi rdi rbp r8 .. r15 */
static inline void regs_general(const struct regs *r, uint64_t *g) {
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

static inline void regs_frame(const struct regs *r, struct upcall_frame *frame) {
    regs_general(r, frame->general);
    frame->ip = r->ip;
    frame->cs = USER_CODE;
    frame->flags = r->flags;
    frame->sp = r->sp;
    frame->ss = USER_DATA;
}

static inline void regs_upcall(struct regs *r, vaddr_t entry, vaddr_t sp, vaddr_t frame,
                               uint64_t reason) {
    r->a[0] = frame;
    r->a[1] = reason;
    r->ip = entry;
    r->sp = sp;
    r->flags = FLAGS_USER;
    r->full = 0; /* an upcall begins like a function: rcx and r11 mean nothing */
}
