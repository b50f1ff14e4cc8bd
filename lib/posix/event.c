/* SPDX-License-Identifier: MIT */
/* eventfd(2) and timerfd_create(2): files of the server `pipe`. */
#include "lib/file/event.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

#include "lib/posix/posix.h"
#include "lib/sys/program.h"
#include "lib/sys/thread.h"

#define SECOND      1000000000ull
#define ALARM_FLAGS (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)

/* A descriptor for a session, or -errno. */
static long install(err_t e, struct session_cap session, struct description *d, bool on_exec) {
    if (!err_ok(e)) {
        description_release(d);
        return posix_errno(e);
    }
    d->base.session = session;
    d->mode = 0600;
    d->flags = O_RDWR;
    return descriptor_add(d, 0, on_exec);
}

static uint32_t nonblock(uint32_t flags) {
    return flags & O_NONBLOCK ? FILE_NONBLOCK : 0;
}

static long event_call(uint32_t count, uint32_t flags) {
    struct session_cap session;
    if (flags & ~(uint32_t)(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
        return -EINVAL;
    if (posix_pipes.h == HANDLE_NONE)
        return -ENOSYS;
    struct description *d = description_make();
    if (!d)
        return -ENFILE;
    uint32_t how = nonblock(flags) | (flags & EFD_SEMAPHORE ? EVENT_SEMAPHORE : 0);
    err_t e = event_open(posix_pipes, how, count, &session);
    return install(e, session, d, flags & EFD_CLOEXEC);
}

long call_eventfd(const long *a) {
    return event_call((uint32_t)a[0], 0);
}

long call_eventfd2(const long *a) {
    return event_call((uint32_t)a[0], (uint32_t)a[1]);
}

/* ---- timers ---- */

void timer_adopt(struct description *d) {
    struct event_state now;
    if (!(d->mode & FILE_TYPE) && err_ok(event_get(d->base.session, &now)))
        d->timer = TIMER_MONOTONIC;
}

/* timerfd_create(clock, flags) */
long call_timerfd_create(const long *a) {
    struct session_cap session;
    uint32_t flags = (uint32_t)a[1];
    bool wall = (int)a[0] == CLOCK_REALTIME;
    if (flags & ~(uint32_t)(TFD_CLOEXEC | TFD_NONBLOCK))
        return -EINVAL;
    if (!wall && (int)a[0] != CLOCK_MONOTONIC && (int)a[0] != CLOCK_BOOTTIME)
        return -EINVAL;
    if (posix_pipes.h == HANDLE_NONE)
        return -ENOSYS;
    struct description *d = description_make();
    if (!d)
        return -ENFILE;
    d->timer = wall ? TIMER_WALL : TIMER_MONOTONIC;
    err_t e = event_timer(posix_pipes, nonblock(flags), &session);
    return install(e, session, d, flags & TFD_CLOEXEC);
}

/* -EBADF, or -EINVAL: it is no timer. */
static long timer_get_file(long fd, struct description **out) {
    struct description *d = descriptor_get(fd);
    if (!d)
        return -EBADF;
    if (d->timer == TIMER_NONE) {
        description_release(d);
        return -EINVAL;
    }
    *out = d;
    return 0;
}

static bool valid(const struct timespec *t) {
    return t->tv_sec >= 0 && t->tv_nsec >= 0 && (uint64_t)t->tv_nsec < SECOND;
}

/* What does not fit is the end of time. */
static uint64_t nanoseconds(const struct timespec *t) {
    uint64_t s = (uint64_t)t->tv_sec;
    return s < INT64_MAX / SECOND ? s * SECOND + (uint64_t)t->tv_nsec : INT64_MAX;
}

/* When it ends, of the monotonic clock; a time that is over is the first there is. Nobody sets the
 * wall clock while a program runs. */
static uint64_t deadline_of(const struct description *d, const struct timespec *t, bool absolute) {
    uint64_t time = nanoseconds(t), now = clock_nanoseconds();
    int64_t begun = d->timer == TIMER_WALL && start_page ? start_page->wall_offset : 0;
    if (!time)
        return 0;
    if (!absolute)
        return time < INT64_MAX - now ? now + time : INT64_MAX;
    return (int64_t)time > begun ? time - (uint64_t)begun : 1;
}

static void state_put(struct itimerspec *to, const struct event_state *s) {
    *to = (struct itimerspec){
        .it_interval = {(time_t)(s->interval / SECOND), (long)(s->interval % SECOND)},
        .it_value = {(time_t)(s->left / SECOND), (long)(s->left % SECOND)}};
}

/* timerfd_settime(descriptor, flags, new, old) */
long call_timerfd_settime(const long *a) {
    const struct itimerspec *new = (const struct itimerspec *)a[2];
    struct description *d;
    struct event_state before;
    if (!user_readable((uint64_t) new, sizeof *new))
        return -EFAULT;
    if ((int)a[1] & ~ALARM_FLAGS || !valid(&new->it_value) || !valid(&new->it_interval))
        return -EINVAL;
    long error = timer_get_file(a[0], &d);
    if (error)
        return error;
    uint64_t deadline = deadline_of(d, &new->it_value, a[1] & TFD_TIMER_ABSTIME);
    error =
        posix_errno(event_set(d->base.session, deadline, nanoseconds(&new->it_interval), &before));
    description_release(d);
    if (!error && a[3] && !user_writable((uint64_t)a[3], sizeof *new))
        return -EFAULT;
    if (!error && a[3])
        state_put((struct itimerspec *)a[3], &before);
    return error;
}

/* timerfd_gettime(descriptor, to) */
long call_timerfd_gettime(const long *a) {
    struct description *d;
    struct event_state now;
    long error = timer_get_file(a[0], &d);
    if (error)
        return error;
    error = posix_errno(event_get(d->base.session, &now));
    description_release(d);
    if (error)
        return error;
    if (!user_writable((uint64_t)a[1], sizeof(struct itimerspec)))
        return -EFAULT;
    state_put((struct itimerspec *)a[1], &now);
    return 0;
}
