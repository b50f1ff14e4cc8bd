/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller inside each CPU: through model-specific registers where the CPU has
 * x2APIC, else in memory. Registers: SDM vol. 3A, tables 10-1 and 10-6.
 */
#include "arch/pagetable.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>

#define MSR_BASE     0x1b
#define BASE_X2APIC  (1u << 10)
#define BASE_ENABLE  (1u << 11)
#define MSR_X2APIC   0x800 /* + register / 16 */
#define MSR_DEADLINE 0x6e0

#define ID             0x20
#define TASK_PRIORITY  0x80
#define END            0xb0
#define SPURIOUS       0xf0
#define REQUESTS       0x200 /* 8 words, 16 bytes apart */
#define COMMAND        0x300
#define COMMAND_TARGET 0x310
#define LOCAL_TIMER    0x320
#define LOCAL_LINE0    0x350
#define LOCAL_LINE1    0x360
#define LOCAL_ERROR    0x370
#define TIMER_INITIAL  0x380
#define TIMER_CURRENT  0x390
#define TIMER_DIVIDE   0x3e0

#define ENABLED        0x100u /* in SPURIOUS */
#define MASKED         0x10000u
#define TIMER_DEADLINE 0x40000u
#define DIVIDE_BY_1    0xbu
#define BUSY           0x1000u /* in COMMAND */

static volatile uint32_t *registers; /* NULL: x2APIC */

static uint32_t apic_read(uint32_t reg) {
    return registers ? registers[reg / 4] : (uint32_t)read_msr(MSR_X2APIC + reg / 16);
}

static void apic_write(uint32_t reg, uint32_t value) {
    if (registers)
        registers[reg / 4] = value;
    else
        write_msr(MSR_X2APIC + reg / 16, value);
}

void apic_init(void) {
    if (cpuid(1, 0).c >> 21 & 1)
        return;
    registers = boot_map_device(read_msr(MSR_BASE) & PT_ADDRESS, PAGE_BYTES, PT_UNCACHED);
    if (!registers)
        boot_fail("the local APIC cannot be reached");
}

void apic_enable(void) {
    uint64_t base = read_msr(MSR_BASE) | BASE_ENABLE;
    write_msr(MSR_BASE, registers ? base : base | BASE_X2APIC);
    apic_write(TASK_PRIORITY, 0);
    apic_write(LOCAL_LINE0, MASKED);
    apic_write(LOCAL_LINE1, MASKED);
    apic_write(LOCAL_ERROR, MASKED);
    apic_write(LOCAL_TIMER, MASKED);
    apic_write(TIMER_DIVIDE, DIVIDE_BY_1);
    apic_write(SPURIOUS, ENABLED | VECTOR_SPURIOUS);
}

uint32_t apic_self(void) {
    return registers ? apic_read(ID) >> 24 : apic_read(ID);
}

void apic_end(void) {
    apic_write(END, 0);
}

void apic_send(uint32_t apic_id, uint32_t command) {
    cpu_self()->ipis++;
    if (!registers) {
        __asm__ volatile("mfence; lfence" ::: "memory"); /* this write does not wait for others */
        write_msr(MSR_X2APIC + COMMAND / 16, (uint64_t)apic_id << 32 | command);
        return;
    }
    while (apic_read(COMMAND) & BUSY)
        arch_pause();
    apic_write(COMMAND_TARGET, apic_id << 24);
    apic_write(COMMAND, command);
}

void apic_timer_mode(bool deadline) {
    apic_write(LOCAL_TIMER, VECTOR_TIMER | (deadline ? TIMER_DEADLINE : 0));
    __asm__ volatile("mfence" ::: "memory"); /* before the deadline is written */
}

void apic_timer_count(uint32_t count) {
    apic_write(TIMER_INITIAL, count);
}

uint32_t apic_timer_left(void) {
    return apic_read(TIMER_CURRENT);
}

void apic_timer_deadline(uint64_t ticks) {
    write_msr(MSR_DEADLINE, ticks);
}
