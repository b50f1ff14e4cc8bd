/* SPDX-License-Identifier: MIT */
/*
 * Where a started CPU begins: real mode, in a copy of this page below 640 KiB (SDM vol. 3A 8.4).
 * Goes to long mode in one step. smp.c fills in the fields at the end.
 */
#include "machine/offsets.h"

    .section .rodata
    .balign 16
    .globl trampoline_start, trampoline_end
    .globl trampoline_table, trampoline_gdt, trampoline_jump, trampoline_cpu, trampoline_long
#define AT(label) (label - trampoline_start)

    .code16
trampoline_start:
    cli
    mov %cs, %ax
    mov %ax, %ds
    lgdtl AT(gdt_pointer)
    mov $0x20, %eax /* PAE */
    mov %eax, %cr4
    mov AT(trampoline_table), %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx /* EFER: LME, NXE */
    rdmsr
    or $0x900, %eax
    wrmsr
    mov $0x80010011, %eax /* PG, WP, ET, PE */
    mov %eax, %cr0
    ljmpl *AT(trampoline_jump)

    .code64
trampoline_long:
    mov $KERNEL_DATA, %eax
    mov %eax, %ss
    mov trampoline_cpu(%rip), %rdi
    mov CPU_STACK(%rdi), %rsp
    movabs $smp_begin, %rax
    call *%rax

    .balign 8
temporary_gdt: /* KERNEL_CODE, KERNEL_DATA */
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .short 23
trampoline_gdt: /* address of temporary_gdt: the start of the page + its place */
    .long AT(temporary_gdt)
trampoline_table:
    .long 0
trampoline_jump: /* address of trampoline_long, in the same way */
    .long AT(trampoline_long)
    .short KERNEL_CODE
    .balign 8
trampoline_cpu:
    .quad 0
trampoline_end:

    .section .note.GNU-stack, "", @progbits
