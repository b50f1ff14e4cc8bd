/* SPDX-License-Identifier: MIT */
/*
 * The wall clock beside the clocks of lib/bare: what it was when the machine began, from the start
 * page, and the monotonic clock. Where that is not known it begins in 1970, as on a machine without
 * a clock.
 */
#include <errno.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define SECOND      1000000000ll
#define RANDOM_MOST (32ul << 20)

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

/* Of the processor time of the process or the thread. */
static bool is_usage(long clock) {
    return (int)clock == CLOCK_PROCESS_CPUTIME_ID || (int)clock == CLOCK_THREAD_CPUTIME_ID;
}

static struct timespec usage_time(long clock) {
    uint64_t used = (int)clock == CLOCK_PROCESS_CPUTIME_ID ? usage_process() : usage_thread();
    return (struct timespec){(time_t)(used / SECOND), (long)(used % SECOND)};
}

long call_clock_gettime(const long *a) {
    if (!user_writable((uint64_t)a[1], sizeof(struct timespec)))
        return -EFAULT;
    if (is_usage(a[0])) {
        *(struct timespec *)a[1] = usage_time(a[0]);
        return 0;
    }
    if (!is_wall(a[0]))
        return bare_clock_gettime(a[0], (struct timespec *)a[1]);
    *(struct timespec *)a[1] = wall_time();
    return 0;
}

long call_clock_getres(const long *a) {
    bool monotonic = is_wall(a[0]) || is_usage(a[0]);
    if (!user_writable((uint64_t)a[1], a[1] ? sizeof(struct timespec) : 0))
        return -EFAULT;
    return bare_clock_getres(monotonic ? CLOCK_MONOTONIC : a[0], (struct timespec *)a[1]);
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

/* Nobody sets the wall clock while a program runs, so its times are times of the other one. */
long clock_deadline(const struct timespec *time, bool wall, uint64_t *deadline) {
    int64_t begun = wall && start_page ? start_page->wall_offset : 0;
    if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= SECOND)
        return -EINVAL;
    *deadline = DEADLINE_NONE;
    if (time->tv_sec > INT64_MAX / SECOND - 1)
        return 0;
    int64_t at = time->tv_sec * SECOND + time->tv_nsec;
    *deadline = at > begun ? (uint64_t)(at - begun) : 0;
    return 0;
}

/* A time that is over is none to wait for. */
static long sleep_at(const struct timespec *wanted, bool wall) {
    uint64_t deadline;
    long error = clock_deadline(wanted, wall, &deadline);
    return error || !deadline ? error : sleep_until(deadline);
}

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
    return sleep_at(wanted, is_wall(a[0]));
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

/* getrandom(to, length, flags): as much as is asked for, up to what Linux gives at once. */
long call_getrandom(const long *a) {
    size_t length = (size_t)a[1] < RANDOM_MOST ? (size_t)a[1] : RANDOM_MOST;
    if ((uint32_t)a[2] & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    if (!program_seed)
        return -ENOSYS;
    if (!user_writable((uint64_t)a[0], length))
        return -EFAULT;
    random_fill((void *)a[0], length);
    return (long)length;
}
