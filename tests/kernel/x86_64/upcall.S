/* SPDX-License-Identifier: MIT */
/*
 * Where upcalls enter the tests: saves nothing, since the kernel did; calls upcall_handler(frame,
 * reason) and goes back to what the frame says, without entering the kernel. IRETQ would take the
 * last five words of the frame, but QEMU before 9.1 reads them as the kernel would and so faults for
 * ever with SMAP: instead the place to go on at is put below the red zone of the stack that was
 * interrupted, from where RET takes it.
 */
#define GENERAL  32
#define IP       160
#define FLAGS    176
#define SP       184
#define RED_ZONE 128
#define MASK    288 /* in the thread block; checked in upcall.c */

    .text
    .globl upcall_enter
upcall_enter:
    movq %rdi, %rbx
    call upcall_handler
    xorl %eax, %eax
    jmp upcall_back

/* A fault while masked: upcall_fixed(frame) chooses where to go on; the mask is an upcall's again. */
    .globl upcall_fix
upcall_fix:
    movq %rdi, %rbx
    call upcall_fixed
    movl $1, %eax
upcall_back:
    movl %eax, %gs:MASK
    movq IP(%rbx), %rax
    movq SP(%rbx), %rdx
    subq $RED_ZONE+8, %rdx
    movq %rax, (%rdx)
    movq %rdx, SP(%rbx)
    leaq FLAGS(%rbx), %rsp
    movq GENERAL+0(%rbx), %rax
    movq GENERAL+16(%rbx), %rcx
    movq GENERAL+24(%rbx), %rdx
    movq GENERAL+32(%rbx), %rsi
    movq GENERAL+40(%rbx), %rdi
    movq GENERAL+48(%rbx), %rbp
    movq GENERAL+56(%rbx), %r8
    movq GENERAL+64(%rbx), %r9
    movq GENERAL+72(%rbx), %r10
    movq GENERAL+80(%rbx), %r11
    movq GENERAL+88(%rbx), %r12
    movq GENERAL+96(%rbx), %r13
    movq GENERAL+104(%rbx), %r14
    movq GENERAL+112(%rbx), %r15
    movq GENERAL+8(%rbx), %rbx
    popfq
    popq %rsp
    ret $RED_ZONE

/* uint64_t probe(address): the word there, or ~0 if the fix-up sends it to probe_failed. */
    .globl probe, probe_failed
probe:
    movq (%rdi), %rax
    ret
probe_failed:
    movq $-1, %rax
    ret

/*
 * uint64_t foreign_call(number, registers[13]): loads rbx rcx rdx rsi rdi rbp r8-r10 r12-r15 from the
 * array, makes a foreign system call, and stores them back. Returns rax.
 */
    .globl foreign_call
foreign_call:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rsi
    movq %rdi, %rax
    movq %rsi, %r11
    movq 0(%r11), %rbx
    movq 16(%r11), %rdx
    movq 24(%r11), %rsi
    movq 32(%r11), %rdi
    movq 40(%r11), %rbp
    movq 48(%r11), %r8
    movq 56(%r11), %r9
    movq 64(%r11), %r10
    movq 72(%r11), %r12
    movq 80(%r11), %r13
    movq 88(%r11), %r14
    movq 96(%r11), %r15
    syscall
    popq %r11
    movq %rbx, 0(%r11)
    movq %rdx, 16(%r11)
    movq %rsi, 24(%r11)
    movq %rdi, 32(%r11)
    movq %rbp, 40(%r11)
    movq %r8, 48(%r11)
    movq %r9, 56(%r11)
    movq %r10, 64(%r11)
    movq %r12, 72(%r11)
    movq %r13, 80(%r11)
    movq %r14, 88(%r11)
    movq %r15, 96(%r11)
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

/* Two-byte instructions that fault, so that a handler can step over them. */
    .globl fault_instruction, fault_divide, fault_breakpoint
fault_instruction:
    ud2
    ret
fault_divide:
    xorl %edx, %edx
    xorl %ecx, %ecx
    movl $1, %eax
    divl %ecx
    ret
fault_breakpoint:
    int3
    ret
    .section .note.GNU-stack, "", @progbits
