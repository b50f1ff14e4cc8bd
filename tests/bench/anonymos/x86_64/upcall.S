/* SPDX-License-Identifier: MIT */
/*
 * The least that a program can do with an upcall: a Linux system call gets a constant answer, a fault
 * continues behind the place that faulted. rdi is the frame and rsi the reason; all registers but
 * those two, rcx and r11 are still the program's (abi/upcall.h).
 */
#include "tests/bench/anonymos/upcall.h"

    .text
    .globl upcall_entry
upcall_entry:
    movl $0, %gs:BLOCK_UPCALL_MASK
    test %esi, %esi /* UPCALL_FOREIGN is 0 */
    jnz 1f
    mov $FOREIGN_ANSWER, %eax
2:  mov FRAME_RSI(%rdi), %rsi
    lea FRAME_IP(%rdi), %rsp
    mov FRAME_RDI(%rdi), %rdi
    iretq
1:  movq $fault_resume, FRAME_IP(%rdi)
    jmp 2b

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
