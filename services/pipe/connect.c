/* SPDX-License-Identifier: MIT */
/*
 * Who is connected with whom. A connection is there as soon as it waits to be accepted: both sides
 * can send, and only the side that accepts has no session yet.
 */
#include "services/pipe/socket.h"

#define BOTH (SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE)

void socket_part(struct socket *s) {
    if (link_linked(&s->of_senders))
        list_remove(&s->of_senders);
    s->peer = NULL;
}

/* A datagram socket sends to another one from now on. */
static void aim(struct socket *s, struct socket *at) {
    socket_part(s);
    s->peer = at;
    s->lost = false;
    list_append(&at->senders, &s->of_senders);
}

static void acquaint(struct socket *s, struct socket *with) {
    s->peer_who = with->who;
    s->has_peer_who = true;
}

void socket_join(struct socket *a, struct socket *b) {
    if (socket_is_datagram(a)) {
        aim(a, b);
        aim(b, a);
    } else {
        a->peer = b;
        b->peer = a;
        a->connected = b->connected = true;
    }
    acquaint(a, b);
    acquaint(b, a);
}

void socket_unjoin(struct socket *a, struct socket *b) {
    socket_part(a);
    socket_part(b);
}

/* ---- the end ---- */

void socket_shut(struct socket *s, uint32_t how) {
    s->shut |= how;
    if (s->file) {
        file_wake(s->file->server, &s->reads);
        file_wake(s->file->server, &s->writes);
    }
    file_changed(&s->node, FILE_EVENTS);
}

err_t socket_serve_shutdown(struct socket *s, struct file_request *r) {
    uint64_t how = r->word[0];
    uint32_t other = (how & SOCKET_NO_MORE_READ ? SOCKET_NO_MORE_WRITE : 0) |
                     (how & SOCKET_NO_MORE_WRITE ? SOCKET_NO_MORE_READ : 0);
    if (!how || how & ~(uint64_t)BOTH)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    socket_shut(s, (uint32_t)how);
    if (s->peer && !socket_is_datagram(s))
        socket_shut(s->peer, other);
    if (how & SOCKET_NO_MORE_READ)
        socket_room(r->server, s); /* who waits to send or to connect hears of it */
    return OK;
}

/* ---- listening ---- */

/* Linux takes any number; here it is the place of what is not accepted. */
err_t socket_serve_listen(struct socket *s, struct file_request *r) {
    int32_t wanted = (int32_t)r->word[0];
    if (socket_is_datagram(s))
        return ERROR(UNSUPPORTED);
    if (!s->name || s->connected)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    s->backlog =
        wanted < 0 || (uint32_t)wanted > SOCKET_BACKLOG_MAX ? SOCKET_BACKLOG_MAX : (uint32_t)wanted;
    s->listens = true;
    s->who = socket_who_of(r);
    socket_room(r->server, s);
    return OK;
}

struct socket *socket_next(struct socket *s) {
    struct link *l = list_first(&s->pending);
    if (!l)
        return NULL;
    list_remove(l);
    s->pending_count--;
    return LINK_OF(l, struct socket, of_pending);
}

err_t socket_serve_accept(struct socket *s, struct file_request *r) {
    struct link *l = list_first(&s->pending);
    if (socket_is_datagram(s))
        return ERROR(UNSUPPORTED);
    if (!s->listens || s->shut & SOCKET_NO_MORE_READ || r->word[0] & ~(uint64_t)FILE_NONBLOCK)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (!l || file_behind(r, &s->reads))
        return file_wait(r, &s->reads);
    struct socket *new = LINK_OF(l, struct socket, of_pending);
    uint32_t flags = FILE_FOR_READ | FILE_FOR_WRITE | (uint32_t)r->word[0];
    err_t e = file_give(r, &new->node, flags, FILE_RIGHTS);
    if (!err_ok(e))
        return e;
    socket_next(s);
    node_release(&new->node); /* its file has it */
    socket_room(r->server, s);
    return OK;
}

/* ---- connecting ---- */

/* A datagram socket that has a peer takes from that alone. */
static err_t connect_datagram(struct socket *s, struct socket *to) {
    if (!socket_is_datagram(to))
        return ERROR(WRONG_TYPE);
    if (to->peer && to->peer != s)
        return ERROR(NO_RIGHT);
    aim(s, to);
    return OK;
}

/* The socket that the other side will get. */
static err_t pending_make(struct socket *s, struct socket *to, struct file_request *r) {
    struct socket *new;
    err_t e = socket_new(r->account, s->kind, true, &new);
    if (!err_ok(e))
        return e;
    e = inbox_start(&s->in, r->account);
    if (!err_ok(e)) {
        node_release(&new->node);
        return e;
    }
    new->who = to->who;
    new->node.user = to->who.user;
    new->node.group = to->who.group;
    new->name = name_take(to->name);
    s->peer_name = name_take(to->name);
    new->peer_name = name_take(s->name);
    s->who = socket_who_of(r);
    socket_join(s, new);
    list_append(&to->pending, &new->of_pending);
    to->pending_count++;
    return OK;
}

static err_t connect_stream(struct socket *s, struct socket *to, struct file_request *r) {
    if (to->kind != s->kind)
        return ERROR(WRONG_TYPE);
    if (!to->listens || to->shut & SOCKET_NO_MORE_READ)
        return ERROR(DEAD);
    if (to->pending_count > to->backlog)
        return socket_wait_for(s, to, r);
    if (s->connected)
        return ERROR(BUSY);
    if (s->listens)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = pending_make(s, to, r);
    if (!err_ok(e))
        return e;
    file_wake(r->server, &to->reads);
    file_changed(&to->node, FILE_READABLE);
    file_changed(&s->node, FILE_WRITABLE);
    return OK;
}

/* The name stays with a request that waits. */
static err_t cargo_need(struct socket *s, struct file_request *r) {
    struct parcel *p = r->cargo;
    if (p)
        return OK;
    err_t e = parcel_make(s->account, &p);
    if (err_ok(e)) {
        r->cargo = p;
        e = name_meant(r, r->word[0], r->word[1], &p->to);
    }
    return e;
}

err_t socket_serve_connect(struct socket *s, struct file_request *r) {
    if (r->word[0] & SOCKET_TO_NOBODY) {
        if (!socket_is_datagram(s))
            return ERROR_ARG(BAD_ARGUMENT, 3);
        socket_part(s);
        return OK;
    }
    err_t e = cargo_need(s, r);
    if (!err_ok(e))
        return e;
    struct socket *to = ((struct parcel *)r->cargo)->to->socket;
    if (!to)
        return ERROR(DEAD);
    return socket_is_datagram(s) ? connect_datagram(s, to) : connect_stream(s, to, r);
}
