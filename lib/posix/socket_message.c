/* SPDX-License-Identifier: MIT */
/*
 * sendto(2), recvfrom(2), sendmsg(2) and recvmsg(2): addresses, and what travels beside the data.
 * Descriptors travel as sessions; whoever receives one asks its server what it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/posix/linux.h"
#include "lib/posix/socket_transfer.h"

#define CONTROL_SIZE(bytes) ((sizeof(struct control_header) + (bytes) + 7) & ~(size_t)7)

/* A call's transfer is large for a stack: it is in a block. */
static long begin(long fd, long flags, struct transfer **out) {
    struct description *d;
    long error = socket_get(fd, &d);
    if (error)
        return error;
    struct transfer *t = flags & MSG_OOB ? NULL : block_take();
    if (!t) {
        description_release(d);
        return flags & MSG_OOB ? -EOPNOTSUPP : -ENOMEM;
    }
    *t = (struct transfer){.d = d, .flags = (uint32_t)flags};
    *out = t;
    return 0;
}

static void end(struct transfer *t) {
    description_release(t->d);
    block_give(t);
}

/* ---- addresses ---- */

/* Sends to an address; at 0 there is none. */
static long send_to(struct transfer *t, long at, long length) {
    if (!at || !length)
        return transfer_send(t);
    if (t->d->socket.kind != SOCKET_DATAGRAM) {
        struct session_cap s = t->d->base.session;
        char name[SOCKET_NAME_MAX];
        size_t size;
        if (t->d->socket.kind == SOCKET_STREAM)
            return err_ok(socket_name(s, true, name, &size)) ? -EISCONN : -EOPNOTSUPP;
        return transfer_send(t); /* as Linux, which does not look at it */
    }
    long result = address_find(&t->to, at, length);
    if (result)
        return result;
    t->m.name = t->to.to.name;
    t->m.front = t->to.to.abstract.length;
    result = t->m.front || t->m.name.h != HANDLE_NONE ? transfer_send(t) : -EINVAL;
    address_end(&t->to);
    return result;
}

/* The sender's address; Linux says 0 of one that has none. */
static long address_tell(const struct transfer *t, long to, uint32_t *length) {
    if (t->m.name_length)
        return address_put(t->to.text, t->m.name_length, to, length);
    if (!user_writable((uint64_t)length, sizeof *length))
        return -EFAULT;
    *length = 0;
    return 0;
}

/* sendto(descriptor, data, size, flags, address, length) */
long call_sendto(const long *a) {
    struct transfer *t;
    const struct iovec part = {(void *)a[1], (size_t)a[2] < MOVE_MAX ? (size_t)a[2] : MOVE_MAX};
    long result = user_range((uint64_t)a[1], part.iov_len) ? begin(a[0], a[3], &t) : -EFAULT;
    if (result)
        return result;
    t->v = (struct vector){&part, 1, part.iov_len};
    result = send_to(t, a[4], a[5]);
    end(t);
    return result;
}

/* MSG_TRUNC asks how long the message was. */
static long length_of(const struct transfer *t, long done) {
    bool asked = t->flags & MSG_TRUNC && t->d->socket.kind != SOCKET_STREAM;
    return asked && done >= 0 ? (long)t->m.length : done;
}

/* recvfrom(descriptor, buffer, size, flags, address, length) */
long call_recvfrom(const long *a) {
    struct transfer *t;
    const struct iovec part = {(void *)a[1], (size_t)a[2] < MOVE_MAX ? (size_t)a[2] : MOVE_MAX};
    long result = user_range((uint64_t)a[1], part.iov_len) ? begin(a[0], a[3], &t) : -EFAULT;
    if (result)
        return result;
    t->v = (struct vector){&part, 1, part.iov_len};
    result = length_of(t, transfer_receive(t, a[4]));
    if (result >= 0 && a[4]) {
        long error = address_tell(t, a[4], (uint32_t *)a[5]);
        result = error ? error : result;
    }
    end(t);
    return result;
}

/* ---- what is sent beside the data ---- */

struct carried {
    struct description *file[SOCKET_FILES_MAX];
    unsigned count;
};

static void carried_end(struct carried *c) {
    while (c->count)
        description_release(c->file[--c->count]);
}

static long files_take(struct transfer *t, struct carried *c, const int *fd, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct description *d = descriptor_get(fd[i]);
        if (!d)
            return -EBADF;
        if (c->count == SOCKET_FILES_MAX || d->base.session.h == HANDLE_NONE || d->epoll) {
            description_release(d);
            return c->count == SOCKET_FILES_MAX ? -ETOOMANYREFS : -EINVAL;
        }
        t->m.file[c->count] = d->base.session;
        c->file[c->count++] = d;
        t->m.files = c->count;
    }
    return 0;
}

static long who_take(struct transfer *t, const struct ucred *who, size_t size) {
    if (size != sizeof *who)
        return -EINVAL;
    t->m.who = (struct socket_who){(uint32_t)who->pid, who->uid, who->gid};
    t->says_who = true;
    return 0;
}

static long control_take(struct transfer *t, struct carried *c, const struct message_header *h) {
    uint64_t at = 0;
    long error = 0;
    if (!user_readable(h->control, h->control_length))
        return -EFAULT;
    while (!error && h->control_length - at >= sizeof(struct control_header)) {
        const struct control_header *part = (const void *)(h->control + at);
        uint64_t left = h->control_length - at, size = part->length - sizeof *part;
        if (part->length < sizeof *part || part->length > left)
            return -EINVAL;
        if (part->level == SOL_SOCKET && part->type == SCM_RIGHTS)
            error = files_take(t, c, (const int *)(part + 1), size / sizeof(int));
        else if (part->level == SOL_SOCKET && part->type == SCM_CREDENTIALS)
            error = who_take(t, (const struct ucred *)(part + 1), size);
        else if (part->level == SOL_SOCKET)
            error = -EINVAL;
        at += CONTROL_SIZE(size) < left ? CONTROL_SIZE(size) : left;
    }
    return error;
}

/* sendmsg(descriptor, header, flags) */
long call_sendmsg(const long *a) {
    struct transfer *t;
    struct message_header h;
    struct carried c = {.count = 0};
    if (!user_readable((uint64_t)a[1], sizeof h))
        return -EFAULT;
    memcpy(&h, (const void *)a[1], sizeof h);
    long result = begin(a[0], a[2], &t);
    if (result)
        return result;
    result = h.part_count > VECTOR_MAX ? -EMSGSIZE
                                       : vector_take((long)h.parts, (long)h.part_count, &t->v);
    if (!result && h.control && h.control_length)
        result = control_take(t, &c, &h);
    if (!result)
        result = send_to(t, (long)h.name, (int)h.name_length);
    carried_end(&c);
    end(t);
    return result;
}

/* ---- what is received beside it ---- */

/* A number for a session that came; what has none is closed. */
static int descriptor_for_session(struct session_cap session, bool close_on_exec) {
    struct description *d = description_make();
    if (!d) {
        file_drop(session);
        return -EMFILE;
    }
    description_adopt(d, session);
    return (int)descriptor_add(d, 0, close_on_exec);
}

/* Room for the next part; as Linux, one that does not fit is cut. */
static struct control_header *control_add(struct message_header *h, uint64_t *used, int32_t type,
                                          size_t size) {
    uint64_t left = h->control ? h->control_length - *used : 0;
    struct control_header *part = (void *)(h->control + *used);
    if (left < sizeof *part + size) {
        h->flags |= MSG_CTRUNC;
        return NULL;
    }
    *part = (struct control_header){sizeof *part + size, SOL_SOCKET, type};
    *used += CONTROL_SIZE(size) < left ? CONTROL_SIZE(size) : left;
    return part;
}

static void files_put(struct transfer *t, struct message_header *h, uint64_t *used) {
    int fd[SOCKET_FILES_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < t->m.files; i++) {
        int new = descriptor_for_session(t->m.file[i], t->flags & MSG_CMSG_CLOEXEC);
        if (new >= 0)
            fd[count++] = new;
        else
            h->flags |= MSG_CTRUNC;
    }
    struct control_header *part =
        count ? control_add(h, used, SCM_RIGHTS, count * sizeof *fd) : NULL;
    if (part)
        memcpy(part + 1, fd, count * sizeof *fd);
}

static void control_put(struct transfer *t, struct message_header *h, bool tells_who) {
    uint64_t used = 0;
    const struct ucred who = {(pid_t)t->m.who.process, t->m.who.user, t->m.who.group};
    struct control_header *part =
        tells_who ? control_add(h, &used, SCM_CREDENTIALS, sizeof who) : NULL;
    if (part)
        memcpy(part + 1, &who, sizeof who);
    files_put(t, h, &used);
    h->control_length = used;
}

/* How many descriptors there is room for. */
static unsigned files_fit(const struct message_header *h, bool tells_who) {
    uint64_t before = sizeof(struct control_header);
    before += tells_who ? CONTROL_SIZE(sizeof(struct ucred)) : 0;
    uint64_t room = h->control && h->control_length > before ? h->control_length - before : 0;
    return room / sizeof(int) < SOCKET_FILES_MAX ? (unsigned)(room / sizeof(int))
                                                 : SOCKET_FILES_MAX;
}

static long receive(struct transfer *t, struct message_header *h) {
    bool tells_who = __atomic_load_n(&t->d->socket.tells_who, __ATOMIC_RELAXED);
    t->m.files = files_fit(h, tells_who);
    long result = transfer_receive(t, h->name);
    if (result < 0)
        return result;
    h->flags = t->flags & MSG_CMSG_CLOEXEC;
    h->flags |= t->m.flags & SOCKET_CUT ? MSG_TRUNC : 0;
    h->flags |= t->m.flags & SOCKET_CUT_FILES ? MSG_CTRUNC : 0;
    control_put(t, h, tells_who);
    return length_of(t, result);
}

static long header_check(const struct message_header *h) {
    if ((int32_t)h->name_length < 0)
        return -EINVAL;
    if (h->part_count > VECTOR_MAX)
        return -EMSGSIZE;
    return user_writable(h->control, h->control ? h->control_length : 0) ? 0 : -EFAULT;
}

/* recvmsg(descriptor, header, flags) */
long call_recvmsg(const long *a) {
    struct transfer *t;
    struct message_header h, *to = (struct message_header *)a[1];
    if (!user_writable((uint64_t)to, sizeof h))
        return -EFAULT;
    memcpy(&h, to, sizeof h);
    long error = header_check(&h), result = error ? error : begin(a[0], a[2], &t);
    if (result)
        return result;
    result = vector_take((long)h.parts, (long)h.part_count, &t->v);
    if (!result)
        result = receive(t, &h);
    if (result >= 0 && h.name)
        error = address_tell(t, (long)h.name, &to->name_length);
    if (result >= 0 && !error) {
        to->flags = h.flags;
        to->control_length = h.control_length;
    }
    end(t);
    return error ? error : result;
}
