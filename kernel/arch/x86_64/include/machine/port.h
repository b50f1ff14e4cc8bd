/* SPDX-License-Identifier: MIT */
/* What the port's files ask of each other. */
#pragma once
#include "machine/boot.h"
#include "machine/cpu.h"

struct acpi_machine;
struct cpu;

/* descriptors.c: segments, stacks and gates. */
void descriptors_build(void); /* once */
void descriptors_load(struct cpu *cpu);

/* cpu.c: everything about a CPU that is in its own registers; GS points to `cpu` after that. */
void cpu_enable(struct cpu *cpu);
void cpu_prepare(struct cpu *cpu, unsigned index, uint32_t apic_id, vaddr_t stack_top);
extern uint32_t xsave_bytes;
extern bool siblings_allowed; /* boot option smt=1 */

/* apic.c: this CPU's interrupt controller. */
void apic_init(void);
void apic_enable(void); /* on each CPU */
uint32_t apic_self(void);
void apic_end(void); /* of the interrupt in service */
void apic_send(uint32_t apic_id, uint32_t command);
void apic_timer_mode(bool deadline);
void apic_timer_count(uint32_t count);
uint32_t apic_timer_left(void);
void apic_timer_deadline(uint64_t ticks);
#define APIC_FIXED   0x4000u /* | vector */
#define APIC_NMI     0x4400u
#define APIC_INIT    0x4500u
#define APIC_STARTUP 0x4600u /* | page number */

/* clock.c */
void clock_init(void);
void clock_enable(void); /* this CPU's timer */
void clock_fired(void);
void clock_wait(uint64_t microseconds);

/* io_apic.c */
void io_apic_init(const struct acpi_machine *m);
void io_apic_vector(unsigned vector);

/* flush.c */
void flush_serve(void);
void flush_forget(paddr_t root); /* the table is about to be freed */

/* trap.c */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error, ip, cs, flags, sp, ss;
};
struct thread *trap_user(struct thread *t, unsigned vector, uint64_t error);
struct thread *trap_leave(void); /* kernel_leave, for arch_enter */
void trap_kernel(struct trap_frame *f);
_Noreturn void trap_panic(struct trap_frame *f);
extern char trap_vectors[], entry_syscall[];
