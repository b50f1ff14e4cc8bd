/* SPDX-License-Identifier: MIT */
/* Waiting for signals. */
#include <errno.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/signals.h"
#include "lib/sys/syscall.h"

static const uint32_t never; /* a word that nobody wakes */

/* Until there is one to act on. */
static long wait_for_any(void) {
    if (!signals_waiting())
        (void)sys_futex_wait(&never, 0, DEADLINE_NONE, FUTEX_ALL);
    return -EINTR;
}

long call_pause(const long *a) {
    (void)a;
    return wait_for_any();
}

/* rt_sigsuspend(mask, size) */
long call_rt_sigsuspend(const long *a) {
    uint64_t mask;
    long error = signal_set_get(a[0], a[1], &mask);
    if (error)
        return error;
    signal_mask_for_call(mask);
    return wait_for_any();
}

/* ---- sigtimedwait ---- */

static void await(struct thread_signals *own, uint64_t set) {
    signals_lock();
    own->awaited = set;
    signals_unlock();
}

/* One of the set, or one that is acted on, which ends the wait. Taking the lock may have used up
 * the interrupt of what came last: so nothing may be due when the wait begins. */
static long take_or_wait(struct thread_signals *own, uint64_t set, uint64_t deadline,
                         struct signal_taken *s) {
    err_t e = OK;
    for (;;) {
        bool ends = signals_waiting();
        if (signal_take(set, s))
            return 0;
        if (ends)
            return -EINTR;
        if (err_is(e, ERR_TIMED_OUT))
            return -EAGAIN;
        if (!signals_due(own))
            e = sys_futex_wait(&never, 0, deadline, FUTEX_ALL);
    }
}

/* rt_sigtimedwait(set, information, timeout, size) */
long call_rt_sigtimedwait(const long *a) {
    struct thread_signals *own = signals_own();
    const struct timespec *timeout = (const struct timespec *)a[2];
    struct signal_taken s;
    uint64_t set, deadline = DEADLINE_NONE;
    long error = signal_set_get(a[0], a[3], &set);
    if (error)
        return error;
    if (!user_readable((uint64_t)timeout, timeout ? sizeof *timeout : 0) ||
        !user_writable((uint64_t)a[1], a[1] ? sizeof(siginfo_t) : 0))
        return -EFAULT;
    error = timeout ? call_deadline(timeout, &deadline) : 0;
    if (error)
        return error;
    await(own, set);
    error = take_or_wait(own, set, deadline, &s);
    await(own, 0);
    if (error)
        return error;
    if (a[1])
        signal_siginfo_put((siginfo_t *)a[1], s.number, &s.note);
    return s.number;
}
