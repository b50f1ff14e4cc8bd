/* SPDX-License-Identifier: MIT */
/*
 * Memory of the program is touched to see whether it is there. A fault of the library comes to
 * touch_fixup, which lets these functions return false, and ends the program for any other.
 */
#include "lib/posix/offsets.h"

    .section .text.touch_to_read, "ax"
    .globl touch_to_read, touch_to_write, touch_text
touch_to_read:
    movb (%rdi), %al
    movl $1, %eax
    ret
touch_to_write:
    lock orb $0, (%rdi)
    movl $1, %eax
    ret
touch_text:
    movq %rdi, %rcx
    addq %rdi, %rsi /* its end */
1:  cmpb $0, (%rcx)
    je 2f
    incq %rcx
    cmpq %rsi, %rcx
    jb 1b
2:  subq %rdi, %rcx
    movq %rcx, (%rdx)
    movl $1, %eax
    ret
touch_end:

/* rdi the frame, rsi the reason; upcalls are masked for a second time. The functions above have nothing
 * on the stack but their way back. */
    .globl touch_fixup
touch_fixup:
    movq FRAME_IP(%rdi), %rax
    leaq touch_to_read(%rip), %rcx
    cmpq %rcx, %rax
    jb 1f
    leaq touch_end(%rip), %rcx
    cmpq %rcx, %rax
    jae 1f
    movq FRAME_SP(%rdi), %rsp
    movl $1, %gs:BLOCK_UPCALL_MASK
    xorl %eax, %eax
    ret
1:  movq %gs:BLOCK_UPCALL_TOP, %rsp
    andq $-16, %rsp
    movl $1, %gs:BLOCK_UPCALL_MASK
    xorl %ebp, %ebp
    call signal_fixup
    ud2
    .section .note.GNU-stack, "", @progbits
