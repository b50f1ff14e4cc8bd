/* SPDX-License-Identifier: MIT */
/*
 * User registers of a thread. The order is known to entry.S (machine/offsets.h); a0..a8 are rdi rsi
 * rdx r10 r8 r9 r12 r13 rbx. cs and ss are constant: user mode has one code and one data segment.
 */
#pragma once
#include <stdint.h>

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
