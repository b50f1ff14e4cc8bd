/* SPDX-License-Identifier: MIT */
/* futex(2): lib/bare's, but for waits, which signals end. */
#include <errno.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/syscall.h"

#define FUTEX_WAIT    0
#define FUTEX_PRIVATE 128

static long futex_wait(const uint32_t *word, uint32_t value, const struct timespec *timeout) {
    uint64_t deadline = DEADLINE_NONE;
    if (!user_readable((uint64_t)timeout, timeout ? sizeof *timeout : 0))
        return -EFAULT;
    long error = timeout ? call_deadline(timeout, &deadline) : 0;
    if (error)
        return error;
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value && signals_waiting())
        return -EINTR;
    return bare_errno(sys_futex_wait(word, value, deadline, FUTEX_ALL));
}

/* futex(word, operation, value, timeout, word, mask) */
long call_futex(const long *a) {
    if (((int)a[1] & ~FUTEX_PRIVATE) != FUTEX_WAIT)
        return bare_futex((uint32_t *)a[0], a[1], (uint32_t)a[2], (uint64_t)a[3], (uint32_t *)a[4],
                          (uint32_t)a[5]);
    if (!user_readable((uint64_t)a[0], sizeof(uint32_t)))
        return -EFAULT;
    return futex_wait((const uint32_t *)a[0], (uint32_t)a[2], (const struct timespec *)a[3]);
}
