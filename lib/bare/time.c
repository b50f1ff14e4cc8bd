/* SPDX-License-Identifier: MIT */
/* The monotonic clock, read without a system call. There is no wall clock. */
#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define SECOND 1000000000ull /* nanoseconds */

static bool is_monotonic(long clock) {
    return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW ||
           clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
}

static void timespec_set(struct timespec *to, uint64_t nanoseconds) {
    to->tv_sec = (time_t)(nanoseconds / SECOND);
    to->tv_nsec = (long)(nanoseconds % SECOND);
}

/* What does not fit is for ever. */
static long nanoseconds_of(const struct timespec *t, uint64_t *nanoseconds) {
    if (t->tv_sec < 0 || t->tv_nsec < 0 || (uint64_t)t->tv_nsec >= SECOND)
        return -EINVAL;
    uint64_t s = (uint64_t)t->tv_sec;
    *nanoseconds = s < DEADLINE_NONE / SECOND ? s * SECOND + (uint64_t)t->tv_nsec : DEADLINE_NONE;
    return 0;
}

long deadline_after(const struct timespec *relative, uint64_t *deadline) {
    uint64_t length, now = clock_nanoseconds();
    long error = nanoseconds_of(relative, &length);
    if (!error)
        *deadline = length < DEADLINE_NONE - now ? now + length : DEADLINE_NONE;
    return error;
}

long bare_clock_gettime(long clock, struct timespec *to) {
    if (!is_monotonic(clock))
        return -EINVAL;
    timespec_set(to, clock_nanoseconds());
    return 0;
}

long bare_clock_getres(long clock, struct timespec *to) {
    if (!is_monotonic(clock))
        return -EINVAL;
    if (to)
        timespec_set(to, 1);
    return 0;
}

/* CLOCK_REALTIME is what nanosleep() has; relative times are the same on each clock. */
long bare_sleep(long clock, long flags, const struct timespec *wanted, struct timespec *rest) {
    uint64_t deadline;
    const uint32_t never = 0;
    bool absolute = flags & TIMER_ABSTIME;
    if (!is_monotonic(clock) && (absolute || clock != CLOCK_REALTIME))
        return -EINVAL;
    long error = absolute ? nanoseconds_of(wanted, &deadline) : deadline_after(wanted, &deadline);
    if (error)
        return error;
    err_t e = sys_futex_wait(&never, 0, deadline, FUTEX_ALL);
    if (!err_is(e, ERR_INTERRUPTED))
        return err_is(e, ERR_TIMED_OUT) ? 0 : bare_errno(e);
    uint64_t now = clock_nanoseconds();
    if (rest && !absolute)
        timespec_set(rest, deadline > now ? deadline - now : 0);
    return -EINTR;
}
