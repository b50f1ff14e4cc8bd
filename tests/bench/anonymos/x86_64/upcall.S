/* SPDX-License-Identifier: MIT */
/*
 * The least that a program can do with an upcall: a Linux system call gets a constant answer, a fault
 * continues behind the place that faulted. rdi is the frame and rsi the reason; all registers but
 * those two, rcx and r11 are still the program's (abi/upcall.h).
 *
 * The way back is not IRETQ, which the processor would allow: QEMU 7.2 reads the words that it
 * pops as the kernel would, and so faults for ever in user mode with SMAP. After a system call rcx
 * and r11 are free, and a jump does; else the place to go on at is put below the program's red zone,
 * from where RET takes it.
 */
#include "tests/bench/anonymos/upcall.h"

    .text
    .globl upcall_entry
upcall_entry:
    movl $0, %gs:BLOCK_UPCALL_MASK
    test %esi, %esi /* UPCALL_FOREIGN is 0 */
    jnz fault
    mov $FOREIGN_ANSWER, %eax
    mov FRAME_IP(%rdi), %rcx
    mov FRAME_RSI(%rdi), %rsi
    lea FRAME_FLAGS(%rdi), %rsp
    mov FRAME_RDI(%rdi), %rdi
    popfq
    pop %rsp /* FRAME_SP */
    jmp *%rcx

fault:
    mov FRAME_SP(%rdi), %rsi
    sub $RED_ZONE + 8, %rsi
    movq $fault_resume, (%rsi)
    mov %rsi, FRAME_SP(%rdi)
    mov FRAME_RCX(%rdi), %rcx
    mov FRAME_R11(%rdi), %r11
    mov FRAME_RSI(%rdi), %rsi
    lea FRAME_FLAGS(%rdi), %rsp
    mov FRAME_RDI(%rdi), %rdi
    popfq
    pop %rsp
    ret $RED_ZONE

    .globl fault_once
fault_once:
    mov 16, %al
fault_resume:
    ret

    .globl foreign_call
foreign_call:
    mov $FOREIGN_NUMBER, %eax
    syscall
    ret
    .section .note.GNU-stack, "", @progbits
