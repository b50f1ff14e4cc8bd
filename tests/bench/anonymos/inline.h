/* SPDX-License-Identifier: MIT */
/* The measured calls of platform.h on anonymOS. */
#pragma once
#include "lib/sys/syscall.h"

extern struct signal_cap events[2];

/* What time is it: like getpid(2) it looks at nothing but what the kernel has at hand. */
static inline void null_call(void) {
    uint64_t time;
    sys_clock(&time);
}

static inline void word_wait(uint32_t *w, uint32_t v) {
    sys_futex_wait(w, v, DEADLINE_NONE, FUTEX_ALL);
}

static inline void word_wake(uint32_t *w) {
    uint64_t woken;
    sys_futex_wake(w, 1, FUTEX_ALL, &woken);
}

static inline void event_raise(unsigned n) {
    sys_signal_raise(events[n], 1);
}

static inline void event_wait(unsigned n) {
    uint64_t bits;
    sys_signal_wait(events[n], 1, DEADLINE_NONE, &bits);
}
