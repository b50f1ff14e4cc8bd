/* SPDX-License-Identifier: MIT */
/*
 * All locks at once. Some are taken while others are held, in an order that is not known here: so
 * nobody waits for one while holding another. One that is not free is waited for with empty hands.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/bare/lock.h"

/* The linker has these names for the bounds of a section. */
extern struct lock __start_program_locks[], __stop_program_locks[];

static bool lock_try(struct lock *lock) {
    uint32_t seen = 0;
    return __atomic_compare_exchange_n(&lock->word, &seen, 1, 0, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* Gives back those before `end`, and `first` if it is not one of them. */
static void give_until(struct lock *end, struct lock *first) {
    for (struct lock *l = __start_program_locks; l < end; l++)
        lock_give(l);
    if (first && first >= end)
        lock_give(first);
}

/* Takes `first` by waiting and the others if they are free. One that is not; NULL: has all. */
static struct lock *take_from(struct lock *first) {
    if (first)
        lock_take(first);
    for (struct lock *l = __start_program_locks; l < __stop_program_locks; l++) {
        if (l == first || lock_try(l))
            continue;
        give_until(l, first);
        return l;
    }
    return NULL;
}

void locks_take(void) {
    struct lock *busy = NULL;
    do
        busy = take_from(busy);
    while (busy);
}

void locks_give(void) {
    give_until(__stop_program_locks, NULL);
}
