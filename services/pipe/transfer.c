/* SPDX-License-Identifier: MIT */
/*
 * What is sent and received. Bytes are put into the receiver's inbox, or looked at there, when the
 * request is served; they count, or are gone, when its answer has arrived (socket_settled). What a
 * request needs beside its bytes until then, or while it waits, is a parcel, its cargo.
 */
#include "abi/pipe.h"
#include "services/pipe/flight.h"
#include "services/pipe/socket.h"

/* A request to send. */
struct sending {
    struct socket *from, *to;
    size_t at, count; /* of the request's data */
    bool waits;
};

static bool whole(const struct socket *s) {
    return s->kind != SOCKET_STREAM;
}

/* ---- room ---- */

/* How much room a send needs to begin. One of a stream that waits does not go on in small pieces.
 */
static size_t room_needed(const struct sending *m) {
    if (whole(m->from))
        return m->count;
    size_t least = m->count < PIPE_BUF ? m->count : PIPE_BUF;
    return m->waits ? least : 1;
}

static bool inbox_takes(const struct socket *s, size_t bytes) {
    return ring_room(&s->in.ring) >= bytes && s->in.count < PARCELS_OF_INBOX;
}

bool socket_writable(const struct socket *s) {
    return !s->listens && (!s->peer || inbox_takes(s->peer, PIPE_BUF));
}

err_t socket_wait_for(struct socket *s, struct socket *other, struct file_request *r) {
    if (r->word[0] & SOCKET_NO_WAIT && r->op != FILE_WRITE)
        return ERROR(WOULD_BLOCK);
    if (link_linked(&s->of_waiters))
        list_remove(&s->of_waiters);
    list_append(&other->waiters, &s->of_waiters);
    return file_wait(r, &s->writes);
}

void socket_room(struct file_server *server, struct socket *s) {
    struct link *l;
    while ((l = list_first(&s->waiters))) {
        list_remove(l);
        file_wake(server, &LINK_OF(l, struct socket, of_waiters)->writes);
    }
}

/* Those who were told that there is none. */
static void room_tell(struct socket *s) {
    if (!socket_is_datagram(s) && s->peer)
        file_changed(&s->peer->node, FILE_WRITABLE);
    for (struct link *l = list_first(&s->senders); l; l = list_next(&s->senders, l))
        file_changed(&LINK_OF(l, struct socket, of_senders)->node, FILE_WRITABLE);
}

/* ---- sending ---- */

/* It is told once. */
static err_t error_take(struct socket *s) {
    s->error = 0;
    return ERROR(DEAD);
}

/* The peer, if nothing speaks against it. */
static err_t peer_of(struct socket *s, struct socket **out) {
    if (whole(s) && s->error)
        return error_take(s);
    if (!s->peer && !s->connected)
        return ERROR(NOT_FOUND);
    if (s->shut & SOCKET_NO_MORE_WRITE)
        return ERROR(BROKEN_PIPE);
    *out = s->peer;
    return OK;
}

static err_t datagram_target(struct socket *s, const struct name *name, struct socket **out) {
    struct socket *to = name ? name->socket : s->peer;
    if (!to && !name && !s->lost)
        return ERROR(NOT_FOUND);
    if (s->shut & SOCKET_NO_MORE_WRITE)
        return ERROR(BROKEN_PIPE);
    if (!to) {
        s->lost = s->lost && name;
        return ERROR(DEAD);
    }
    if (!socket_is_datagram(to))
        return ERROR(WRONG_TYPE);
    if (to->peer && to->peer != s)
        return ERROR(NO_RIGHT);
    if (to->shut & SOCKET_NO_MORE_READ)
        return ERROR(BROKEN_PIPE);
    *out = to;
    return OK;
}

static err_t target_of(struct sending *m, const struct file_request *r) {
    const struct parcel *p = r->cargo;
    const struct name *name = p ? p->to : NULL;
    if (socket_is_datagram(m->from))
        return datagram_target(m->from, name, &m->to);
    if (name)
        return m->from->connected ? ERROR(BUSY) : ERROR(UNSUPPORTED);
    return peer_of(m->from, &m->to);
}

/* A message of its own is a parcel, which is there from then on. */
static err_t parcel_need(struct socket *s, struct file_request *r) {
    struct parcel *p;
    err_t e = r->cargo ? OK : parcel_make(s->account, &p);
    if (!err_ok(e) || r->cargo)
        return err_is(e, ERR_TOO_MANY_OPEN) ? ERROR(LIMIT) : e;
    p->who = s->who;
    p->from = name_take(s->name);
    r->cargo = p;
    return OK;
}

static err_t send(struct sending *m, struct file_request *r) {
    err_t e = target_of(m, r);
    if (!err_ok(e))
        return e;
    if (whole(m->from) && m->count > m->to->in.ring.size)
        return ERROR(FILE_TOO_BIG);
    if (!inbox_takes(m->to, room_needed(m)) || file_behind(r, &m->from->writes))
        return socket_wait_for(m->from, m->to, r);
    e = whole(m->from) ? parcel_need(m->from, r) : OK;
    if (!err_ok(e))
        return e;
    size_t room = ring_room(&m->to->in.ring), some = m->count < room ? m->count : room;
    e = ring_take(&m->to->in.ring, r, m->at, some);
    if (!err_ok(e))
        return e;
    r->target = m->to;
    r->done = r->answer[0] = some;
    r->quiet = !m->to->reads.count && !m->to->node.watch_count;
    return OK;
}

err_t socket_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct socket *s = socket_of(f->node);
    struct sending m = {.from = s, .count = wanted, .waits = file_waits(r)};
    (void)offset;
    return wanted || whole(s) ? send(&m, r) : OK;
}

/* What comes with a message is taken once: a request that has waited has it as its cargo. */
static err_t cargo_load(struct socket *s, struct file_request *r, uint64_t flags) {
    unsigned named = flags & SOCKET_TO_HANDLE ? 1 : 0;
    uint64_t addressed = flags & (SOCKET_TO_HANDLE | SOCKET_ABSTRACT);
    if (r->received_count < named)
        return ERROR(BAD_HANDLE);
    if (!whole(s) && !addressed && !r->received_count)
        return OK;
    err_t e = parcel_need(s, r);
    struct parcel *p = r->cargo;
    if (err_ok(e))
        p->who = socket_who_of(r);
    if (err_ok(e) && addressed)
        e = name_meant(r, flags, r->word[4], &p->to);
    unsigned files = r->received_count - named;
    if (err_ok(e) && files) {
        e = flights_take(r, named, files, p->file);
        p->files = err_ok(e) ? files : 0;
    }
    return e;
}

err_t socket_serve_send(struct file *f, struct file_request *r) {
    static const uint64_t known = SOCKET_NO_WAIT | SOCKET_ABSTRACT | SOCKET_TO_HANDLE;
    uint64_t flags = r->word[0], front = flags & SOCKET_ABSTRACT ? r->word[4] : 0;
    struct socket *s = socket_of(f->node);
    struct sending m = {.from = s, .at = front, .count = r->word[1]};
    if (flags & ~known || front > SOCKET_NAME_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (m.count > WINDOWS_MAX || m.count + front > r->read_window)
        return ERROR_ARG(BAD_WINDOW, 2);
    m.waits = file_waits(r) && !(flags & SOCKET_NO_WAIT);
    err_t e = r->retried ? OK : cargo_load(s, r, flags);
    if (!err_ok(e))
        return e;
    return m.count || whole(s) ? send(&m, r) : OK;
}

static void send_settled(struct file_server *server, struct file_request *r) {
    struct socket *to = r->target;
    struct parcel *p = r->cargo;
    if (p && to->kind == SOCKET_STREAM && !p->files) { /* nothing to say about these bytes */
        parcel_end(p);
        p = NULL;
    }
    inbox_add(&to->in, r->done, p);
    r->cargo = NULL;
    file_wake(server, &to->reads);
    file_changed(&to->node, FILE_READABLE);
}

/* ---- receiving ---- */

static bool is_empty(const struct socket *s) {
    return whole(s) ? !s->in.count : !s->in.ring.length;
}

/* Why nothing can be received; OK: the end was reached. */
static err_t empty(struct socket *s, struct file_request *r, bool waits) {
    if (s->shut & SOCKET_NO_MORE_READ)
        return OK;
    return waits ? file_wait(r, &s->reads) : ERROR(WOULD_BLOCK);
}

/* That a peer ended without reading all is told before its last packets, but behind the last of a
 * stream. */
static err_t receive_check(struct socket *s) {
    if (socket_is_datagram(s))
        return OK;
    if (!s->connected)
        return s->kind == SOCKET_STREAM ? ERROR_ARG(BAD_ARGUMENT, 3) : ERROR(NOT_FOUND);
    return s->error && (whole(s) || is_empty(s)) ? error_take(s) : OK;
}

/* What one receive gives: bytes of a stream up to the end of what brought files; of a message. */
static size_t piece_of(const struct socket *s, size_t wanted, const struct parcel **told) {
    const struct parcel *p = inbox_first(&s->in);
    size_t there = s->in.ring.length;
    *told = NULL;
    if (p && whole(s))
        there = p->length;
    else if (p)
        there = (size_t)(p->begin - s->in.begin) + p->length;
    size_t count = wanted < there ? wanted : there;
    if (p && (whole(s) || p->begin - s->in.begin < count))
        *told = p;
    return count;
}

static bool nobody_waits(const struct socket *s) {
    return !list_first(&s->waiters) && !list_first(&s->senders) &&
           !(s->peer && s->peer->node.watch_count);
}

err_t socket_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct socket *s = socket_of(f->node);
    const struct parcel *told;
    err_t e = receive_check(s);
    (void)offset;
    if (!err_ok(e) || !wanted)
        return e;
    if (is_empty(s) || file_behind(r, &s->reads))
        return is_empty(s) ? empty(s, r, true) : file_wait(r, &s->reads);
    r->target = s;
    r->quiet = nobody_waits(s);
    return ring_emit(&s->in.ring, r, piece_of(s, wanted, &told));
}

/* The sender's name, in front of the data. */
static err_t emit_name(struct file_request *r, const struct name *n) {
    static const struct name nobody;
    r->answer[1] |= n ? (uint64_t)n->length << 32 : 0;
    return file_emit(r, n ? n->text : nobody.text, SOCKET_NAME_MAX);
}

static void tell_files(const struct parcel *p, struct file_request *r) {
    unsigned given = 0;
    while (given < p->files && given < r->word[2] && err_ok(flight_give(r, p->file[given])))
        given++;
    if (given < p->files)
        r->answer[1] |= SOCKET_CUT_FILES;
}

static void tell_about(const struct socket *s, const struct parcel *p, struct file_request *r,
                       size_t count) {
    const struct socket_who *who = p ? &p->who : &s->peer_who;
    size_t all = p && whole(s) ? p->length : count;
    r->answer[0] = count;
    r->answer[1] |= whole(s) ? SOCKET_WHOLE : 0;
    r->answer[1] |= all > count ? SOCKET_CUT : 0;
    r->answer[2] = who->user | (uint64_t)who->group << 32;
    r->answer[3] = who->process;
    r->answer[4] = all;
    if (p)
        tell_files(p, r);
}

static err_t receive(struct socket *s, struct file_request *r, size_t wanted) {
    const struct parcel *p;
    size_t count = piece_of(s, wanted, &p);
    const struct name *name = p ? p->from : s->peer ? s->peer->name : s->peer_name;
    err_t e = r->word[0] & SOCKET_WITH_NAME ? emit_name(r, name) : OK;
    if (err_ok(e))
        e = ring_emit(&s->in.ring, r, count);
    if (!err_ok(e))
        return e;
    tell_about(s, p, r, count);
    r->target = r->word[0] & SOCKET_PEEK ? NULL : s;
    return OK;
}

err_t socket_serve_receive(struct file *f, struct file_request *r) {
    static const uint64_t known = SOCKET_NO_WAIT | SOCKET_PEEK | SOCKET_WITH_NAME;
    struct socket *s = socket_of(f->node);
    bool waits = !(r->word[0] & SOCKET_NO_WAIT);
    size_t front = r->word[0] & SOCKET_WITH_NAME ? SOCKET_NAME_MAX : 0;
    if (r->word[0] & ~known)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[1] > WINDOWS_MAX || front + r->word[1] > r->write_window)
        return ERROR_ARG(BAD_WINDOW, 2);
    err_t e = receive_check(s);
    if (!err_ok(e))
        return e;
    if (is_empty(s))
        return empty(s, r, waits);
    if (waits && file_behind(r, &s->reads))
        return file_wait(r, &s->reads);
    return receive(s, r, r->word[1]);
}

static void receive_settled(struct file_server *server, struct file_request *r) {
    struct socket *s = r->target;
    node_hold(&s->node); /* it may have received itself */
    bool full = !inbox_takes(s, PIPE_BUF);
    if (whole(s))
        inbox_drop_first(&s->in);
    else
        inbox_drop(&s->in, r->answer[0]);
    socket_room(server, s);
    if (full && inbox_takes(s, PIPE_BUF))
        room_tell(s);
    node_release(&s->node);
}

/* ---- afterwards ---- */

void socket_settled(struct file *f, struct file_request *r, bool answered) {
    if (!answered || !r->target)
        return;
    if (r->op == FILE_WRITE || r->op == SOCKET_SEND)
        send_settled(f->server, r);
    else if (r->op == FILE_READ || r->op == SOCKET_RECEIVE)
        receive_settled(f->server, r);
}

void socket_cargo_end(void *cargo) {
    parcel_end(cargo);
}
