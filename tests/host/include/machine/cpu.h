/* SPDX-License-Identifier: MIT */
/* The host as a port: kernel code under test runs in one process, on as many CPUs as the test says.
 */
#pragma once
#include "types.h"

struct cpu;

struct arch_cpu {
    struct cpu *self;
};
struct arch_thread {
    char nothing;
};

extern struct cpu *host_cpu; /* the CPU that the code under test runs on */
extern uint64_t host_ticks;  /* nanoseconds */

static inline struct cpu *cpu_self(void) {
    return host_cpu;
}
static inline uint64_t arch_ticks(void) {
    return host_ticks;
}
static inline nanos_t arch_length(uint64_t ticks) {
    return ticks;
}
static inline nanos_t arch_ticks_to_nanos(uint64_t ticks) {
    return ticks;
}
static inline void arch_pause(void) {
}
static inline void kernel_lock(void) {
}
static inline void kernel_unlock(void) {
}
