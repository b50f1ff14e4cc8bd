/* SPDX-License-Identifier: MIT */
/*
 * Every way between user and kernel mode. An entry stores the user's registers into the running
 * thread, takes the CPU's empty kernel stack and calls C; the way out restores the thread that C
 * names. Interrupts are off throughout. Nothing is ever on a kernel stack across an exit, and
 * user GS is swapped out exactly while in the kernel; an interrupt that ends idling goes the way of
 * one in user mode, with nothing to save; the handlers on stacks of their own (NMI,
 * double fault, machine check) never return and so do not care.
 */
#include "machine/offsets.h"

    .text

.macro SAVE_REGISTERS thread
    mov %rsi, REGS_A(1)(\thread)
    mov %rdx, REGS_A(2)(\thread)
    mov %r10, REGS_A(3)(\thread)
    mov %r8, REGS_A(4)(\thread)
    mov %r9, REGS_A(5)(\thread)
    mov %r12, REGS_A(6)(\thread)
    mov %r13, REGS_A(7)(\thread)
    mov %rbx, REGS_A(8)(\thread)
    mov %r14, REGS_R14(\thread)
    mov %r15, REGS_R15(\thread)
    mov %rbp, REGS_RBP(\thread)
    mov %rax, REGS_STATUS(\thread)
.endm

.macro LOAD_REGISTERS thread
    mov REGS_A(0)(\thread), %rdi
    mov REGS_A(1)(\thread), %rsi
    mov REGS_A(2)(\thread), %rdx
    mov REGS_A(3)(\thread), %r10
    mov REGS_A(4)(\thread), %r8
    mov REGS_A(5)(\thread), %r9
    mov REGS_A(6)(\thread), %r12
    mov REGS_A(7)(\thread), %r13
    mov REGS_A(8)(\thread), %rbx
    mov REGS_R14(\thread), %r14
    mov REGS_R15(\thread), %r15
    mov REGS_RBP(\thread), %rbp
    mov REGS_STATUS(\thread), %rax
.endm

/* SYSCALL: ip in rcx, flags in r11, the user's stack pointer still in place (SDM 2B, SYSCALL). */
    .balign 64
    .globl entry_syscall
entry_syscall:
    swapgs
    mov %rsp, %gs:CPU_USER_SP
    mov %gs:CPU_CURRENT, %rsp
    mov %rdi, REGS_A(0)(%rsp)
    SAVE_REGISTERS %rsp
    movq $0, REGS_FULL(%rsp)
    mov %rcx, REGS_IP(%rsp)
    mov %r11, REGS_FLAGS(%rsp)
    mov %gs:CPU_USER_SP, %rcx
    mov %rcx, REGS_SP(%rsp)
    mov %rsp, %rdi
    mov %gs:CPU_STACK, %rsp
    lock btsl $0, kernel_lock_word(%rip) /* kernel_lock */
    jc 4f
1:  sub $SYSCALL_NATIVE, %rax /* 0: call, 1: reply_wait, 2: forward_wait */
    je 2f
    cmp $2, %rax
    jb 3f
    je 5f
6:  mov %rax, %rsi
    call kernel_syscall

/* rax: the thread to enter; the lock is released. */
enter:
    mov %rax, %rsp
    cmpl $0, REGS_FULL(%rsp)
    jne enter_full
    LOAD_REGISTERS %rsp
    mov REGS_IP(%rsp), %rcx
    mov REGS_FLAGS(%rsp), %r11
    mov REGS_SP(%rsp), %rsp
    swapgs
    sysretq

2:  call message_fast_call
    test %rax, %rax
    jnz enter_message
    jmp 7f
3:  call message_fast_reply_wait
    test %rax, %rax
    jnz enter_message
    jmp 7f
5:  call message_fast_forward_wait
    test %rax, %rax
    jnz enter_message
7:  mov %rdx, %rax
    test %rax, %rax
    jnz enter
    mov %gs:CPU_CURRENT, %rdi
    mov REGS_STATUS(%rdi), %rax
    sub $SYSCALL_NATIVE, %rax
    jmp 6b

4:  call kernel_lock_wait
    mov %gs:CPU_CURRENT, %rdi
    mov REGS_STATUS(%rdi), %rax
    jmp 1b

/* rax: the receiver of a message, rdx: its sender, whose registers have the words. The status is 0. */
enter_message:
    mov REGS_A(1)(%rdx), %rsi
    mov REGS_A(3)(%rdx), %r10
    mov REGS_A(4)(%rdx), %r8
    mov REGS_A(5)(%rdx), %r9
    mov REGS_A(6)(%rdx), %r12
    mov REGS_A(7)(%rdx), %r13
    mov REGS_A(2)(%rdx), %rdx
    mov kernel_lock_word + 4(%rip), %ecx /* kernel_unlock */
    mov %ecx, kernel_lock_word(%rip)
    mov REGS_A(0)(%rax), %rdi
    mov REGS_A(8)(%rax), %rbx
    mov REGS_R14(%rax), %r14
    mov REGS_R15(%rax), %r15
    mov REGS_RBP(%rax), %rbp
    mov REGS_IP(%rax), %rcx
    mov REGS_FLAGS(%rax), %r11
    mov REGS_SP(%rax), %rsp
    xor %eax, %eax
    swapgs
    sysretq

enter_full:
    LOAD_REGISTERS %rsp
    mov REGS_RCX(%rsp), %rcx
    mov REGS_R11(%rsp), %r11
    lea REGS_IP(%rsp), %rsp
    swapgs
    iretq

    .globl arch_enter
arch_enter:
    mov %gs:CPU_STACK, %rsp
    xor %ebp, %ebp
    call trap_leave
    jmp enter

/* Exceptions and interrupts. On the stack: vector, error code, ip, cs, flags, sp, ss. */
trap:
    cld
    clac
    testb $3, 24(%rsp)
    jz trap_in_kernel
    swapgs
    lfence /* the test above may have been mispredicted (CVE-2019-1125) */
    push %rdi
    mov %gs:CPU_CURRENT, %rdi
    SAVE_REGISTERS %rdi
    mov %rcx, REGS_RCX(%rdi)
    mov %r11, REGS_R11(%rdi)
    movq $1, REGS_FULL(%rdi)
    popq REGS_A(0)(%rdi)
    pop %rsi
    pop %rdx
    popq REGS_IP(%rdi)
    popq REGS_CS(%rdi)
    popq REGS_FLAGS(%rdi)
    popq REGS_SP(%rdi)
    popq REGS_SS(%rdi)
    call trap_user
    jmp enter

    .globl arch_idle
arch_idle:
    mov kernel_lock_word + 4(%rip), %ecx /* kernel_unlock */
    mov %ecx, kernel_lock_word(%rip)
    sti /* takes effect one instruction later */
    hlt
idle_over:
    jmp idle_over

trap_in_kernel:
    lfence
    cmpq $idle_over, 16(%rsp)
    je trap_at_idle
    push %rax
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %rdi
    call trap_kernel
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rbp
    pop %rbx
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq

trap_at_idle:
    pop %rsi
    mov %gs:CPU_CURRENT, %rdi
    mov %gs:CPU_STACK, %rsp
    call trap_user
    jmp enter

/* On a stack of its own, at whose end stands the CPU's struct cpu. */
trap_fatal:
    cld
    push %rax
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %rdi
    mov %rsp, %rax
    or $4095, %rax
    mov -15(%rax), %rax
    wrgsbase %rax
    call trap_panic

/* One entry of 16 bytes per vector. Some exceptions push an error code (SDM vol. 3A 6.13). */
    .balign 16
    .globl trap_vectors
trap_vectors:
    .set vector, 0
    .rept 256
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    push $0
    .endif
    push $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp trap_fatal
    .else
    jmp trap
    .endif
    .set vector, vector + 1
    .endr

    .section .note.GNU-stack, "", @progbits
