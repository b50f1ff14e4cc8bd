/* SPDX-License-Identifier: MIT */
/*
 * Offsets into structures for signal.S, checked in signal_frame.c; and what the library has in the
 * thread block beside lib/bare.
 */
#pragma once

/* Places in thread_block.user. */
#define USER_SIGNALS 8 /* the thread's struct thread_signals */
#define USER_RESUME  9 /* what signal_resume loads last: rax rcx rsi rdi r11 ip */

#define BLOCK_UPCALL_TOP     280
#define BLOCK_UPCALL_MASK    288
#define BLOCK_UPCALL_PENDING 292
#define BLOCK_USER           520
#define FRAME_GENERAL        32
#define FRAME_IP             160
#define FRAME_FLAGS          176
#define FRAME_SP             184
#define FLAGS_OF_USER                                                                              \
    0x40cd5          /* that a program may change: not that by which it would trap in here */
#define YIELD 0x102c /* SYSCALL_BASE + SYSCALL_thread_yield */
