/* SPDX-License-Identifier: MIT */
/*
 * Time: the time stamp counter, which runs at one rate on all CPUs, and each CPU's local timer for
 * alarms. Rates are told by the CPU or an emulator, or else measured against the legacy timer.
 */
#include "arch/cpu.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>

#define MEASURE_PERIODS 2386u /* of the legacy timer: 2 ms */
#define SAMPLES_MOST    32u
#define SECOND          1000000000ull
#define LEAF_TSC        0x15u /* SDM vol. 2A, CPUID */
#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_TIMING     0x40000010u /* VMware, also KVM: EAX = TSC in kHz */

/* Legacy timer, channel 2, and its gate and output (82C54 data sheet; ISA port 61h). */
#define PIT_HZ       1193182u
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_ONE_SHOT 0xb0 /* channel 2, both bytes, mode 0 */
#define GATE_PORT    0x61
#define GATE_ON      1u
#define SPEAKER_ON   2u
#define OUTPUT       0x20u
#define POLLS_MOST   100000000u

uint64_t tick_base;
uint64_t nanos_per_tick; /* these three are 32.32 fixed point */
static uint64_t ticks_per_nano;
static uint64_t counts_per_nano; /* of the local timer */
static bool has_deadline;

static uint64_t scale(uint64_t n, uint64_t factor) {
    return (uint64_t)((unsigned __int128)n * factor >> 32);
}

/* n / d as 32.32 fixed point; n < 2^34 or so. */
static uint64_t ratio(uint64_t n, uint64_t d) {
    return (n / d << 32) + (n % d << 32) / d;
}

/* Ticks per second as the CPU or the hypervisor states them, or 0. */
static uint64_t stated_rate(void) {
    uint32_t most = cpuid(0, 0).a;
    if (cpuid(1, 0).c >> 31 && cpuid(LEAF_HYPERVISOR, 0).a >= LEAF_TIMING)
        return cpuid(LEAF_TIMING, 0).a * 1000ull;
    if (most < LEAF_TSC)
        return 0;
    struct cpuid r = cpuid(LEAF_TSC, 0);
    return r.a && r.b && r.c ? (uint64_t)r.c * r.b / r.a : 0;
}

/* Waits for `count` < 2^16 periods of the legacy timer. */
static void pit_wait(uint32_t count) {
    out8(GATE_PORT, (uint8_t)((in8(GATE_PORT) & ~SPEAKER_ON) | GATE_ON));
    out8(PIT_COMMAND, PIT_ONE_SHOT);
    out8(PIT_CHANNEL2, (uint8_t)count);
    out8(PIT_CHANNEL2, (uint8_t)(count >> 8));
    for (uint32_t i = 0; !(in8(GATE_PORT) & OUTPUT); i++)
        if (i == POLLS_MOST)
            boot_fail("there is no clock: the processor states no rate, the legacy timer is dead");
}

struct sample {
    uint64_t ticks, counts; /* of the counter and the local timer, over about 2 ms */
};

/* `rate`: of the time stamp counter, 0 if it is not known. */
static struct sample sample(uint64_t rate) {
    apic_timer_count(UINT32_MAX);
    uint64_t start = arch_ticks();
    if (rate)
        while (arch_ticks() - start < rate / 500)
            arch_pause();
    else
        pit_wait(MEASURE_PERIODS);
    struct sample s = {arch_ticks() - start, UINT32_MAX - apic_timer_left()};
    apic_timer_count(0);
    if (!s.ticks || !s.counts)
        boot_fail("a clock stands still");
    return s;
}

/* A hypervisor's pauses make samples longer, never shorter: the shortest counts, once another is
 * about as short. */
static struct sample shortest_sample(uint64_t rate) {
    struct sample best = sample(rate);
    for (unsigned i = 1; i < SAMPLES_MOST; i++) {
        struct sample s = sample(rate), worse = s.ticks > best.ticks ? s : best;
        best = s.ticks > best.ticks ? best : s;
        if (worse.ticks - best.ticks < best.ticks / 64)
            break;
    }
    return best;
}

static void measure(uint64_t rate) {
    apic_timer_mode(false);
    struct sample s = shortest_sample(rate);
    uint64_t nanos = MEASURE_PERIODS * SECOND / PIT_HZ;
    ticks_per_nano = rate ? ratio(rate, SECOND) : ratio(s.ticks, nanos);
    nanos_per_tick = rate ? ratio(SECOND, rate) : ratio(nanos, s.ticks);
    counts_per_nano = scale(ratio(s.counts, s.ticks), ticks_per_nano);
}

void clock_init(void) {
    tick_base = arch_ticks();
    has_deadline = cpuid(1, 0).c >> 24 & 1;
    measure(stated_rate());
    log_info("clock: %lu kHz", scale(1000000, ticks_per_nano));
}

void clock_enable(void) {
    apic_timer_mode(has_deadline);
}

void clock_wait(uint64_t microseconds) {
    uint64_t start = arch_ticks();
    while (arch_ticks() - start < scale(microseconds * 1000, ticks_per_nano))
        arch_pause();
}

void arch_clock_parameters(uint64_t *base, uint64_t *mult) {
    *base = tick_base;
    *mult = nanos_per_tick;
}

/* The local timer counts at most 32 bits; one that ends early is set again by whoever looks. */
static void timer_count_to(nanos_t when) {
    nanos_t now = arch_ticks_to_nanos(arch_ticks());
    uint64_t counts = when > now ? scale(when - now, counts_per_nano) + 1 : 1;
    apic_timer_count((uint32_t)min_u64(counts, UINT32_MAX));
}

void arch_timer_set(nanos_t when) {
    struct cpu *cpu = cpu_self();
    if (cpu->arch.timer_at == when)
        return;
    cpu->arch.timer_at = when;
    if (when == NANOS_NEVER && has_deadline)
        apic_timer_deadline(0);
    else if (when == NANOS_NEVER)
        apic_timer_count(0);
    else if (has_deadline)
        apic_timer_deadline(tick_base + scale(when, ticks_per_nano) + 1);
    else
        timer_count_to(when);
}

void clock_fired(void) {
    cpu_self()->arch.timer_at = NANOS_NEVER;
}
