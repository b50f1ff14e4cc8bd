/* SPDX-License-Identifier: MIT */
/*
 * What is sent and received through sockets. A message goes straight from or to the program's
 * memory if that is one piece and no address is beside it; else through a buffer. Only a stream is
 * sent in several messages.
 */
#include "lib/posix/socket_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "lib/bare/bare.h"

static bool is_stream(const struct description *d) {
    return d->socket.kind == SOCKET_STREAM;
}

/* ---- the buffer ---- */

static long buffer_need(struct transfer *t, size_t size) {
    if (size <= BLOCK_SIZE) {
        t->buffer = block_take();
        return t->buffer ? 0 : -ENOMEM;
    }
    long at = bare_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (at < 0)
        return at;
    t->buffer = (char *)at;
    t->mapped = size;
    return 0;
}

static void buffer_end(struct transfer *t) {
    if (t->mapped)
        (void)bare_munmap((uint64_t)t->buffer, t->mapped);
    else
        block_give(t->buffer);
}

/* What one message can have, with `front` bytes in front of it: of a stream what a block holds. */
static size_t most_of(const struct transfer *t, size_t front) {
    size_t most = is_stream(t->d) ? BLOCK_SIZE : WINDOWS_MAX;
    return t->v.size < most - front ? t->v.size : most - front;
}

/* ---- sending ---- */

static long send_errno(const struct description *d, err_t e, uint32_t flags) {
    if (err_is(e, ERR_BROKEN_PIPE) && is_stream(d) && !(flags & MSG_NOSIGNAL))
        signal_own(SIGPIPE);
    return err_is(e, ERR_DEAD) && d->socket.kind != SOCKET_DATAGRAM ? -ECONNRESET : socket_errno(e);
}

/* The next piece: from the program's memory, or copied. */
static void piece_set(struct transfer *t, size_t all) {
    char *alone = t->buffer ? NULL : vector_alone(&t->v);
    size_t left = t->v.size - all, front = t->m.front;
    size_t most = alone ? WINDOWS_MAX : (t->mapped ? t->mapped : BLOCK_SIZE) - front;
    size_t part = left < most ? left : most;
    if (alone || !part) {
        t->m.data = (struct text){alone ? alone + all : t->buffer, part + front};
        return;
    }
    vector_copy(&t->v, all, t->buffer + front, part, false);
    t->m.data = (struct text){t->buffer, part + front};
}

static long send_pieces(struct transfer *t) {
    size_t all = 0, done = 0;
    do {
        piece_set(t, all);
        err_t e =
            signals_waiting() ? ERROR(INTERRUPTED) : socket_send(t->d->base.session, &t->m, &done);
        if (!err_ok(e))
            return all ? (long)all : send_errno(t->d, e, t->flags);
        all += done;
        t->m.files = 0; /* they went with the first */
    } while (is_stream(t->d) && done && all < t->v.size);
    return (long)all;
}

long transfer_send(struct transfer *t) {
    size_t front = t->m.front;
    if (!is_stream(t->d) && t->v.size > WINDOWS_MAX - front)
        return -EMSGSIZE;
    t->m.flags = t->flags & MSG_DONTWAIT ? SOCKET_NO_WAIT : 0;
    t->m.who = t->says_who ? t->m.who : socket_who();
    t->m.deadline = socket_deadline(t->d->socket.send_timeout);
    long error = 0;
    if (front || (t->v.size && !vector_alone(&t->v)))
        error = vector_there(&t->v, false) ? buffer_need(t, front + most_of(t, front)) : -EFAULT;
    if (!error && front)
        memcpy(t->buffer, t->to.text, front);
    long result = error ? error : send_pieces(t);
    buffer_end(t);
    return result;
}

/* ---- receiving ---- */

static long receive_errno(err_t e) {
    return err_is(e, ERR_DEAD) ? -ECONNRESET : socket_errno(e);
}

/* One message, or a piece of a stream, `all` bytes behind the start. Bytes of it, or -errno. */
static long receive_once(struct transfer *t, size_t all) {
    size_t front = t->m.flags & SOCKET_WITH_NAME ? SOCKET_NAME_MAX : 0, done = 0;
    size_t most = most_of(t, front), left = t->v.size - all;
    char *alone = t->buffer ? NULL : vector_alone(&t->v);
    if (alone)
        most = WINDOWS_MAX;
    t->m.to = alone ? alone + all : t->buffer;
    t->m.size = front + (left < most ? left : most);
    if (signals_waiting())
        return -EINTR;
    err_t e = socket_receive(t->d->base.session, &t->m, &done);
    if (!err_ok(e))
        return receive_errno(e);
    if (!alone)
        vector_copy(&t->v, all, t->buffer + front, done, true);
    return (long)done;
}

/* MSG_WAITALL goes on until all is there, the end, or what came with files. */
static long receive_pieces(struct transfer *t) {
    const struct socket_message asked = t->m;
    bool waits_for_all =
        t->flags & MSG_WAITALL && is_stream(t->d) && !(t->flags & (MSG_PEEK | MSG_DONTWAIT));
    long all = receive_once(t, 0);
    while (waits_for_all && all > 0 && (size_t)all < t->v.size && !t->m.files) {
        t->m.flags = asked.flags;
        t->m.files = asked.files;
        long done = receive_once(t, (size_t)all);
        if (done <= 0)
            break;
        all += done;
    }
    return all;
}

long transfer_receive(struct transfer *t, bool named) {
    size_t front = named ? SOCKET_NAME_MAX : 0;
    long error = 0;
    t->m.flags = (t->flags & MSG_DONTWAIT ? SOCKET_NO_WAIT : 0) |
                 (t->flags & MSG_PEEK ? SOCKET_PEEK : 0) | (named ? SOCKET_WITH_NAME : 0);
    t->m.deadline = socket_deadline(t->d->socket.receive_timeout);
    if (named || (t->v.size && !vector_alone(&t->v)))
        error = vector_there(&t->v, true) ? buffer_need(t, front + most_of(t, front)) : -EFAULT;
    long result = error ? error : receive_pieces(t);
    if (result >= 0 && named)
        memcpy(t->to.text, t->buffer, t->m.name_length);
    buffer_end(t);
    return result;
}

/* ---- read and write ---- */

static long move_alone(struct description *d, uint32_t access, char *buffer, size_t size) {
    size_t done = 0;
    err_t e = ERROR(INTERRUPTED);
    if (!data_there(access, buffer, size))
        return -EFAULT;
    if (!signals_waiting())
        e = access == O_RDONLY ? file_read(d->base.session, FILE_CURRENT, buffer, size, &done)
                               : file_write(d->base.session, FILE_CURRENT, buffer, size, &done);
    if (err_ok(e))
        return (long)done;
    return access == O_RDONLY ? receive_errno(e) : send_errno(d, e, 0);
}

long socket_move_vector(struct description *d, uint32_t access, const struct vector *v) {
    struct transfer t = {.d = d, .v = *v};
    if (access == O_WRONLY)
        return is_stream(d) && !v->size ? 0 : transfer_send(&t);
    return v->size ? transfer_receive(&t, false) : 0;
}

/* What fits into one message, and has no deadline, is one of the file protocol, which is shorter.
 */
long socket_move(struct description *d, uint32_t access, char *buffer, size_t size) {
    const struct iovec part = {buffer, size};
    const struct vector v = {.part = &part, .count = 1, .size = size};
    uint64_t timeout = access == O_RDONLY ? d->socket.receive_timeout : d->socket.send_timeout;
    if (size > PAGE_SIZE || timeout)
        return socket_move_vector(d, access, &v);
    return move_alone(d, access, buffer, size);
}
