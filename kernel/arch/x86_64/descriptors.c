/* SPDX-License-Identifier: MIT */
/*
 * Segments, task states and gates (SDM vol. 3A chapters 3, 6.14 and 8.7). One table of each serves
 * all CPUs. There is no 32-bit user code segment: user mode is 64-bit only.
 */
#include "log.h"
#include "machine/port.h"
#include <cpu.h>

#define SEGMENT_CODE   0x00af9a000000ffffull /* 64-bit, ring 0 */
#define SEGMENT_DATA   0x00cf92000000ffffull
#define SEGMENT_RING3  0x0000600000000000ull
#define SEGMENT_TSS    0x0000890000000000ull
#define GATE_INTERRUPT 0x8e00u /* present, interrupts off */
#define GATE_RING3     0x6000u
#define FATAL_STACK    1 /* of the interrupt stack table */

static uint64_t segments[FIRST_TSS / 8 + 2 * CPUS_MAX] = {
    [KERNEL_CODE / 8] = SEGMENT_CODE,
    [KERNEL_DATA / 8] = SEGMENT_DATA,
    [USER_DATA / 8] = SEGMENT_DATA | SEGMENT_RING3,
    [USER_CODE / 8] = SEGMENT_CODE | SEGMENT_RING3,
};

static struct {
    uint16_t low, segment, kind, middle;
    uint32_t high, reserved;
} gates[256];

/* For the exceptions that never return; trap_fatal in entry.S finds struct cpu at the end. */
static struct {
    uint64_t space[510];
    struct cpu *cpu;
    uint64_t end;
} fatal_stacks[CPUS_MAX] __attribute__((aligned(4096)));

struct table_register {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

void descriptors_build(void) {
    for (unsigned i = 0; i < array_size(gates); i++) {
        vaddr_t to = (vaddr_t)trap_vectors + 16 * i;
        gates[i].low = (uint16_t)to;
        gates[i].segment = KERNEL_CODE;
        gates[i].kind = GATE_INTERRUPT;
        gates[i].middle = (uint16_t)(to >> 16);
        gates[i].high = (uint32_t)(to >> 32);
    }
    gates[3].kind |= GATE_RING3; /* the breakpoint instruction is for everybody */
    gates[2].kind |= FATAL_STACK;
    gates[8].kind |= FATAL_STACK;
    gates[18].kind |= FATAL_STACK;
}

void descriptors_load(struct cpu *cpu) {
    struct tss *tss = &cpu->arch.tss;
    vaddr_t base = (vaddr_t)tss;
    uint64_t *descriptor = &segments[FIRST_TSS / 8 + 2 * cpu->index];
    fatal_stacks[cpu->index].cpu = cpu;
    tss->rsp[0] = cpu->arch.stack;
    tss->ist[FATAL_STACK - 1] = (vaddr_t)&fatal_stacks[cpu->index].cpu;
    tss->io_map = sizeof(*tss); /* none: no ports for user mode */
    descriptor[0] =
        SEGMENT_TSS | (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
    descriptor[1] = base >> 32;
    struct table_register gdt = {sizeof(segments) - 1, (vaddr_t)segments};
    struct table_register idt = {sizeof(gates) - 1, (vaddr_t)gates};
    __asm__ volatile("lgdt %0\n\t"
                     "lidt %1\n\t"
                     "ltr %w2\n\t"
                     "push %3\n\t" /* reload the code segment */
                     "lea 1f(%%rip), %%rax\n\t"
                     "push %%rax\n\t"
                     "lretq\n"
                     "1: mov %4, %%eax\n\t"
                     "mov %%eax, %%ss\n\t"
                     "xor %%eax, %%eax\n\t"
                     "mov %%eax, %%ds\n\t"
                     "mov %%eax, %%es\n\t"
                     "mov %%eax, %%fs\n\t"
                     "mov %%eax, %%gs"
                     :
                     : "m"(gdt), "m"(idt), "r"((uint16_t)(FIRST_TSS + 16 * cpu->index)),
                       "i"(KERNEL_CODE), "i"(KERNEL_DATA)
                     : "rax", "memory");
}
