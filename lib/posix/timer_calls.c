/* SPDX-License-Identifier: MIT */
/* setitimer(2), timer_create(2) and their relatives. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/timers.h"
#include "lib/sys/program.h"

#define SECOND      1000000000ull /* nanoseconds */
#define MICROSECOND 1000ull
#define SECONDS_MAX (INT64_MAX / SECOND - 1) /* longer is as long as that */

static uint64_t nanoseconds(time_t seconds, uint64_t rest) {
    uint64_t s = (uint64_t)seconds < SECONDS_MAX ? (uint64_t)seconds : SECONDS_MAX;
    return s * SECOND + rest;
}

/* What is left of one that runs is never nothing. */
static uint64_t left(const struct timer *t, uint64_t least) {
    uint64_t now = clock_nanoseconds();
    if (!t->deadline)
        return 0;
    return t->deadline > now + least ? t->deadline - now : least;
}

static uint64_t after(uint64_t length) {
    return length ? clock_nanoseconds() + length : 0;
}

/* ---- setitimer ---- */

static bool is_time(const struct timeval *t) {
    return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < 1000000;
}

static uint64_t of_timeval(const struct timeval *t) {
    return nanoseconds(t->tv_sec, (uint64_t)t->tv_usec * MICROSECOND);
}

static struct timeval timeval_of(uint64_t time) {
    return (struct timeval){(time_t)(time / SECOND), (suseconds_t)(time % SECOND / MICROSECOND)};
}

static void itimerval_put(struct itimerval *to, const struct timer *t) {
    to->it_interval = timeval_of(t->interval);
    to->it_value = timeval_of(left(t, MICROSECOND));
}

/* Those of processor time are not there. */
static long which_check(long which) {
    if ((unsigned)which > ITIMER_PROF)
        return -EINVAL;
    return (int)which == ITIMER_REAL ? 0 : -ENOSYS;
}

/* setitimer(which, new, old); without a new one it is stopped, as on Linux. */
long call_setitimer(const long *a) {
    const struct itimerval none = {{0, 0}, {0, 0}};
    struct itimerval new;
    struct timer before;
    if (!user_readable((uint64_t)a[1], a[1] ? sizeof new : 0) ||
        !user_writable((uint64_t)a[2], a[2] ? sizeof new : 0))
        return -EFAULT;
    new = a[1] ? *(const struct itimerval *)a[1] : none;
    if (!is_time(&new.it_value) || !is_time(&new.it_interval))
        return -EINVAL;
    long error = which_check(a[0]);
    if (!error)
        error = timer_set(TIMER_REAL, after(of_timeval(&new.it_value)),
                          of_timeval(&new.it_interval), &before);
    if (!error && a[2])
        itimerval_put((struct itimerval *)a[2], &before);
    return error;
}

/* getitimer(which, out) */
long call_getitimer(const long *a) {
    struct timer t = {.deadline = 0};
    long error = which_check(a[0]);
    if (error)
        return error;
    if (!user_writable((uint64_t)a[1], sizeof(struct itimerval)))
        return -EFAULT;
    (void)timer_get(TIMER_REAL, &t);
    itimerval_put((struct itimerval *)a[1], &t);
    return 0;
}

/* alarm(seconds): what was left, rounded, in seconds. */
long call_alarm(const long *a) {
    struct timer before = {.deadline = 0};
    long error = timer_set(TIMER_REAL, after((uint32_t)a[0] * SECOND), 0, &before);
    uint64_t rest = left(&before, 1);
    if (error)
        return 0;
    return rest && rest < SECOND ? 1 : (long)((rest + SECOND / 2) / SECOND);
}

/* ---- timer_create ---- */

/* Linux' struct sigevent. */
struct event {
    uint64_t value;
    int32_t signal, notify, thread;
};

static long notify_get(const struct event *e, struct timer *t) {
    if (e->notify == SIGEV_NONE)
        return 0;
    if (e->notify != SIGEV_SIGNAL && e->notify != SIGEV_THREAD_ID)
        return -EINVAL;
    if (e->signal < 1 || e->signal > SIGNALS)
        return -EINVAL;
    t->signal = e->signal;
    t->thread = e->notify == SIGEV_THREAD_ID ? e->thread : 0;
    t->note.value = e->value;
    return 0;
}

/* timer_create(clock, event, out): numbers are those of the table. */
long call_timer_create(const long *a) {
    const struct event *e = (const struct event *)a[1];
    struct timespec now;
    struct timer t = {.signal = 0, .note.code = SI_TIMER};
    bool wall = (int)a[0] == CLOCK_REALTIME;
    long error = wall ? 0 : bare_clock_gettime(a[0], &now);
    if (error)
        return error;
    if (!user_writable((uint64_t)a[2], sizeof(int)) ||
        !user_readable((uint64_t)e, e ? sizeof *e : 0))
        return -EFAULT;
    error = e ? notify_get(e, &t) : 0;
    if (error)
        return error;
    t.wall = wall;
    t.own_value = !e;
    t.signal = e ? t.signal : SIGALRM;
    long number = timer_take(&t);
    if (number < 0)
        return number;
    *(int *)a[2] = (int)number;
    return 0;
}

static bool is_timespec(const struct timespec *t) {
    return t->tv_sec >= 0 && t->tv_nsec >= 0 && (uint64_t)t->tv_nsec < SECOND;
}

static struct timespec timespec_of(uint64_t time) {
    return (struct timespec){(time_t)(time / SECOND), (long)(time % SECOND)};
}

static void itimerspec_put(struct itimerspec *to, const struct timer *t) {
    to->it_interval = timespec_of(t->interval);
    to->it_value = timespec_of(left(t, 1));
}

/* A time that is over is one from now. */
static uint64_t deadline_at(const struct timer *t, uint64_t time) {
    uint64_t begun = t->wall && start_page ? (uint64_t)start_page->wall_offset : 0;
    return time > begun ? time - begun : 1;
}

/* Of the table's timers the first is not one of these. */
static bool timer_of(long number, struct timer *out) {
    return (int)number > (int)TIMER_REAL && timer_get((unsigned)number, out);
}

/* timer_settime(timer, flags, new, old) */
long call_timer_settime(const long *a) {
    struct itimerspec new;
    struct timer t, before;
    if (!user_readable((uint64_t)a[2], sizeof new) ||
        !user_writable((uint64_t)a[3], a[3] ? sizeof new : 0))
        return a[2] ? -EFAULT : -EINVAL;
    new = *(const struct itimerspec *)a[2];
    if (!is_timespec(&new.it_value) || !is_timespec(&new.it_interval) || !timer_of(a[0], &t))
        return -EINVAL;
    uint64_t time = nanoseconds(new.it_value.tv_sec, (uint64_t) new.it_value.tv_nsec);
    uint64_t deadline = a[1] & TIMER_ABSTIME && time ? deadline_at(&t, time) : after(time);
    long error =
        timer_set((unsigned)a[0], deadline,
                  nanoseconds(new.it_interval.tv_sec, (uint64_t) new.it_interval.tv_nsec), &before);
    if (!error && a[3])
        itimerspec_put((struct itimerspec *)a[3], &before);
    return error;
}

/* timer_gettime(timer, out) */
long call_timer_gettime(const long *a) {
    struct timer t;
    if (!timer_of(a[0], &t))
        return -EINVAL;
    if (!user_writable((uint64_t)a[1], sizeof(struct itimerspec)))
        return -EFAULT;
    itimerspec_put((struct itimerspec *)a[1], &t);
    return 0;
}

/* What was missed is not counted. */
long call_timer_getoverrun(const long *a) {
    struct timer t;
    return timer_of(a[0], &t) ? 0 : -EINVAL;
}

long call_timer_delete(const long *a) {
    return (int)a[0] > (int)TIMER_REAL && timer_give((unsigned)a[0]) ? 0 : -EINVAL;
}
