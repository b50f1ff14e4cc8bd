/* SPDX-License-Identifier: MIT */
/*
 * The two ends of a fork: what a return needs is kept in a struct fork_point (lib/posix/fork.h), and
 * the child, which has a copy of it and of the stack, returns once more with that. Registers that
 * calls do not keep are nobody's; of the extended state calls keep the control words alone.
 */

/* bool fork_point_set(struct fork_point *point): false; true in the child. */
    .section .text.fork_point_set, "ax"
    .globl fork_point_set
fork_point_set:
    movq %rbx, (%rdi)
    movq %rbp, 8(%rdi)
    movq %r12, 16(%rdi)
    movq %r13, 24(%rdi)
    movq %r14, 32(%rdi)
    movq %r15, 40(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 48(%rdi)
    movq (%rsp), %rax
    movq %rax, 56(%rdi)
    rdfsbase %rax
    movq %rax, 64(%rdi)
    stmxcsr 72(%rdi)
    fnstcw 76(%rdi)
    xorl %eax, %eax
    ret

/* Where `proc` starts the child: the argument is its copy of the point. */
    .section .text.fork_point_go, "ax"
    .globl fork_point_go
fork_point_go:
    movq 64(%rdi), %rax
    wrfsbase %rax
    ldmxcsr 72(%rdi)
    fldcw 76(%rdi)
    movq (%rdi), %rbx
    movq 8(%rdi), %rbp
    movq 16(%rdi), %r12
    movq 24(%rdi), %r13
    movq 32(%rdi), %r14
    movq 40(%rdi), %r15
    movq 48(%rdi), %rsp
    movl $1, %eax
    jmp *56(%rdi)

/* void fork_leave(uint64_t entry, uint64_t stack): goes on at `entry` with that stack. */
    .section .text.fork_leave, "ax"
    .globl fork_leave
fork_leave:
    movq %rsi, %rsp
    jmp *%rdi
    .section .note.GNU-stack, "", @progbits
