/* SPDX-License-Identifier: MIT */
/* futex(2): waiting, waking and moving waiters, within one process. */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/sys/syscall.h"

/* Linux, include/uapi/linux/futex.h. */
enum futex_operation {
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE = 4,
    FUTEX_WAKE_BITSET = 10,
    FUTEX_PRIVATE = 128,
};

#define WOKEN_MAX 64 /* by one call of the kernel */

/* The timeout is relative. */
static long futex_wait(const uint32_t *word, uint32_t value, const struct timespec *timeout) {
    uint64_t deadline = DEADLINE_NONE;
    long error = timeout ? deadline_after(timeout, &deadline) : 0;
    return error ? error : bare_errno(sys_futex_wait(word, value, deadline, FUTEX_ALL));
}

static long futex_wake(const uint32_t *word, uint32_t count, uint32_t mask) {
    uint64_t all = 0, woken = WOKEN_MAX;
    while (all < count && woken == WOKEN_MAX) {
        err_t e = sys_futex_wake(word, count - all, mask, &woken);
        if (!err_ok(e))
            return all ? (long)all : bare_errno(e);
        all += woken;
    }
    return (long)all;
}

/* `expected` NULL: whatever the word's value is. */
static long futex_move(const uint32_t *word, uint32_t wake, uint32_t move, const uint32_t *target,
                       const uint32_t *expected) {
    uint64_t all = 0, woken = 0, moved = WOKEN_MAX;
    while (woken + moved == WOKEN_MAX) {
        uint32_t value = expected ? *expected : __atomic_load_n(word, __ATOMIC_SEQ_CST);
        err_t e = sys_futex_requeue(word, wake, move, target, value, &woken, &moved);
        if (err_is(e, ERR_CHANGED) && !expected)
            continue;
        if (!err_ok(e))
            return all ? (long)all : bare_errno(e);
        all += woken + moved;
        wake -= (uint32_t)woken;
        move -= (uint32_t)moved;
    }
    return (long)all;
}

long bare_futex(uint32_t *word, long op, uint32_t value, uint64_t timeout, uint32_t *target,
                uint32_t mask) {
    switch (op & ~FUTEX_PRIVATE) {
    case FUTEX_WAIT:
        return futex_wait(word, value, (const struct timespec *)timeout);
    case FUTEX_WAKE:
        return futex_wake(word, value, (uint32_t)FUTEX_ALL);
    case FUTEX_WAKE_BITSET:
        return futex_wake(word, value, mask);
    case FUTEX_REQUEUE:
        return futex_move(word, value, (uint32_t)timeout, target, NULL);
    case FUTEX_CMP_REQUEUE:
        return futex_move(word, value, (uint32_t)timeout, target, &mask);
    default:
        return -ENOSYS;
    }
}
