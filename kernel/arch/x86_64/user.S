/* SPDX-License-Identifier: MIT */
/*
 * Access to user memory that may fault. The faulting places and where they continue are paired in
 * trap.c. Copies go in units of 8 bytes; when such a unit faults, its bytes are tried singly, so that
 * the count returned ends exactly where the bad page begins.
 */
    .text

/* rdi to, rsi from, rdx length; returns the bytes copied. */
    .globl arch_copy_from_user, arch_copy_to_user
arch_copy_from_user:
arch_copy_to_user:
    stac
    mov %rdx, %rcx
    shr $3, %rcx
    .globl user_words, user_words_fault
user_words:
    rep movsq
    mov %edx, %ecx
    and $7, %ecx
    jnz user_bytes
    mov %rdx, %rax
    clac
    ret
user_words_fault: /* rcx words are left */
    mov %edx, %eax
    and $7, %eax
    lea (%rax, %rcx, 8), %rcx
    .globl user_bytes, user_bytes_fault
user_bytes:
    rep movsb
user_bytes_fault: /* rcx bytes are left */
    mov %rdx, %rax
    sub %rcx, %rax
    clac
    ret

/* uint64_t (vaddr_t from) */
    .globl arch_load_user, user_load, user_load_fault
arch_load_user:
    stac
user_load:
    mov (%rdi), %eax
    clac
    ret
user_load_fault:
    mov $-1, %rax
    clac
    ret

    .section .note.GNU-stack, "", @progbits
