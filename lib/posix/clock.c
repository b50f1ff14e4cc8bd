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
#include "lib/posix/posix.h"
#include "lib/sys/program.h"
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
    if (!user_range((uint64_t)a[1], sizeof(struct timespec)))
        return -EFAULT;
    if (!is_wall(a[0]))
        return bare_clock_gettime(a[0], (struct timespec *)a[1]);
    *(struct timespec *)a[1] = wall_time();
    return 0;
}

long call_clock_getres(const long *a) {
    return bare_clock_getres(is_wall(a[0]) ? CLOCK_MONOTONIC : a[0], (struct timespec *)a[1]);
}

/* Nobody sets the wall clock while a program runs, so its times are times of the other one. */
long call_clock_nanosleep(const long *a) {
    const struct timespec *wanted = (const struct timespec *)a[2];
    struct timespec at;
    if (!user_range((uint64_t)wanted, sizeof *wanted))
        return -EFAULT;
    if (!is_wall(a[0]) || !(a[1] & TIMER_ABSTIME) || wanted->tv_sec < 0 || wanted->tv_nsec < 0 ||
        wanted->tv_nsec >= SECOND)
        return bare_sleep(a[0], a[1], wanted, (struct timespec *)a[3]);
    int64_t begun = start_page ? start_page->wall_offset : 0;
    at.tv_sec = wanted->tv_sec - begun / SECOND;
    at.tv_nsec = wanted->tv_nsec - begun % SECOND;
    if (at.tv_nsec < 0) {
        at.tv_nsec += SECOND;
        at.tv_sec--;
    }
    return at.tv_sec < 0 ? 0 : bare_sleep(CLOCK_MONOTONIC, a[1], &at, NULL);
}

long call_gettimeofday(const long *a) {
    struct timespec now = wall_time();
    if (!user_range((uint64_t)a[0], a[0] ? sizeof(struct timeval) : 0) ||
        !user_range((uint64_t)a[1], a[1] ? sizeof(struct timezone) : 0))
        return -EFAULT;
    if (a[0])
        *(struct timeval *)a[0] = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    if (a[1])
        *(struct timezone *)a[1] = (struct timezone){0};
    return 0;
}

long call_time(const long *a) {
    struct timespec now = wall_time();
    if (!user_range((uint64_t)a[0], a[0] ? sizeof(time_t) : 0))
        return -EFAULT;
    if (a[0])
        *(time_t *)a[0] = now.tv_sec;
    return now.tv_sec;
}
