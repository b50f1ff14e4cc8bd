/* SPDX-License-Identifier: MIT */
/*
 * poll(2) and select(2). What is ready is asked of each file. If that is nothing, the call makes a
 * signal and, at each server that one of the files is of, a poller which raises its bit of it
 * (docs/man/5/file.md), and waits for that; then it asks again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/posix/signals.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

#define SERVERS 64u /* bits of a signal */

#define READ_EVENTS  (POLLIN | POLLRDNORM)
#define WRITE_EVENTS (POLLOUT | POLLWRNORM)

/* ---- one file ---- */

static short events_of(uint32_t ready) {
    return (short)((ready & FILE_READABLE ? READ_EVENTS : 0) |
                   (ready & FILE_WRITABLE ? WRITE_EVENTS : 0) |
                   (ready & FILE_ENDED ? POLLRDHUP : 0) | (ready & FILE_HUNG_UP ? POLLHUP : 0) |
                   (ready & FILE_BROKEN ? POLLERR : 0));
}

/* What a file is ready for, of what is asked and what is always told. */
static short ready_now(const struct pollfd *p) {
    struct description *d = descriptor_get(p->fd);
    uint32_t ready = FILE_READABLE | FILE_WRITABLE;
    short found = POLLNVAL;
    if (d && d->epoll) {
        found = epoll_ready(d->epoll) ? p->events & READ_EVENTS : 0;
    } else if (d && !(d->flags & O_PATH)) {
        err_t e = d->log ? OK : file_poll(d->base.session, &ready, NULL);
        found = err_ok(e) || err_is(e, ERR_UNSUPPORTED) ? events_of(ready) : POLLERR;
        found &= (short)(p->events | POLLHUP | POLLERR);
    }
    description_release(d);
    return found;
}

static long ask(struct pollfd *list, size_t count) {
    long found = 0;
    for (size_t i = 0; i < count; i++) {
        list[i].revents = list[i].fd < 0 ? 0 : ready_now(&list[i]);
        found += list[i].revents != 0;
    }
    return found;
}

/* ---- waiting ---- */

struct wait {
    struct signal_cap signal;
    struct session_cap poller[SERVERS];
    unsigned count;
    bool ready; /* something came meanwhile */
};

static err_t watch_with(struct wait *w, unsigned n, const struct pollfd *p,
                        const struct description *d) {
    uint32_t ready = 0;
    uint32_t how = FILE_POLL_ONCE | (p->events & READ_EVENTS ? FILE_READABLE : 0) |
                   (p->events & WRITE_EVENTS ? FILE_WRITABLE : 0) |
                   (p->events & POLLRDHUP ? FILE_ENDED : 0);
    err_t e = file_watch(d->base.session, w->poller[n], how, 0, &ready);
    if (err_ok(e) && ready & (how | FILE_HUNG_UP | FILE_BROKEN))
        w->ready = true;
    return e;
}

/* By the poller of its server; which one that is only the servers know. */
static err_t watch(struct wait *w, const struct pollfd *p, const struct description *d) {
    for (unsigned n = 0; n < w->count; n++) {
        err_t e = watch_with(w, n, p, d);
        if (!err_is(e, ERR_OTHER_SERVER))
            return e;
    }
    if (w->count == SERVERS)
        return ERROR(NO_MEMORY);
    err_t e = file_poller(d->base.session, w->signal, 1ull << w->count, &w->poller[w->count]);
    return err_ok(e) ? watch_with(w, w->count++, p, d) : e;
}

/* A member of an epoll instance that is waited for. */
static err_t watch_member(void *context, struct description *file, uint32_t wanted) {
    const struct pollfd p = {.events = events_of(wanted)};
    return watch(context, &p, file);
}

static err_t watch_all(struct wait *w, const struct pollfd *list, size_t count) {
    err_t e = OK;
    for (size_t i = 0; i < count && err_ok(e) && !w->ready; i++) {
        struct description *d = list[i].fd < 0 ? NULL : descriptor_get(list[i].fd);
        if (d && d->epoll)
            e = epoll_watch_once(d->epoll, watch_member, w);
        else if (d && !d->log)
            e = watch(w, &list[i], d);
        description_release(d);
    }
    return e;
}

/* 0: something may be ready, or -errno; -ETIMEDOUT for the end of the time. */
static long wait_once(const struct pollfd *list, size_t count, uint64_t deadline) {
    struct wait w = {.count = 0};
    uint64_t bits;
    err_t e = sys_signal_create(program_pool, &w.signal);
    if (!err_ok(e))
        return -ENOMEM;
    e = watch_all(&w, list, count);
    if (err_ok(e) && !w.ready && signals_waiting())
        e = ERROR(INTERRUPTED);
    if (err_ok(e) && !w.ready)
        e = sys_signal_wait(w.signal, ~0ull, deadline, &bits);
    while (w.count)
        sys_handle_close(ANY(w.poller[--w.count]));
    sys_handle_close(ANY(w.signal));
    if (err_is(e, ERR_PEER_DIED) || err_is(e, ERR_REVOKED) || err_is(e, ERR_UNSUPPORTED))
        return 0; /* the file tells */
    return err_is(e, ERR_LIMIT) || err_is(e, ERR_TOO_MANY_OPEN) ? -ENOMEM : bare_errno(e);
}

static long poll_until(struct pollfd *list, size_t count, uint64_t deadline) {
    for (;;) {
        long found = ask(list, count);
        if (found || deadline == 0)
            return found;
        long error = wait_once(list, count, deadline);
        if (error == -ETIMEDOUT)
            deadline = 0; /* once more: it may have come with the end */
        else if (error == -EINTR)
            return (found = ask(list, count)) ? found : error; /* ... or with the signal */
        else if (error)
            return error;
    }
}

/* ---- the calls ---- */

/* A deadline that is 0: it is not waited; relative times that are none are for ever. */
static long deadline_of(const struct timespec *relative, uint64_t *deadline) {
    *deadline = DEADLINE_NONE;
    if (!relative)
        return 0;
    if (!user_readable((uint64_t)relative, sizeof *relative))
        return -EFAULT;
    if (relative->tv_sec == 0 && relative->tv_nsec == 0) {
        *deadline = 0;
        return 0;
    }
    return call_deadline(relative, deadline);
}

/* The set of signals that are held back while such a call waits; none: as they are. */
static long mask_begin(long set, long size) {
    uint64_t mask;
    long error = set ? signal_set_get(set, size, &mask) : 0;
    if (set && !error)
        signal_mask_for_call(mask);
    return error;
}

static long poll_call(long list, unsigned long count, const struct timespec *relative) {
    uint64_t deadline;
    long error = deadline_of(relative, &deadline);
    if (error)
        return error;
    if (count > descriptors_limit)
        return -EINVAL;
    if (!user_writable((uint64_t)list, count * sizeof(struct pollfd)))
        return -EFAULT;
    return poll_until((struct pollfd *)list, count, deadline);
}

long call_poll(const long *a) {
    int timeout = (int)a[2];
    const struct timespec relative = {timeout / 1000, timeout % 1000 * 1000000l};
    return poll_call(a[0], (unsigned long)a[1], timeout < 0 ? NULL : &relative);
}

/* ppoll(list, count, timeout, mask, size) */
long call_ppoll(const long *a) {
    long error = mask_begin(a[3], a[4]);
    return error ? error : poll_call(a[0], (unsigned long)a[1], (const struct timespec *)a[2]);
}

#define SET_BITS   64u
#define SET_EVENTS 3u

static const short asked[SET_EVENTS] = {POLLIN, POLLOUT, POLLPRI};
/* What each set is told, as Linux has it. */
static const short told[SET_EVENTS] = {POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI};

static bool in_set(const uint64_t *set, long fd) {
    return set && set[fd / SET_BITS] >> fd % SET_BITS & 1;
}

/* The list of what is in a set; or -EBADF. */
static long list_sets(uint64_t *const set[SET_EVENTS], long count, struct pollfd *list) {
    long n = 0;
    for (long fd = 0; fd < count; fd++) {
        short events = 0;
        for (unsigned i = 0; i < SET_EVENTS; i++)
            events |= in_set(set[i], fd) ? asked[i] : 0;
        if (!events)
            continue;
        if (descriptor_on_exec(fd, false, false) < 0)
            return -EBADF;
        list[n++] = (struct pollfd){.fd = (int)fd, .events = events};
    }
    return n;
}

static long fill_sets(uint64_t *const set[SET_EVENTS], long count, const struct pollfd *list,
                      long n) {
    long all = 0;
    for (unsigned i = 0; i < SET_EVENTS; i++)
        for (long at = 0; set[i] && at < count; at += SET_BITS)
            set[i][at / SET_BITS] = 0;
    for (long k = 0; k < n; k++)
        for (unsigned i = 0; i < SET_EVENTS; i++)
            if (set[i] && list[k].events & asked[i] && list[k].revents & told[i]) {
                set[i][list[k].fd / SET_BITS] |= 1ull << list[k].fd % SET_BITS;
                all++;
            }
    return all;
}

static long select_call(const long *a, const struct timespec *relative) {
    uint64_t *const set[SET_EVENTS] = {(uint64_t *)a[1], (uint64_t *)a[2], (uint64_t *)a[3]};
    long count = (int)a[0];
    uint64_t deadline;
    if (count < 0)
        return -EINVAL;
    count = count < DESCRIPTORS_MAX ? count : DESCRIPTORS_MAX;
    for (unsigned i = 0; i < SET_EVENTS; i++)
        if (set[i] &&
            !user_writable((uint64_t)set[i], ((uint64_t)count + SET_BITS - 1) / SET_BITS * 8))
            return -EFAULT;
    long error = deadline_of(relative, &deadline);
    struct pollfd *list = error ? NULL : block_take();
    if (!list)
        return error ? error : -ENOMEM;
    long n = list_sets(set, count, list);
    long result = n < 0 ? n : poll_until(list, (size_t)n, deadline);
    if (result >= 0)
        result = fill_sets(set, count, list, n);
    block_give(list);
    return result;
}

_Static_assert(DESCRIPTORS_MAX * sizeof(struct pollfd) <= BLOCK_SIZE, "a list fits in a block");

long call_select(const long *a) {
    const struct timeval *t = (const struct timeval *)a[4];
    if (!t)
        return select_call(a, NULL);
    if (!user_readable((uint64_t)t, sizeof *t))
        return -EFAULT;
    if (t->tv_sec < 0 || t->tv_usec < 0)
        return -EINVAL;
    const struct timespec relative = {t->tv_sec + t->tv_usec / 1000000,
                                      t->tv_usec % 1000000 * 1000};
    return select_call(a, &relative);
}

/* The last argument leads to a mask and its size. */
long call_pselect6(const long *a) {
    const long *mask = (const long *)a[5];
    if (mask && !user_readable((uint64_t)mask, 2 * sizeof *mask))
        return -EFAULT;
    long error = mask ? mask_begin(mask[0], mask[1]) : 0;
    return error ? error : select_call(a, (const struct timespec *)a[4]);
}
