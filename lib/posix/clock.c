/* SPDX-License-Identifier: MIT */
/*
 * The wall clock beside the clocks of lib/bare: what it was when the machine began, from the start
 * page, and the monotonic clock. Where that is not known it begins in 1970, as on a machine without
 * a clock.
 */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define SECOND 1000000000ll

int64_t clock_wall(void) {
    return (start_page ? start_page->wall_offset : 0) + (int64_t)clock_nanoseconds();
}

static bool is_wall(long clock) {
    return (int)clock == CLOCK_REALTIME || (int)clock == CLOCK_REALTIME_COARSE;
}

static struct timespec wall_time(void) {
    int64_t now = clock_wall();
    return (struct timespec){now / SECOND, now % SECOND};
}

long call_clock_gettime(const long *a) {
    if (!user_writable((uint64_t)a[1], sizeof(struct timespec)))
        return -EFAULT;
    if (!is_wall(a[0]))
        return bare_clock_gettime(a[0], (struct timespec *)a[1]);
    *(struct timespec *)a[1] = wall_time();
    return 0;
}

long call_clock_getres(const long *a) {
    return bare_clock_getres(is_wall(a[0]) ? CLOCK_MONOTONIC : a[0], (struct timespec *)a[1]);
}

/* ---- sleeping ---- */

static void rest_put(struct timespec *rest, uint64_t deadline) {
    uint64_t now = clock_nanoseconds();
    uint64_t left = deadline > now ? deadline - now : 0;
    if (rest && user_writable((uint64_t)rest, sizeof *rest))
        *rest = (struct timespec){(time_t)(left / SECOND), (long)(left % SECOND)};
}

static long sleep_until(uint64_t deadline) {
    const uint32_t never = 0;
    if (signals_waiting())
        return -EINTR;
    err_t e = sys_futex_wait(&never, 0, deadline, FUTEX_ALL);
    return err_is(e, ERR_TIMED_OUT) ? 0 : bare_errno(e);
}

static long sleep_for(const struct timespec *wanted, struct timespec *rest) {
    uint64_t deadline;
    if (!user_readable((uint64_t)wanted, sizeof *wanted) ||
        !user_range((uint64_t)rest, rest ? sizeof *rest : 0))
        return -EFAULT;
    long error = call_deadline(wanted, &deadline);
    if (!error)
        error = sleep_until(deadline);
    if (error == -EINTR)
        rest_put(rest, deadline);
    return error;
}

long call_nanosleep(const long *a) {
    return sleep_for((const struct timespec *)a[0], (struct timespec *)a[1]);
}

/* A time that is over is none to wait for. */
static long sleep_at(const struct timespec *wanted, int64_t begun) {
    if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 || wanted->tv_nsec >= SECOND)
        return -EINVAL;
    if (wanted->tv_sec > INT64_MAX / SECOND - 1)
        return sleep_until(DEADLINE_NONE);
    int64_t at = wanted->tv_sec * SECOND + wanted->tv_nsec;
    return at > begun ? sleep_until((uint64_t)(at - begun)) : 0;
}

/* Nobody sets the wall clock while a program runs, so its times are times of the other one. */
long call_clock_nanosleep(const long *a) {
    const struct timespec *wanted = (const struct timespec *)a[2];
    struct timespec now;
    long error = is_wall(a[0]) ? 0 : bare_clock_gettime(a[0], &now);
    if (error)
        return error;
    if (!(a[1] & TIMER_ABSTIME))
        return sleep_for(wanted, (struct timespec *)a[3]);
    if (!user_readable((uint64_t)wanted, sizeof *wanted))
        return -EFAULT;
    return sleep_at(wanted, is_wall(a[0]) && start_page ? start_page->wall_offset : 0);
}

long call_gettimeofday(const long *a) {
    struct timespec now = wall_time();
    if (!user_writable((uint64_t)a[0], a[0] ? sizeof(struct timeval) : 0) ||
        !user_writable((uint64_t)a[1], a[1] ? sizeof(struct timezone) : 0))
        return -EFAULT;
    if (a[0])
        *(struct timeval *)a[0] = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    if (a[1])
        *(struct timezone *)a[1] = (struct timezone){0};
    return 0;
}

long call_time(const long *a) {
    struct timespec now = wall_time();
    if (!user_writable((uint64_t)a[0], a[0] ? sizeof(time_t) : 0))
        return -EFAULT;
    if (a[0])
        *(time_t *)a[0] = now.tv_sec;
    return now.tv_sec;
}
