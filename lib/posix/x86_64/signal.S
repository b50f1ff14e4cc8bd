/* SPDX-License-Identifier: MIT */
/*
 * The ends of calls and of handlers. The library runs with upcalls masked: the first instruction of
 * each call sets the mask, and whoever clears it looks whether an interrupt came meanwhile
 * (process_upcall(2), thread_interrupt(2)).
 */
#include "lib/posix/offsets.h"

#define WORD(n)   %gs:BLOCK_USER+8*(n)
#define SAVED(n)  WORD(USER_RESUME+(n))
#define GENERAL(n) FRAME_GENERAL+8*(n)

/*
 * long __posix_call(number, a, b, c, d, e, f): what musl calls. The registers that a caller keeps,
 * the arguments and the way back are a struct call_frame (lib/posix/signals.h), so that a handler
 * can begin at the end of the call as if that had returned, or had not begun.
 */
    .section .text.__posix_call, "ax"
    .globl __posix_call
__posix_call:
    movl $1, %gs:BLOCK_UPCALL_MASK
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq 56(%rsp) /* f */
    pushq %r9
    pushq %r8
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    movq %rsp, %rdi
    call posix_call
    addq $56, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    movl $0, %gs:BLOCK_UPCALL_MASK
    cmpl $0, %gs:BLOCK_UPCALL_PENDING
    jne 1f
    ret
1:  pushq %rax
    movl $YIELD, %eax /* at its end the upcall comes */
    syscall
    popq %rax
    ret

/* Where upcalls enter: rdi the frame, which rsp is at, rsi the reason. */
    .section .text.signal_upcall_entry, "ax"
    .globl signal_upcall_entry
signal_upcall_entry:
    xorl %ebp, %ebp
    call signal_upcall
    ud2

/* void signal_leave(uint64_t stack, void (*run)(const void *), const void *argument): calls it there
 * and does not come back. */
    .section .text.signal_leave, "ax"
    .globl signal_leave
signal_leave:
    movq %rdi, %rsp
    movq %rdx, %rdi
    xorl %ebp, %ebp
    call *%rsi
    ud2

/*
 * void signal_resume(const struct upcall_frame *context): no place is written but the thread's
 * block, since the program's stack may have no room. When the mask has ended, what is still to be
 * loaded is in the block; an upcall from there finds it there (frame_settle in signal_fault.c).
 * What is between must not change the flags.
 */
    .section .text.signal_resume, "ax"
    .globl signal_resume, signal_resume_open, signal_resume_end
signal_resume:
    movq GENERAL(0)(%rdi), %rax
    movq %rax, SAVED(0)
    movq GENERAL(2)(%rdi), %rax
    movq %rax, SAVED(1)
    movq GENERAL(4)(%rdi), %rax
    movq %rax, SAVED(2)
    movq GENERAL(5)(%rdi), %rax
    movq %rax, SAVED(3)
    movq GENERAL(10)(%rdi), %rax
    movq %rax, SAVED(4)
    movq FRAME_IP(%rdi), %rax
    movq %rax, SAVED(5)
    movq GENERAL(1)(%rdi), %rbx
    movq GENERAL(3)(%rdi), %rdx
    movq GENERAL(6)(%rdi), %rbp
    movq GENERAL(7)(%rdi), %r8
    movq GENERAL(8)(%rdi), %r9
    movq GENERAL(9)(%rdi), %r10
    movq GENERAL(11)(%rdi), %r12
    movq GENERAL(12)(%rdi), %r13
    movq GENERAL(13)(%rdi), %r14
    movq GENERAL(14)(%rdi), %r15
    leaq FRAME_FLAGS(%rdi), %rsp
    movq SAVED(0), %rax
    movq SAVED(2), %rsi
    movq SAVED(3), %rdi
    movq SAVED(4), %r11
    popfq
    popq %rsp
signal_resume_open:
    movl $0, %gs:BLOCK_UPCALL_MASK
    movl %gs:BLOCK_UPCALL_PENDING, %ecx
    jrcxz 1f
    movl $YIELD, %eax
    syscall
    movq SAVED(0), %rax
    movq SAVED(2), %rsi
    movq SAVED(3), %rdi
    movq SAVED(4), %r11
1:  movq SAVED(1), %rcx
    jmp *SAVED(5)
signal_resume_end:

/* void signal_state_save(void *to), with a header that was zeroed, and signal_state_load. */
    .section .text.signal_state_save, "ax"
    .globl signal_state_save
signal_state_save:
    movl $-1, %eax
    movl $-1, %edx
    xsave64 (%rdi)
    ret

    .section .text.signal_state_load, "ax"
    .globl signal_state_load
signal_state_load:
    movl $-1, %eax
    movl $-1, %edx
    xrstor64 (%rdi)
    ret
    .section .note.GNU-stack, "", @progbits
