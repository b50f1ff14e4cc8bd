/* SPDX-License-Identifier: MIT */
/*
 * Start of the machine beyond its first CPU. The others are started one by one and wait for the
 * kernel lock, which the first holds until it enters a thread. Their
 * stacks are 16 KiB, naturally aligned.
 */
#include "abi/memory.h"
#include "arch/cpu.h"
#include "arch/layout.h"
#include "boot/acpi.h"
#include "boot/options.h"
#include "frame.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/pagetable.h"
#include "machine/port.h"
#include "string.h"
#include <cpu.h>

#define STACK_ORDER   2
#define STACK_BYTES   (PAGE_BYTES << STACK_ORDER)
#define LEAF_TOPOLOGY 0xb
#define LEVEL_SIBLING 1 /* SDM vol. 2A, CPUID leaf 0BH */

extern char trampoline_start[], trampoline_end[], trampoline_table[], trampoline_gdt[],
    trampoline_jump[], trampoline_cpu[];
_Noreturn void smp_begin(struct cpu *cpu);

static struct acpi_machine machine;

static const void *view(void *context, paddr_t address, uint64_t length) {
    (void)context;
    return boot_map_device(address, length, 0);
}

void arch_init(const struct boot_info *boot) {
    siblings_allowed = option_number(boot->command_line, "smt", 0) == 1;
    descriptors_build();
    cpu_prepare(&cpus[0], 0, 0, (vaddr_t)boot_stack_top);
    cpu_enable(&cpus[0]);
    apic_init();
    apic_enable();
    cpus[0].arch.apic_id = apic_self();
    cpus[0].arch.online = true;
    clock_init();
    clock_enable();
    const char *problem = acpi_read(view, NULL, boot->rsdp, &machine);
    if (problem) {
        log_warn("%s: one processor, no interrupt lines", problem);
        memset(&machine, 0, sizeof(machine));
        machine.legacy_controllers = true;
    }
    io_apic_init(&machine);
}

/* The first thing in C of each further CPU, on its own stack. */
void smp_begin(struct cpu *cpu) {
    cpu_enable(cpu);
    apic_enable();
    clock_enable();
    __atomic_store_n(&cpu->arch.online, true, __ATOMIC_RELEASE);
    kernel_lock();
    kernel_cpu_main(cpu->index);
}

/* CPUs that share a core with another can watch it through the caches: one per core. */
static bool wanted(uint32_t id) {
    struct cpuid level =
        cpuid(0, 0).a >= LEAF_TOPOLOGY ? cpuid(LEAF_TOPOLOGY, 0) : (struct cpuid){0};
    uint32_t self = cpus[0].arch.apic_id;
    unsigned shift = (level.c >> 8 & 0xff) == LEVEL_SIBLING ? level.a & 31 : 0;
    if (id == self)
        return false;
    return siblings_allowed || (id >> shift != self >> shift && !(id & ((1u << shift) - 1)));
}

static void fill(const char *field, uint64_t add, size_t bytes) {
    uint64_t value = 0;
    char *to = (char *)phys_to_virt(boot_low_page) + (field - trampoline_start);
    memcpy(&value, field, bytes);
    value += add;
    memcpy(to, &value, bytes);
}

/* The page where they begin, and the same page at the same address in the kernel's tables: what the
 * page of tables given is for. */
static void trampoline_place(uint64_t *tables) {
    paddr_t at = virt_to_phys(tables);
    memset(tables, 0, 2 * PAGE_BYTES);
    tables[0] = (at + PAGE_BYTES) | PT_PRESENT | PT_WRITE;
    tables[PAGE_BYTES / 8] = PT_PRESENT | PT_WRITE | PT_BIG; /* the first 2 MiB */
    *(uint64_t *)phys_to_virt(kernel_table) = at | PT_PRESENT | PT_WRITE;
    memcpy(phys_to_virt(boot_low_page), trampoline_start,
           (vaddr_t)trampoline_end - (vaddr_t)trampoline_start);
    fill(trampoline_gdt, boot_low_page, 4);
    fill(trampoline_jump, boot_low_page, 4);
    fill(trampoline_table, kernel_table, 4);
}

static void trampoline_remove(uint64_t *tables) {
    *(uint64_t *)phys_to_virt(kernel_table) = 0;
    write_cr3(kernel_table);
    frame_free(virt_to_phys(tables));
    frame_free(virt_to_phys(tables) + PAGE_BYTES);
}

static bool came(struct cpu *cpu, unsigned milliseconds) {
    for (unsigned i = 0; i < milliseconds * 20; i++) {
        if (__atomic_load_n(&cpu->arch.online, __ATOMIC_ACQUIRE))
            return true;
        clock_wait(50);
    }
    return false;
}

/* SDM vol. 3A 8.4.4.1. CPUs that the kernel accepts need no 10 ms between the two messages. */
static bool start(struct cpu *cpu) {
    fill(trampoline_cpu, (vaddr_t)cpu, 8);
    apic_send(cpu->arch.apic_id, APIC_INIT);
    clock_wait(100);
    apic_send(cpu->arch.apic_id, APIC_STARTUP | (uint32_t)(boot_low_page >> PAGE_SHIFT));
    if (came(cpu, 10))
        return true;
    apic_send(cpu->arch.apic_id, APIC_STARTUP | (uint32_t)(boot_low_page >> PAGE_SHIFT));
    return came(cpu, 200);
}

static void start_one(uint32_t apic_id) {
    struct cpu *cpu = &cpus[cpu_count];
    paddr_t stack = frame_alloc_boot(STACK_ORDER);
    if (!stack)
        return;
    cpu_prepare(cpu, cpu_count, apic_id, (vaddr_t)phys_to_virt(stack) + STACK_BYTES);
    if (start(cpu))
        cpu_count++;
    else
        boot_fail("processor %u does not start; cpus=%u on the command line leaves it out", apic_id,
                  cpu_count);
}

void arch_start_cpus(unsigned limit) {
    paddr_t tables = frame_alloc_boot(1);
    if (!tables || !boot_low_page)
        return;
    trampoline_place(phys_to_virt(tables));
    for (unsigned i = 0; i < machine.cpu_count; i++)
        if (cpu_count < limit && cpu_count < CPUS_MAX && wanted(machine.apic_ids[i]))
            start_one(machine.apic_ids[i]);
    trampoline_remove(phys_to_virt(tables));
    log_info("processors: %u", cpu_count);
}
