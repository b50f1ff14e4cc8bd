/* SPDX-License-Identifier: MIT */
/*
 * Options of local sockets. Timeouts and SO_PASSCRED are the description's, in this process. What a
 * socket can hold is not changed, and what only other families have is taken and does nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lib/posix/sockets.h"

#define SECOND 1000000000ull

union value {
    int number;
    struct ucred who;
    struct timeval time;
};

static struct timeval time_of(uint64_t nanoseconds) {
    return (struct timeval){(time_t)(nanoseconds / SECOND),
                            (suseconds_t)(nanoseconds % SECOND / 1000)};
}

_Static_assert(SOCKET_STREAM == SOCK_STREAM && SOCKET_DATAGRAM == SOCK_DGRAM &&
                   SOCKET_PACKETS == SOCK_SEQPACKET,
               "kinds have the numbers of types");

/* What the server knows. Bytes of the value, or -errno. */
static long state_get(const struct description *d, long option, union value *v) {
    struct socket_state s;
    err_t e = socket_state(d->base.session, &s);
    if (!err_ok(e))
        return socket_errno(e);
    switch (option) {
    case SO_ERROR:
        v->number = s.error ? ECONNRESET : 0;
        break;
    case SO_ACCEPTCONN:
        v->number = s.listens != 0;
        break;
    case SO_PEERCRED:
        v->who = s.has_peer ? (struct ucred){(pid_t)s.peer.process, s.peer.user, s.peer.group}
                            : (struct ucred){0, (uid_t)-1, (gid_t)-1};
        return sizeof v->who;
    default:
        v->number = (int)(s.capacity ? s.capacity : SOCKET_CAPACITY);
    }
    return sizeof v->number;
}

static long option_get(const struct description *d, long option, union value *v) {
    switch (option) {
    case SO_TYPE:
        v->number = d->socket.kind;
        break;
    case SO_DOMAIN:
        v->number = AF_UNIX;
        break;
    case SO_PASSCRED:
        v->number = __atomic_load_n(&d->socket.tells_who, __ATOMIC_RELAXED);
        break;
    case SO_RCVTIMEO:
        v->time = time_of(__atomic_load_n(&d->socket.receive_timeout, __ATOMIC_RELAXED));
        return sizeof v->time;
    case SO_SNDTIMEO:
        v->time = time_of(__atomic_load_n(&d->socket.send_timeout, __ATOMIC_RELAXED));
        return sizeof v->time;
    case SO_ERROR:
    case SO_ACCEPTCONN:
    case SO_PEERCRED:
    case SO_RCVBUF:
    case SO_SNDBUF:
        return state_get(d, option, v);
    case SO_PROTOCOL:
    case SO_REUSEADDR:
    case SO_KEEPALIVE:
    case SO_BROADCAST:
        v->number = 0;
        break;
    default:
        return -ENOPROTOOPT;
    }
    return sizeof v->number;
}

/* getsockopt(descriptor, level, option, value, length) */
long call_getsockopt(const long *a) {
    struct description *d;
    union value v = {.number = 0};
    int *length = (int *)a[4];
    long size = socket_get(a[0], &d);
    if (size)
        return size;
    if (!user_writable((uint64_t)length, sizeof *length))
        size = -EFAULT;
    else if (*length < 0)
        size = -EINVAL;
    else
        size = (int)a[1] == SOL_SOCKET ? option_get(d, (int)a[2], &v) : -EOPNOTSUPP;
    description_release(d);
    if (size < 0)
        return size;
    size = size < *length ? size : *length;
    if (!user_writable((uint64_t)a[3], (uint64_t)size))
        return -EFAULT;
    memcpy((void *)a[3], &v, (size_t)size);
    *length = (int)size;
    return 0;
}

/* ---- set ---- */

static long timeout_set(uint64_t *timeout, const union value *v, long length) {
    if (length < (long)sizeof v->time)
        return -EINVAL;
    if (v->time.tv_usec < 0 || v->time.tv_usec >= 1000000)
        return -EDOM;
    uint64_t time = 0;
    if (v->time.tv_sec >= 0 && (uint64_t)v->time.tv_sec < INT64_MAX / SECOND)
        time = (uint64_t)v->time.tv_sec * SECOND + (uint64_t)v->time.tv_usec * 1000;
    __atomic_store_n(timeout, time, __ATOMIC_RELAXED);
    return 0;
}

static long option_set(struct description *d, long option, const union value *v, long length) {
    switch (option) {
    case SO_PASSCRED:
        __atomic_store_n(&d->socket.tells_who, v->number != 0, __ATOMIC_RELAXED);
        return 0;
    case SO_RCVTIMEO:
        return timeout_set(&d->socket.receive_timeout, v, length);
    case SO_SNDTIMEO:
        return timeout_set(&d->socket.send_timeout, v, length);
    case SO_RCVBUF:
    case SO_SNDBUF:
    case SO_REUSEADDR:
    case SO_KEEPALIVE:
    case SO_BROADCAST:
    case SO_LINGER:
    case SO_PRIORITY:
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

/* setsockopt(descriptor, level, option, value, length) */
long call_setsockopt(const long *a) {
    struct description *d;
    union value v = {.number = 0};
    long length = (int)a[4], error = socket_get(a[0], &d);
    if (error)
        return error;
    if (length < 0 || ((int)a[1] == SOL_SOCKET && length < (long)sizeof v.number))
        error = -EINVAL;
    else if ((int)a[1] != SOL_SOCKET)
        error = -EOPNOTSUPP;
    else if (!user_readable((uint64_t)a[3], (uint64_t)length))
        error = -EFAULT;
    if (!error) {
        memcpy(&v, (const void *)a[3], (size_t)length < sizeof v ? (size_t)length : sizeof v);
        error = option_set(d, (int)a[2], &v, length);
    }
    description_release(d);
    return error;
}
