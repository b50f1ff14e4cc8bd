/* SPDX-License-Identifier: MIT */
/* The measured calls of platform.h on Linux, without the C library between. */
#pragma once
#include <stdint.h>
#include <sys/syscall.h>

/* Operations of futex(2), from Linux' own linux/futex.h, which musl does not bring. */
#define FUTEX_WAIT    0
#define FUTEX_WAKE    1
#define FUTEX_PRIVATE 128

static inline long linux_call(long number, long a, long b, long c, long d) {
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

extern int event_file[2];

static inline void null_call(void) {
    linux_call(SYS_getpid, 0, 0, 0, 0);
}

static inline void word_wait(uint32_t *w, uint32_t v) {
    linux_call(SYS_futex, (long)w, FUTEX_WAIT | FUTEX_PRIVATE, v, 0);
}

static inline void word_wake(uint32_t *w) {
    linux_call(SYS_futex, (long)w, FUTEX_WAKE | FUTEX_PRIVATE, 1, 0);
}

static inline void event_raise(unsigned n) {
    uint64_t one = 1;
    linux_call(SYS_write, event_file[n], (long)&one, sizeof one, 0);
}

static inline void event_wait(unsigned n) {
    uint64_t value;
    linux_call(SYS_read, event_file[n], (long)&value, sizeof value, 0);
}
