/* SPDX-License-Identifier: MIT */
/*
 * The way into lib/linux and back. An upcall begins with the stack pointer at the frame, where all the
 * program's general registers are. A call comes back with those that C keeps as they were, loads the
 * others and goes on as signal_resume does (lib/posix/x86_64/signal.S), with rcx and r11 as
 * SYSCALL leaves them on Linux: where it goes on, and the flags.
 */
#include "lib/posix/offsets.h"

#define SAVED(n)   %gs:BLOCK_USER+8*(USER_RESUME+(n))
#define GENERAL(n) FRAME_GENERAL+8*(n)

    .section .text.linux_upcall_entry, "ax"
    .globl linux_upcall_entry
linux_upcall_entry:
    testl %esi, %esi /* UPCALL_FOREIGN is 0 */
    jnz signal_upcall_entry
    call linux_call
    movq %rax, SAVED(0)
    movq FRAME_IP(%rsp), %rcx
    movq GENERAL(4)(%rsp), %rsi
    movq GENERAL(5)(%rsp), %rdi
    andq $FLAGS_OF_USER, FRAME_FLAGS(%rsp)
    movq FRAME_FLAGS(%rsp), %r11
    movq %rcx, SAVED(1)
    movq %rsi, SAVED(2)
    movq %rdi, SAVED(3)
    movq %r11, SAVED(4)
    movq %rcx, SAVED(5)
    movq GENERAL(3)(%rsp), %rdx
    movq GENERAL(7)(%rsp), %r8
    movq GENERAL(8)(%rsp), %r9
    movq GENERAL(9)(%rsp), %r10
    addq $FRAME_FLAGS, %rsp
    popfq
    popq %rsp
    jmp signal_resume_open

/* _Noreturn void linux_enter(uint64_t entry, uint64_t stack) */
    .section .text.linux_enter, "ax"
    .globl linux_enter
linux_enter:
    movq %rsi, %rsp
    movq %rdi, %rcx
    xorl %eax, %eax
    wrfsbase %rax
    xorl %ebx, %ebx
    xorl %edx, %edx /* no function to call at the end */
    xorl %ebp, %ebp
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    jmp *%rcx

    .section .text.linux_thread_entry, "ax"
    .globl linux_thread_entry
linux_thread_entry:
    movq %rsp, %rdi
    xorl %ebp, %ebp
    call linux_thread_begin
    ud2

    .section .text.linux_fs, "ax"
    .globl linux_fs, linux_fs_set
linux_fs:
    rdfsbase %rax
    ret
linux_fs_set:
    wrfsbase %rdi
    ret
    .section .note.GNU-stack, "", @progbits
