/* SPDX-License-Identifier: MIT */
/*
 * A lock between the threads of a program, for a few instructions. It sleeps in the kernel:
 * spinning would never end if the owner has the lower priority. 0: free, 1: held, 2: held and
 * waited for (Drepper, "Futexes are tricky", mutex 2).
 *
 * Locks are in a section of their own, so that a fork finds and takes all of them: then nobody is
 * in the middle of a change of what the child gets a copy of.
 */
#pragma once
#include <stdint.h>

#include "lib/sys/syscall.h"

struct lock {
    uint32_t word;
};

/* Makes one for the file that it stands in. */
#define LOCK(name) static struct lock name __attribute__((section("program_locks")))

static inline void lock_take(struct lock *lock) {
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(&lock->word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE))
        sys_futex_wait(&lock->word, 2, DEADLINE_NONE, FUTEX_ALL);
}

static inline void lock_give(struct lock *lock) {
    uint64_t woken;
    if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
        sys_futex_wake(&lock->word, 1, FUTEX_ALL, &woken);
}

/* locks.c: all of the program's, by a thread that has none. What takes one then waits for itself.
 */
void locks_take(void);
void locks_give(void);
