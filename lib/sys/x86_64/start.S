/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of a program and of its threads. The kernel starts a thread with its
 * argument in rdi, its stack in rsp and all other registers zero.
 */
    .section .text._start, "ax"
    .globl _start
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call program_start
    ud2

/* A new thread: the argument points to struct thread_entry (lib/sys/thread.h). */
    .section .text.thread_start_up, "ax"
    .globl thread_start_up
thread_start_up:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call thread_main
    ud2

/* What tells programs of this system from those of Linux (lib/sys/elf_look.c). */
    .section .note.anonymOS, "a", @note
    .balign 4
    .long 9, 0, 1 /* bytes of the name and of what follows it; the mark */
    .asciz "anonymOS"
    .balign 4
    .section .note.GNU-stack, "", @progbits
