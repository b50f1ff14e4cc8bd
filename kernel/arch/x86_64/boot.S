/* SPDX-License-Identifier: MIT */
/*
 * The first instructions. Both loaders enter in 32-bit protected mode with flat segments, paging
 * off and an address in EBX; multiboot2 says so in EAX. What follows turns on long mode with early
 * tables (the first 4 GiB at 0 and in the direct map, the first 1 GiB at KERNEL_BASE), and calls
 * boot_main on the boot stack. A CPU without long mode gets a message and stops.
 */
#include "machine/offsets.h"


#define PHYSICAL(symbol) (symbol - 0xffffffff80000000)
#define PVH_MAGIC        0x336ec578
#define STACK_BYTES      16384

    /* PVH: note 18, XEN_ELFNOTE_PHYS32_ENTRY (Xen, public/elfnote.h). */
    .section .note.pvh, "a", @note
    .align 4
    .long 4, 8, 18
    .asciz "Xen"
    .quad PHYSICAL(pvh_start)

    /* Multiboot2 Specification 2.0, section 3.1. */
    .section .multiboot2, "a"
    .align 8
header:
    .long 0xe85250d6, 0, header_end - header
    .long -(0xe85250d6 + (header_end - header))
    .align 8
    .short 5, 1 /* framebuffer, if there is one */
    .long 20, 1024, 768, 32
    .align 8
    .short 6, 0 /* modules page aligned */
    .long 8
    .align 8
    .short 0, 0
    .long 8
header_end:

    .text
    .code32
    .globl pvh_start
pvh_start:
    mov $PVH_MAGIC, %eax
    .globl multiboot2_start
multiboot2_start:
    mov %eax, %esi
    rdtsc
    cli
    cld
    mov %eax, %edi
    mov %edx, %ebp
    mov $PHYSICAL(boot_stack_top), %esp

    /* CPUID exists if EFLAGS.ID can be changed (Intel SDM 1, section 20.1.2). */
    pushf
    mov (%esp), %ecx
    xorl $0x200000, (%esp)
    popf
    pushf
    pop %eax
    xor %ecx, %eax
    test $0x200000, %eax
    jz no_long_mode
    push %ebx
    mov $0x80000000, %eax
    cpuid
    mov %eax, %ecx
    xor %edx, %edx
    cmp $0x80000001, %ecx
    jb 1f
    mov $0x80000001, %eax
    cpuid
1:  pop %ebx
    and $(1 << 29 | 1 << 20), %edx /* long mode, no-execute */
    cmp $(1 << 29 | 1 << 20), %edx
    jne no_long_mode

    /* 2048 pages of 2 MiB; present, writable. */
    mov $PHYSICAL(early_directories), %eax
    mov $0x83, %edx
    mov $2048, %ecx
2:  mov %edx, (%eax)
    add $0x200000, %edx
    add $8, %eax
    loop 2b
    movl $PHYSICAL(early_directories) + 0x0003, PHYSICAL(early_low)
    movl $PHYSICAL(early_directories) + 0x1003, PHYSICAL(early_low) + 8
    movl $PHYSICAL(early_directories) + 0x2003, PHYSICAL(early_low) + 16
    movl $PHYSICAL(early_directories) + 0x3003, PHYSICAL(early_low) + 24
    movl $PHYSICAL(early_directories) + 0x0003, PHYSICAL(early_high) + 510 * 8
    movl $PHYSICAL(early_low) + 3, PHYSICAL(early_root)
    movl $PHYSICAL(early_low) + 3, PHYSICAL(early_root) + 256 * 8
    movl $PHYSICAL(early_high) + 3, PHYSICAL(early_root) + 511 * 8

    mov $PHYSICAL(early_root), %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x20, %eax /* PAE */
    mov %eax, %cr4
    mov $0xc0000080, %ecx /* EFER: LME, NXE */
    rdmsr
    or $0x900, %eax
    wrmsr
    mov %cr0, %eax
    or $0x80010001, %eax /* PG, WP, PE */
    mov %eax, %cr0
    lgdtl PHYSICAL(boot_gdt_pointer)
    ljmp $KERNEL_CODE, $PHYSICAL(long_mode)

    /* Serial line and the text screen's last lines, then the end. */
no_long_mode:
    mov $PHYSICAL(no_long_mode_text), %esi
    mov $0xb8000, %edi
    mov $0x4f, %ah
3:  lodsb
    test %al, %al
    jz 4f
    stosw
    mov $0x3f8, %edx
    out %al, %dx
    jmp 3b
4:  hlt
    jmp 4b

    .code64
long_mode:
    mov $start_high, %rax
    jmp *%rax
start_high:
    lgdt boot_gdt_pointer_high(%rip)
    mov $boot_stack_top, %rsp
    mov $KERNEL_DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov %edi, %edx /* time stamp: edx:eax were saved in ebp:edi */
    shl $32, %rbp
    or %rbp, %rdx
    mov %esi, %edi
    mov %ebx, %esi
    xor %ebp, %ebp
    push %rbp /* end of the call chain */
    push %rbp
    call boot_main

    /* A fault before the kernel's own handlers are there. */
    .globl boot_fault
boot_fault:
    mov %rsp, %rdi
    mov %cr2, %rsi
    and $-16, %rsp
    call boot_fault_report

    .section .rodata
no_long_mode_text:
    .asciz "anonymOS cannot start: the processor lacks long mode or no-execute pages\r\n"
    .align 8
boot_gdt:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
    .short boot_gdt_pointer - boot_gdt - 1
    .long PHYSICAL(boot_gdt)
boot_gdt_pointer_high:
    .short boot_gdt_pointer - boot_gdt - 1
    .quad boot_gdt

    .section .bss.stack, "aw", @nobits
    .align 4096
    .globl boot_stack_guard, boot_stack_top
boot_stack_guard:
    .skip 4096
    .skip STACK_BYTES
boot_stack_top:

    .section .early, "aw", @nobits
    .align 4096
early_root:
    .skip 4096
early_low:
    .skip 4096
early_high:
    .skip 4096
early_directories:
    .skip 4 * 4096

    .section .note.GNU-stack, "", @progbits
