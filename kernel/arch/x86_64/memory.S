/* SPDX-License-Identifier: MIT */
/*
 * memcpy, memmove and memset in units of 8 bytes: without "enhanced rep movsb" a byte costs as much
 * as 8, and an emulator that counts instructions counts each repetition.
 */
    .text

    .globl memcpy
    .type memcpy, @function
memcpy:
    mov %rdi, %rax
    mov %rdx, %rcx
    shr $3, %rcx
    rep movsq
    mov %edx, %ecx
    and $7, %ecx
    jz 1f
    rep movsb
1:  ret
    .size memcpy, . - memcpy

    .globl memmove
    .type memmove, @function
memmove:
    mov %rdi, %rax
    sub %rsi, %rax
    cmp %rdx, %rax /* unsigned: the target does not begin inside the source */
    jae memcpy
    mov %rdi, %rax
    lea -1(%rdi, %rdx), %rdi
    lea -1(%rsi, %rdx), %rsi
    mov %rdx, %rcx
    std
    rep movsb
    cld
    ret
    .size memmove, . - memmove

    .globl memset
    .type memset, @function
memset:
    mov %rdi, %r8
    movzbl %sil, %eax
    mov $0x0101010101010101, %rsi
    imul %rsi, %rax
    mov %rdx, %rcx
    shr $3, %rcx
    rep stosq
    mov %edx, %ecx
    and $7, %ecx
    rep stosb
    mov %r8, %rax
    ret
    .size memset, . - memset

    .section .note.GNU-stack, "", @progbits
