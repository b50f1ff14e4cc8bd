/* SPDX-License-Identifier: MIT */
/* futex(2): lib/bare's, but for waits, which signals end. A wait for some bits has an absolute
 * time. */
#include <errno.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/syscall.h"

/* Linux, include/uapi/linux/futex.h. */
#define FUTEX_WAIT        0
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAIT_BITSET 9
#define FUTEX_PRIVATE     128
#define FUTEX_WALL_CLOCK  256

struct wait {
    const uint32_t *word;
    uint32_t value, mask;
    uint64_t deadline;
};

static long wait_do(const struct wait *w) {
    if (__atomic_load_n(w->word, __ATOMIC_SEQ_CST) == w->value && signals_waiting())
        return -EINTR;
    return bare_errno(sys_futex_wait(w->word, w->value, w->deadline, w->mask));
}

static long wait_for(struct wait *w, const struct timespec *timeout) {
    long error = timeout ? call_deadline(timeout, &w->deadline) : 0;
    return error ? error : wait_do(w);
}

static long wait_until(struct wait *w, const struct timespec *time, bool wall) {
    long error = !w->mask ? -EINVAL : (time ? clock_deadline(time, wall, &w->deadline) : 0);
    return error ? error : wait_do(w);
}

/* futex(word, operation, value, timeout, word, mask) */
long call_futex(const long *a) {
    const struct timespec *time = (const struct timespec *)a[3];
    int operation = (int)a[1] & ~(FUTEX_PRIVATE | FUTEX_WALL_CLOCK);
    struct wait w = {(const uint32_t *)a[0], (uint32_t)a[2], (uint32_t)FUTEX_ALL, DEADLINE_NONE};
    bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET;
    if ((waits || operation == FUTEX_CMP_REQUEUE) && !user_readable((uint64_t)a[0], sizeof *w.word))
        return -EFAULT;
    if (!waits)
        return bare_futex((uint32_t *)a[0], a[1], (uint32_t)a[2], (uint64_t)a[3], (uint32_t *)a[4],
                          (uint32_t)a[5]);
    if (!user_readable((uint64_t)time, time ? sizeof *time : 0))
        return -EFAULT;
    if (operation == FUTEX_WAIT)
        return wait_for(&w, time);
    w.mask = (uint32_t)a[5];
    return wait_until(&w, time, a[1] & FUTEX_WALL_CLOCK);
}
