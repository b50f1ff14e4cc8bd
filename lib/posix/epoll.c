/* SPDX-License-Identifier: MIT */
/*
 * epoll(7). A wait asks the pollers whose bits were raised, and those that named files the last
 * time, whose files may still be ready: files that are idle cost nothing.
 */
#include "lib/posix/epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <time.h>

#include "abi/event.h"
#include "lib/bare/bare.h"
#include "lib/file/event.h"
#include "lib/posix/signals.h"
#include "lib/sys/syscall.h"

#define AT_ONCE 16u /* members that a poller is asked for without a block */

#define MANNERS (EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)
#define EXCLUSIVE_KNOWN                                                                            \
    (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP)

/* ---- make ---- */

/* An instance has a session of its own, of a counter that nobody can read, for what is asked of any
 * file. */
static long session_make(struct description *d) {
    struct session_cap counter;
    err_t e = event_open(posix_pipes, 0, 0, &counter);
    if (!err_ok(e))
        return posix_errno(e);
    handle_t narrow;
    e = sys_handle_duplicate(ANY(counter), RIGHT_SESSION_CALL | RIGHT_DUPLICATE, 0, &narrow);
    file_drop(counter);
    if (!err_ok(e))
        return -ENOMEM;
    d->base.session.h = narrow;
    d->mode = 0600;
    d->flags = O_RDWR;
    return 0;
}

static long make(bool close_on_exec) {
    if (posix_pipes.h == HANDLE_NONE)
        return -ENOSYS;
    struct description *d = description_make();
    long error = d ? session_make(d) : -ENFILE;
    if (!error) {
        epoll_lock();
        d->epoll = epoll_make();
        epoll_unlock();
        error = d->epoll ? 0 : -ENOMEM;
    }
    if (!error)
        return descriptor_add(d, 0, close_on_exec);
    description_release(d);
    return error;
}

long call_epoll_create(const long *a) {
    return (int)a[0] > 0 ? make(false) : -EINVAL;
}

long call_epoll_create1(const long *a) {
    return (uint32_t)a[0] & ~(uint32_t)EPOLL_CLOEXEC ? -EINVAL : make(a[0] & EPOLL_CLOEXEC);
}

/* ---- members ---- */

/* Regular files and directories are always ready: Linux refuses them. */
static bool pollable(const struct description *d) {
    return !d->log && !d->epoll && !description_is(d, FILE_TYPE_REGULAR) &&
           !description_is(d, FILE_TYPE_DIRECTORY);
}

static long set(struct epoll *ep, struct member *m, const struct epoll_event *event) {
    m->events = event->events;
    m->data = event->data.u64;
    m->over = false;
    return member_watch(ep, m->file, m);
}

static long add(struct epoll *ep, int32_t number, struct description *d,
                const struct epoll_event *event) {
    struct member *m;
    long error = member_add(ep, number, d, &m);
    if (error)
        return error;
    error = set(ep, m, event);
    if (error) {
        member_remove(ep, m);
        (void)member_watch(ep, d, NULL);
    }
    return error;
}

static long change(struct epoll *ep, long op, int32_t number, struct description *d,
                   const struct epoll_event *event) {
    struct member *m = member_find(ep, number, d);
    if (op == EPOLL_CTL_ADD)
        return m ? -EEXIST : add(ep, number, d, event);
    if (!m)
        return -ENOENT;
    if (op == EPOLL_CTL_MOD)
        return m->events & EPOLLEXCLUSIVE ? -EINVAL : set(ep, m, event);
    member_remove(ep, m);
    return member_watch(ep, d, NULL);
}

static long change_check(const struct description *own, const struct description *d, long op,
                         const struct epoll_event *event) {
    if (!pollable(d) && d != own)
        return -EPERM;
    if (d == own || !own->epoll || op < EPOLL_CTL_ADD || op > EPOLL_CTL_MOD)
        return -EINVAL;
    bool exclusive = op != EPOLL_CTL_DEL && event->events & EPOLLEXCLUSIVE;
    if (exclusive && (op == EPOLL_CTL_MOD || event->events & ~EXCLUSIVE_KNOWN))
        return -EINVAL;
    return 0;
}

/* epoll_ctl(instance, operation, number, event) */
long call_epoll_ctl(const long *a) {
    struct epoll_event event = {.events = 0};
    long op = (int)a[1];
    if (op != EPOLL_CTL_DEL) {
        if (!user_readable((uint64_t)a[3], sizeof event))
            return -EFAULT;
        event = *(const struct epoll_event *)a[3];
    }
    struct description *own = descriptor_get(a[0]), *d = descriptor_get(a[2]);
    long error = own && d && !(d->flags & O_PATH) ? change_check(own, d, op, &event) : -EBADF;
    if (!error) {
        epoll_lock();
        error = change(own->epoll, op, (int32_t)a[2], d, &event);
        epoll_unlock();
    }
    description_release(own);
    description_release(d);
    return error;
}

/* ---- waiting ---- */

struct room {
    struct epoll_event *event; /* of the program */
    size_t count, most;
};

static void tell(struct member *m, uint32_t ready, struct room *to) {
    uint32_t events = epoll_events(ready) & (m->events | EPOLLERR | EPOLLHUP);
    if (!events || m->over || to->count == to->most)
        return;
    to->event[to->count++] = (struct epoll_event){.events = events, .data.u64 = m->data};
    m->over = m->events & EPOLLONESHOT;
}

static bool stays(const struct member *m) {
    return !(m->events & (EPOLLET | EPOLLONESHOT));
}

/* All members of a file that one of them was named for. Whether any was told and stays ready. */
static bool tell_all(struct epoll *ep, uint64_t cookie, uint32_t ready, struct room *to) {
    struct member *named = member_of_cookie(ep, cookie);
    size_t before = to->count;
    bool again = false;
    if (named && named->file->watched == 1) {
        tell(named, ready, to);
        return stays(named) && to->count > before;
    }
    for (uint32_t i = 0; named && i < ep->used; i++) {
        if (ep->member[i].file != named->file)
            continue;
        before = to->count;
        tell(&ep->member[i], ready, to);
        again |= stays(&ep->member[i]) && to->count > before;
    }
    return again;
}

/* Asks one poller; true: it is to be asked again the next time. Files that stay ready take turns,
 * so it is asked once: it would name them again. */
static bool ask(struct epoll *ep, unsigned n, struct file_ready *ready, size_t most,
                struct room *to) {
    size_t room = to->most - to->count < most ? to->most - to->count : most, count;
    bool again = false;
    if (!err_ok(file_ready(ep->poller[n], ready, room, &count)))
        return false;
    epoll_lock();
    for (size_t i = 0; i < count; i++)
        again |= tell_all(ep, ready[i].cookie, (uint32_t)ready[i].events, to);
    epoll_unlock();
    return again || count == room;
}

/* What is ready now, of pollers that may have something to tell. */
static void collect_with(struct epoll *ep, struct file_ready *ready, size_t most, struct room *to) {
    uint64_t bits = __atomic_exchange_n(&ep->ask, 0, __ATOMIC_ACQ_REL), again = 0;
    for (unsigned n = 0; n < EPOLL_SERVERS && bits >> n; n++) {
        if (!(bits >> n & 1))
            continue;
        if (to->count == to->most || ask(ep, n, ready, most, to))
            again |= 1ull << n;
    }
    if (!again)
        return;
    __atomic_fetch_or(&ep->ask, again, __ATOMIC_ACQ_REL);
    if (__atomic_load_n(&ep->waiters, __ATOMIC_ACQUIRE))
        sys_signal_raise(ep->signal, EPOLL_WAKE);
}

static void collect(struct epoll *ep, struct room *to) {
    struct file_ready few[AT_ONCE];
    struct file_ready *many =
        to->most > AT_ONCE && __atomic_load_n(&ep->ask, __ATOMIC_ACQUIRE) ? block_take() : NULL;
    if (many)
        collect_with(ep, many, INLINE_MAX / sizeof *many, to);
    else
        collect_with(ep, few, AT_ONCE, to);
    block_give(many);
}

static err_t bits_take(struct epoll *ep, uint64_t deadline) {
    uint64_t bits = 0;
    __atomic_fetch_add(&ep->waiters, 1, __ATOMIC_ACQ_REL);
    err_t e = sys_signal_wait(ep->signal, ~0ull, deadline, &bits);
    __atomic_fetch_sub(&ep->waiters, 1, __ATOMIC_ACQ_REL);
    if (err_ok(e))
        __atomic_fetch_or(&ep->ask, bits & ~EPOLL_WAKE, __ATOMIC_ACQ_REL);
    return e;
}

/* What the end of the wait says is looked at once more: it may have come with the end. */
static long wait(struct epoll *ep, struct room *to, uint64_t deadline) {
    err_t e = deadline ? OK : bits_take(ep, 1);
    for (;;) {
        collect(ep, to);
        if (to->count)
            return (long)to->count;
        if (!deadline || err_is(e, ERR_TIMED_OUT))
            return 0;
        if (!err_ok(e))
            return err_is(e, ERR_INTERRUPTED) ? -EINTR : posix_errno(e);
        if (__atomic_load_n(&ep->ask, __ATOMIC_ACQUIRE))
            continue;
        e = signals_waiting() ? ERROR(INTERRUPTED) : bits_take(ep, deadline);
    }
}

bool epoll_ready(struct epoll *ep) {
    bool found = false;
    epoll_lock();
    for (uint32_t i = 0; i < ep->used && !found; i++) {
        const struct member *m = &ep->member[i];
        uint32_t ready = 0;
        if (m->file && !m->over && err_ok(file_poll(m->file->base.session, &ready, NULL)))
            found = epoll_events(ready) & (m->events | EPOLLERR | EPOLLHUP);
    }
    epoll_unlock();
    return found;
}

static long wait_call(const long *a, uint64_t deadline) {
    struct room to = {.event = (struct epoll_event *)a[1], .most = (size_t)(int)a[2]};
    if ((int)a[2] <= 0 || (size_t)a[2] > INT_MAX / sizeof *to.event)
        return -EINVAL;
    if (!user_range((uint64_t)a[1], to.most * sizeof *to.event))
        return -EFAULT;
    to.most = to.most < EPOLL_MEMBERS ? to.most : EPOLL_MEMBERS;
    struct description *d = descriptor_get(a[0]);
    if (!d)
        return -EBADF;
    long result = d->epoll ? 0 : -EINVAL;
    if (!result && !user_writable((uint64_t)a[1], to.most * sizeof *to.event))
        result = -EFAULT;
    if (!result)
        result = wait(d->epoll, &to, deadline);
    description_release(d);
    return result;
}

static long wait_milliseconds(const long *a) {
    int timeout = (int)a[3];
    const struct timespec relative = {timeout / 1000, timeout % 1000 * 1000000l};
    uint64_t deadline = timeout < 0 ? DEADLINE_NONE : 0;
    long error = timeout > 0 ? call_deadline(&relative, &deadline) : 0;
    return error ? error : wait_call(a, deadline);
}

/* epoll_wait(instance, events, count, milliseconds) */
long call_epoll_wait(const long *a) {
    return wait_milliseconds(a);
}

static long mask_take(long set, long size) {
    uint64_t mask;
    long error = set ? signal_set_get(set, size, &mask) : 0;
    if (set && !error)
        signal_mask_for_call(mask);
    return error;
}

/* epoll_pwait(..., mask, size) */
long call_epoll_pwait(const long *a) {
    long error = mask_take(a[4], a[5]);
    return error ? error : wait_milliseconds(a);
}

/* epoll_pwait2: the time is a struct timespec. */
long call_epoll_pwait2(const long *a) {
    const struct timespec *relative = (const struct timespec *)a[3];
    uint64_t deadline = DEADLINE_NONE;
    long error = mask_take(a[4], a[5]);
    if (!error && relative && !user_readable((uint64_t)relative, sizeof *relative))
        error = -EFAULT;
    if (!error && relative)
        error = relative->tv_sec || relative->tv_nsec ? call_deadline(relative, &deadline)
                                                      : (deadline = 0, 0);
    return error ? error : wait_call(a, deadline);
}
