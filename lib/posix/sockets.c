/* SPDX-License-Identifier: MIT */
/* Local sockets are made, connected and ended. */
#include "lib/posix/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND      1000000000ull
#define TYPE_FLAGS  (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define SOCKET_MODE (FILE_TYPE_SOCKET | 0777u)

long socket_errno(err_t e) {
    static const uint8_t numbers[] = {
        [ERR_WRONG_TYPE] = EPROTOTYPE,  [ERR_NO_RIGHT] = EPERM,
        [ERR_BAD_ARGUMENT] = EINVAL,    [ERR_LIMIT] = ETOOMANYREFS,
        [ERR_BUSY] = EISCONN,           [ERR_DEAD] = ECONNREFUSED,
        [ERR_TIMED_OUT] = EAGAIN,       [ERR_NOT_FOUND] = ENOTCONN,
        [ERR_UNSUPPORTED] = EOPNOTSUPP, [ERR_EXISTS] = EADDRINUSE,
        [ERR_FILE_TOO_BIG] = EMSGSIZE,  [ERR_OTHER_SERVER] = ECONNREFUSED,
        [ERR_TOO_MANY_OPEN] = ENOBUFS,
    };
    return e.code < sizeof numbers && numbers[e.code] ? -numbers[e.code] : posix_errno(e);
}

long socket_get(long fd, struct description **out) {
    struct description *d = descriptor_get(fd);
    if (!d || d->flags & O_PATH) {
        description_release(d);
        return -EBADF;
    }
    if (!d->socket.kind) {
        description_release(d);
        return -ENOTSOCK;
    }
    *out = d;
    return 0;
}

struct socket_who socket_who(void) {
    return (struct socket_who){(uint32_t)proc_number(), identity_user(), identity_group()};
}

uint64_t socket_deadline(uint64_t timeout) {
    const struct timespec relative = {(time_t)(timeout / SECOND), (long)(timeout % SECOND)};
    uint64_t deadline = 0;
    return timeout && !call_deadline(&relative, &deadline) ? deadline : 0;
}

/* ---- new descriptors ---- */

static void describe(struct description *d, struct session_cap session, unsigned kind) {
    d->base.session = session;
    d->mode = SOCKET_MODE;
    d->flags = O_RDWR;
    d->socket.kind = (uint8_t)kind;
}

void socket_adopt(struct description *d) {
    struct socket_state state;
    if (description_is(d, FILE_TYPE_SOCKET) && err_ok(socket_state(d->base.session, &state)))
        d->socket.kind = (uint8_t)state.kind;
}

/* Domain, type and protocol as Linux checks them: 0 or -errno, and which kind it is. */
static long kind_of(const long *a, enum socket_kind *kind) {
    static const uint8_t kinds[] = {[SOCK_STREAM] = SOCKET_STREAM,
                                    [SOCK_DGRAM] = SOCKET_DATAGRAM,
                                    [SOCK_RAW] = SOCKET_DATAGRAM,
                                    [SOCK_SEQPACKET] = SOCKET_PACKETS};
    uint32_t type = (uint32_t)a[1] & ~(uint32_t)TYPE_FLAGS;
    if (type > 0xf || (uint32_t)a[1] & ~(uint32_t)(TYPE_FLAGS | 0xf))
        return -EINVAL;
    if ((int)a[0] != AF_UNIX)
        return -EAFNOSUPPORT;
    if (a[2] && (int)a[2] != AF_UNIX)
        return -EPROTONOSUPPORT;
    if (type >= sizeof kinds || !kinds[type])
        return -ESOCKTNOSUPPORT;
    *kind = (enum socket_kind)kinds[type];
    return posix_pipes.h == HANDLE_NONE ? -EAFNOSUPPORT : 0;
}

static uint32_t server_flags(uint32_t type) {
    return type & SOCK_NONBLOCK ? FILE_NONBLOCK : 0;
}

/* socket(domain, type, protocol) */
long call_socket(const long *a) {
    enum socket_kind kind;
    struct session_cap session;
    const struct socket_who who = socket_who();
    long error = kind_of(a, &kind);
    if (error)
        return error;
    struct description *d = description_make();
    if (!d)
        return -ENFILE;
    err_t e = socket_open(posix_pipes, kind, server_flags((uint32_t)a[1]), &who, &session);
    if (!err_ok(e)) {
        description_release(d);
        return socket_errno(e);
    }
    describe(d, session, kind);
    return descriptor_add(d, 0, a[1] & SOCK_CLOEXEC);
}

static long pair_make(const long *a, enum socket_kind kind, struct description *const end[2]) {
    struct session_cap session[2];
    const struct socket_who who = socket_who();
    err_t e = socket_pair(posix_pipes, kind, server_flags((uint32_t)a[1]), &who, session);
    for (unsigned i = 0; i < 2 && err_ok(e); i++)
        describe(end[i], session[i], kind);
    return socket_errno(e);
}

/* socketpair(domain, type, protocol, descriptors) */
long call_socketpair(const long *a) {
    enum socket_kind kind;
    int *to = (int *)a[3];
    long error = user_writable((uint64_t)to, 2 * sizeof *to) ? kind_of(a, &kind) : -EFAULT;
    if (error)
        return error;
    struct description *const end[2] = {description_make(), description_make()};
    error = end[0] && end[1] ? pair_make(a, kind, end) : -ENFILE;
    return descriptions_install(end, error, a[1] & SOCK_CLOEXEC, to);
}

/* ---- connections ---- */

long call_listen(const long *a) {
    struct description *d;
    const struct socket_who who = socket_who();
    long error = socket_get(a[0], &d);
    if (error)
        return error;
    error = socket_errno(socket_listen(d->base.session, (int32_t)a[1], &who));
    description_release(d);
    return error;
}

long call_connect(const long *a) {
    struct description *d;
    struct address to;
    const struct socket_who who = socket_who();
    long error = socket_get(a[0], &d);
    if (error)
        return error;
    error = address_find(&to, a[1], a[2]);
    if (!error && signals_waiting())
        error = -EINTR;
    if (!error) {
        uint64_t deadline = socket_deadline(d->socket.send_timeout);
        error = socket_errno(socket_connect(d->base.session, &to.to, &who, deadline));
        address_end(&to);
    }
    description_release(d);
    return error;
}

/* The peer's address, after the descriptor is there. */
static long peer_put(const struct description *d, long to, uint32_t *length) {
    char name[SOCKET_NAME_MAX];
    size_t size = 0;
    if (!to)
        return 0;
    (void)socket_name(d->base.session, true, name, &size);
    return address_put(name, size, to, length);
}

/* A descriptor is taken before the connection is, which would be lost without one. */
static long accept_from(struct description *from, uint32_t type, long to, uint32_t *length) {
    struct session_cap session;
    struct description *d = description_make();
    long fd = d ? descriptor_reserve(0) : -ENFILE, error = fd < 0 ? fd : 0;
    if (!error && signals_waiting())
        error = -EINTR;
    if (!error)
        error =
            socket_errno(socket_accept(from->base.session, server_flags(type),
                                       socket_deadline(from->socket.receive_timeout), &session));
    if (!error) {
        describe(d, session, from->socket.kind);
        error = peer_put(d, to, length);
    }
    if (error)
        description_release(d);
    if (fd >= 0)
        descriptor_fill(fd, error ? NULL : d, type & SOCK_CLOEXEC);
    return error ? error : fd;
}

static long accept_call(const long *a, uint32_t type) {
    struct description *d;
    if (type & ~(uint32_t)TYPE_FLAGS)
        return -EINVAL;
    long result = socket_get(a[0], &d);
    if (result)
        return result;
    result = accept_from(d, type, a[1], (uint32_t *)a[2]);
    description_release(d);
    return result;
}

/* accept4(descriptor, address, length, flags) */
long call_accept4(const long *a) {
    return accept_call(a, (uint32_t)a[3]);
}

long call_accept(const long *a) {
    return accept_call(a, 0);
}

long call_shutdown(const long *a) {
    static const uint32_t how[] = {[SHUT_RD] = SOCKET_NO_MORE_READ,
                                   [SHUT_WR] = SOCKET_NO_MORE_WRITE,
                                   [SHUT_RDWR] = SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE};
    struct description *d;
    long error = socket_get(a[0], &d);
    if (error)
        return error;
    error = (unsigned long)(int)a[1] > SHUT_RDWR
                ? -EINVAL
                : socket_errno(socket_shutdown(d->base.session, how[a[1]]));
    description_release(d);
    return error;
}
