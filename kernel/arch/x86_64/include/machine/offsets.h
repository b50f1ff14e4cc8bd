/* SPDX-License-Identifier: MIT */
/*
 * Places of fields that entry.S uses, and numbers that C and assembly share. thread.c checks the
 * places against the structures.
 */
#pragma once

/* struct cpu, through GS */
#define CPU_SELF    0
#define CPU_USER_SP 8
#define CPU_STACK   16
#define CPU_CURRENT 224

#define SYSCALL_NATIVE 0x1000 /* SYSCALL_BASE of abi/syscall.h */

/* struct regs, first in struct thread */
#define REGS_A(n)   ((n)*8)
#define REGS_R14    72
#define REGS_R15    80
#define REGS_RBP    88
#define REGS_STATUS 96
#define REGS_RCX    104
#define REGS_R11    112
#define REGS_FULL   120
#define REGS_IP     128
#define REGS_CS     136
#define REGS_FLAGS  144
#define REGS_SP     152
#define REGS_SS     160

/* Segments. SYSRET takes the stack from USER_BASE + 8 and code from + 16 (SDM vol. 2B, SYSRET). */
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_BASE   0x18
#define USER_DATA   (USER_BASE + 8 + 3)
#define USER_CODE   (USER_BASE + 16 + 3)
#define FIRST_TSS   0x30

/* Interrupt vectors: exceptions up to 31, legacy controllers, devices, then the kernel's own. */
#define VECTOR_LEGACY     0x20
#define VECTOR_DEVICES    0x30
#define VECTOR_SHOOTDOWN  0xfc
#define VECTOR_RESCHEDULE 0xfd
#define VECTOR_TIMER      0xfe
#define VECTOR_SPURIOUS   0xff
