/* SPDX-License-Identifier: MIT */
/*
 * What each CPU is set to before it runs threads: control and model-specific registers, the system
 * call entry, extended state, mitigations; and random numbers. The same on all CPUs. Register
 * numbers and bits: SDM vol. 4, table 2-2; AMD APM vol. 2, 3.1 and appendix A.
 */
#include "arch/cpu.h"

#include "arch/pagetable.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>

#define CR0_RUNNING 0x80050033ul /* PG AM WP NE ET MP PE */
#define CR4_PCIDE   (1ul << 17)

#define MSR_SPEC_CTRL  0x48
#define MSR_ARCH_CAPS  0x10a
#define MSR_PAT        0x277
#define MSR_EFER       0xc0000080u
#define MSR_STAR       0xc0000081u
#define MSR_LSTAR      0xc0000082u
#define MSR_FMASK      0xc0000084u
#define MSR_GS         0xc0000101u
#define MSR_GS_SWAPPED 0xc0000102u

#define EFER_SCE      1u
#define EFER_AUTOIBRS (1u << 21)
#define SPEC_IBRS     1u
#define SPEC_STIBP    2u

/* Entries 0 to 3: write back, write combining, uncached unless an MTRR combines, uncached. */
#define PAT_LAYOUT 0x0007010600070106ull
/* IF, TF, DF, NT, AC are off at a system call. */
#define SYSCALL_MASK 0x44700u
/* Extended state that we switch: x87, SSE, AVX, AVX-512. */
#define XCR0_PLAIN  0x07u
#define XCR0_AVX512 0xe0u

struct cpu cpus[CPUS_MAX];
unsigned cpu_count = 1;
uint32_t xsave_bytes;
bool siblings_allowed;

static uint32_t feature(uint32_t leaf, uint32_t subleaf, unsigned reg) {
    if (cpuid(leaf & 0x80000000u, 0).a < leaf)
        return 0;
    struct cpuid r = cpuid(leaf, subleaf);
    return reg == 'a' ? r.a : reg == 'b' ? r.b : reg == 'c' ? r.c : r.d;
}

static void extended_state_enable(void) {
    uint32_t mask = feature(0xd, 0, 'a');
    uint32_t wanted = mask & XCR0_PLAIN;
    if ((mask & XCR0_AVX512) == XCR0_AVX512)
        wanted |= XCR0_AVX512;
    __asm__ volatile("xsetbv" ::"c"(0), "a"(wanted), "d"(0));
    xsave_bytes = feature(0xd, 0, 'b');
}

/* Kernel code does not follow branch predictions that user code trained, where the CPU offers to
 * see to that by itself; siblings do not train each other. */
static void speculation_limit(struct cpu *cpu) {
    uint32_t bits = feature(7, 0, 'd');
    uint32_t amd = feature(0x80000008u, 0, 'b');
    uint64_t spec = 0;
    if (bits >> 29 & 1 && read_msr(MSR_ARCH_CAPS) & 2)
        spec |= SPEC_IBRS;
    if (siblings_allowed && (bits >> 27 & 1 || amd >> 15 & 1))
        spec |= SPEC_STIBP;
    if (spec)
        write_msr(MSR_SPEC_CTRL, spec);
    if (feature(0x80000021u, 0, 'a') >> 8 & 1)
        write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_AUTOIBRS);
    cpu->arch.barrier = bits >> 26 & 1 || amd >> 12 & 1;
}

void cpu_enable(struct cpu *cpu) {
    __asm__ volatile("mov %0, %%cr0" ::"r"(CR0_RUNNING) : "memory");
    features_enable();
    extended_state_enable();
    write_msr(MSR_PAT, PAT_LAYOUT);
    write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_SCE);
    write_msr(MSR_STAR, (uint64_t)KERNEL_CODE << 32 | (uint64_t)USER_BASE << 48);
    write_msr(MSR_LSTAR, (vaddr_t)entry_syscall);
    write_msr(MSR_FMASK, SYSCALL_MASK);
    descriptors_load(cpu);
    write_msr(MSR_GS, (vaddr_t)cpu);
    write_msr(MSR_GS_SWAPPED, 0);
    write_cr3(kernel_table); /* also forgets the low addresses that another CPU started with */
    cpu->arch.has_pcid = feature(1, 0, 'c') >> 17 & 1;
    if (cpu->arch.has_pcid)
        write_cr4(read_cr4() | CR4_PCIDE);
    speculation_limit(cpu);
    cpu->arch.careful = cpu->arch.has_pcid || cpu->arch.barrier;
}

void cpu_prepare(struct cpu *cpu, unsigned index, uint32_t apic_id, vaddr_t stack_top) {
    cpu->arch.self = cpu;
    cpu->arch.bit = 1ul << index;
    cpu->arch.stack = stack_top;
    cpu->arch.root = kernel_table;
    cpu->arch.apic_id = apic_id;
    cpu->arch.timer_at = NANOS_NEVER;
    cpu->index = index;
    cpu->current = cpu->loaded = &cpu->idle;
    cpu->idle.idle = true;
    cpu->idle.attention = ATTEND_IDLE;
    cpu->idle.cpu = index;
}

static bool hardware_random(uint64_t *to) {
    bool done = false;
    if (feature(7, 0, 'b') >> 18 & 1)
        for (int i = 0; i < 10 && !done; i++)
            __asm__ volatile("rdseed %0" : "=r"(*to), "=@ccc"(done));
    if (!done && feature(1, 0, 'c') >> 30 & 1)
        for (int i = 0; i < 10 && !done; i++)
            __asm__ volatile("rdrand %0" : "=r"(*to), "=@ccc"(done));
    return done;
}

uint64_t arch_random(void) {
    static uint64_t state;
    uint64_t hardware = 0;
    hardware_random(&hardware);
    state += hardware ^ arch_ticks() ^ 0x9e3779b97f4a7c15ull;
    uint64_t z = state; /* finalizer of splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Whether `ip` follows a call instruction: E8 with an offset, or FF /2 with the usual operands. */
static bool follows_call(vaddr_t ip) {
    const uint8_t *code = (const uint8_t *)ip;
    if (ip < (vaddr_t)kernel_text_start + 8 || ip >= (vaddr_t)kernel_text_end)
        return false;
    if (code[-5] == 0xe8)
        return true;
    for (int n = 2; n <= 7; n++)
        if (code[-n] == 0xff && (code[1 - n] & 0x38) == 0x10)
            return true;
    return false;
}

/* Code keeps no frame pointers, so this finds all return addresses on the stack, stale ones too. */
size_t arch_backtrace(vaddr_t *to, size_t n) {
    vaddr_t sp = (vaddr_t)__builtin_frame_address(0);
    vaddr_t end = (sp | 16383) + 1; /* stacks are so aligned, see smp.c */
    size_t count = 0;
    if (sp >= (vaddr_t)boot_stack_guard && sp < (vaddr_t)boot_stack_top)
        end = (vaddr_t)boot_stack_top;
    else if (sp >= (vaddr_t)kernel_rodata_end)
        end = min_u64(end, (vaddr_t)kernel_image_end);
    for (; sp < end && count < n; sp += 8)
        if (follows_call(*(vaddr_t *)sp))
            to[count++] = *(vaddr_t *)sp;
    return count;
}
