/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts, from entry.S. What user code causes becomes kernel_fault. In kernel
 * mode only two things are expected: faults at the user copies of user.S, and interrupts in
 * arch_interrupt_window, where the lock is not held (those in arch_idle come to trap_user).
 * Anything else is our mistake.
 */
#include "abi/memory.h"
#include "abi/upcall.h"
#include "arch/cpu.h"
#include "arch/layout.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>

#define EXCEPTIONS 32

/* SDM vol. 3A 6.15. What is not here is FAULT_INSTRUCTION. */
enum { DEBUG = 1, NMI = 2, BREAKPOINT = 3, PAGE_FAULT = 14 };
static const uint8_t fault_kinds[EXCEPTIONS] = {
    [0] = FAULT_DIVIDE,    [DEBUG] = FAULT_STEP,   [BREAKPOINT] = FAULT_BREAKPOINT,
    [16] = FAULT_FLOATING, [17] = FAULT_ALIGNMENT, [19] = FAULT_FLOATING,
};

/* Error code of a page fault (SDM vol. 3A 4.7). */
#define PF_WRITE    2u
#define PF_RESERVED 8u
#define PF_FETCH    16u

extern char user_words[], user_words_fault[], user_bytes[], user_bytes_fault[], user_load[],
    user_load_fault[];
static const struct {
    const char *at, *go;
} fixups[] = {
    {user_words, user_words_fault},
    {user_bytes, user_bytes_fault},
    {user_load, user_load_fault},
};

static bool stopping; /* a CPU halts the machine: NMIs are its message */

static void interrupt(unsigned vector) {
    cpu_self()->interrupts++;
    switch (vector) {
    case VECTOR_TIMER:
        clock_fired();
        apic_end();
        kernel_timer();
        break;
    case VECTOR_RESCHEDULE:
        apic_end();
        break;
    case VECTOR_SPURIOUS:
        break;
    default:
        io_apic_vector(vector);
    }
}

static void shootdown(void) {
    cpu_self()->interrupts++;
    flush_serve();
    apic_end();
}

static void page_fault(struct thread *t, vaddr_t address, uint64_t error) {
    uint32_t access = error & PF_FETCH   ? MEMORY_EXECUTE
                      : error & PF_WRITE ? MEMORY_WRITE
                                         : MEMORY_READ;
    if (unlikely(error & PF_RESERVED))
        panic("damaged page table at %lx, error %lx", address, error);
    kernel_fault(t, FAULT_UNMAPPED, address, access);
}

struct thread *trap_user(struct thread *t, unsigned vector, uint64_t error) {
    vaddr_t address = read_cr2(); /* before anything else can fault */
    if (unlikely(vector == VECTOR_SHOOTDOWN)) {
        shootdown();
        if (!t->idle)
            return t;
    }
    kernel_lock();
    if (vector == PAGE_FAULT)
        page_fault(t, address, error);
    else if (vector < EXCEPTIONS)
        kernel_fault(t, fault_kinds[vector] ? fault_kinds[vector] : FAULT_INSTRUCTION, 0, 0);
    else if (vector != VECTOR_SHOOTDOWN)
        interrupt(vector);
    return kernel_leave();
}

struct thread *trap_leave(void) {
    return kernel_leave();
}

void trap_kernel(struct trap_frame *f) {
    if (f->vector == PAGE_FAULT && read_cr2() < USER_END)
        for (size_t i = 0; i < array_size(fixups); i++)
            if (f->ip == (vaddr_t)fixups[i].at) {
                f->ip = (vaddr_t)fixups[i].go;
                return;
            }
    if (f->vector < EXCEPTIONS)
        trap_panic(f);
    if (f->vector == VECTOR_SHOOTDOWN) {
        shootdown();
        return;
    }
    kernel_lock();
    interrupt((unsigned)f->vector);
    kernel_unlock();
}

void trap_panic(struct trap_frame *f) {
    if (f->vector == NMI && __atomic_load_n(&stopping, __ATOMIC_RELAXED))
        arch_boot_halt();
    uint64_t cr2 = read_cr2();
    log_error("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
    log_error("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->sp);
    log_error("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
    log_error("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
    log_error("cr2 %016lx cr3 %016lx flags %lx cs %lx", cr2, read_cr3(), f->flags, f->cs);
    panic("exception %u in the kernel at %p, error %lx", (unsigned)f->vector, (void *)f->ip,
          f->error);
}

/* Before arch_init there is one CPU, which cannot be asked who it is. */
void arch_halt(void) {
    if (cpus[0].arch.online && !__atomic_exchange_n(&stopping, true, __ATOMIC_RELAXED))
        for (unsigned i = 0; i < CPUS_MAX; i++)
            if (cpus[i].arch.online && &cpus[i] != cpu_self())
                apic_send(cpus[i].arch.apic_id, APIC_NMI);
    arch_boot_halt();
}

void arch_interrupt_window(void) {
    kernel_unlock();
    /* STI takes effect one instruction later, and QEMU keeps it off over a PAUSE: so a NOP between
     * them. Who comes here may wait for another CPU, hence the PAUSE. */
    __asm__ volatile("sti; nop; pause; cli" ::: "memory");
    kernel_lock();
}

void arch_reschedule(unsigned cpu) {
    apic_send(cpus[cpu].arch.apic_id, APIC_FIXED | VECTOR_RESCHEDULE);
}
