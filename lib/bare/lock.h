/* SPDX-License-Identifier: MIT */
/*
 * A lock between the threads of a program, for a few instructions. It sleeps in the kernel:
 * spinning would never end if the owner has the lower priority. 0: free, 1: held, 2: held and
 * waited for (Drepper, "Futexes are tricky", mutex 2).
 */
#pragma once
#include <stdint.h>

#include "lib/sys/syscall.h"

static inline void lock_take(uint32_t *lock) {
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(lock, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE))
        sys_futex_wait(lock, 2, DEADLINE_NONE, FUTEX_ALL);
}

static inline void lock_give(uint32_t *lock) {
    uint64_t woken;
    if (__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2)
        sys_futex_wake(lock, 1, FUTEX_ALL, &woken);
}
