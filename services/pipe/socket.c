/* SPDX-License-Identifier: MIT */
#include "services/pipe/socket.h"

#include <stdlib.h>

#include "services/pipe/flight.h"

static const struct node_ops socket_ops;
static uint64_t count, next_id = 1ull << 32; /* beyond what pipes have */

uint64_t sockets_count(void) {
    return count;
}

struct socket *socket_of_file(const struct file *f) {
    return f->node->ops == &socket_ops ? socket_of(f->node) : NULL;
}

struct socket_who socket_who_of(const struct file_request *r) {
    return (struct socket_who){(uint32_t)r->word[3], (uint32_t)r->word[2],
                               (uint32_t)(r->word[2] >> 32)};
}

/* ---- beginning and end ---- */

err_t socket_new(uint64_t account, enum socket_kind kind, bool receives, struct socket **out) {
    struct socket *s = calloc(1, sizeof *s);
    if (!s)
        return ERROR(NO_MEMORY);
    err_t e = receives ? inbox_start(&s->in, account) : OK;
    if (!err_ok(e)) {
        free(s);
        return e;
    }
    s->node = (struct node){
        .ops = &socket_ops, .id = ++next_id, .mode = FILE_TYPE_SOCKET | 0777, .references = 1};
    s->kind = kind;
    s->account = account;
    count++;
    *out = s;
    return OK;
}

static void socket_unused(struct node *n) {
    struct socket *s = socket_of(n);
    inbox_end(&s->in);
    name_give(s->name);
    name_give(s->peer_name);
    free(s);
    count--;
}

/* A client cannot open one again. */
static err_t socket_open(struct file *f) {
    struct socket *s = socket_of(f->node);
    if (s->file)
        return ERROR(UNSUPPORTED);
    s->file = f;
    f->positioned = false;
    return OK;
}

/* What it has not read is lost, which its peer hears of. */
static void peer_leave(struct socket *s, bool lost) {
    struct socket *p = s->peer;
    s->peer = p->peer = NULL;
    p->error = lost ? SOCKET_RESET : p->error;
    socket_shut(p, SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE);
}

static void senders_leave(struct socket *s) {
    struct link *l;
    while ((l = list_first(&s->senders))) {
        struct socket *sender = LINK_OF(l, struct socket, of_senders);
        socket_part(sender);
        sender->lost = true;
        file_changed(&sender->node, FILE_WRITABLE);
    }
}

static void pending_end(struct socket *s) {
    struct socket *p;
    while ((p = socket_next(s))) {
        if (p->peer)
            peer_leave(p, true);
        inbox_empty(&p->in);
        node_release(&p->node);
    }
}

void socket_forget(struct socket *s) {
    pending_end(s);
    inbox_empty(&s->in);
}

static void socket_close(struct file *f) {
    struct socket *s = socket_of(f->node);
    bool lost = s->in.ring.length || s->in.count;
    s->shut = SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE;
    if (s->name && s->name->socket == s)
        name_leave(s->name);
    if (link_linked(&s->of_waiters))
        list_remove(&s->of_waiters);
    if (socket_is_datagram(s))
        socket_part(s);
    else if (s->peer)
        peer_leave(s, lost);
    socket_room(f->server, s);
    senders_leave(s);
    socket_forget(s);
}

static void socket_left(struct file *f) {
    flights_collect(socket_of(f->node));
}

/* ---- what is known about one ---- */

static bool readable(const struct socket *s) {
    return s->in.ring.length || s->in.count || s->pending_count || s->shut & SOCKET_NO_MORE_READ;
}

static uint32_t socket_poll(struct file *f, uint64_t *bytes) {
    static const uint32_t both = SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE;
    const struct socket *s = socket_of(f->node);
    const struct parcel *p = inbox_first(&s->in);
    bool stream = s->kind == SOCKET_STREAM, alone = !s->connected && !s->listens;
    *bytes = stream ? s->in.ring.length : p ? p->length : 0;
    return (readable(s) ? FILE_READABLE : 0) | (socket_writable(s) ? FILE_WRITABLE : 0) |
           (s->shut & SOCKET_NO_MORE_READ ? FILE_ENDED : 0) |
           (s->shut == both || (alone && !socket_is_datagram(s)) ? FILE_HUNG_UP : 0) |
           (s->error ? FILE_BROKEN : 0);
}

static err_t socket_set(struct node *n, const struct file_set *set) {
    if (set->fields & FILE_SET_MODE)
        n->mode = FILE_TYPE_SOCKET | (set->mode & FILE_PERMISSIONS);
    if (set->fields & FILE_SET_USER)
        n->user = set->user;
    if (set->fields & FILE_SET_GROUP)
        n->group = set->group;
    return OK;
}

static err_t tell_state(struct socket *s, struct file_request *r) {
    struct socket_state *state = (struct socket_state *)(void *)r->space;
    if (r->limit < sizeof *state)
        return ERROR_ARG(BAD_WINDOW, 2);
    *state = (struct socket_state){.kind = s->kind,
                                   .error = s->error,
                                   .listens = s->listens,
                                   .connected = s->connected,
                                   .capacity = s->in.ring.size,
                                   .peer = s->peer_who,
                                   .has_peer = s->has_peer_who};
    s->error = 0;
    return file_emit(r, state, sizeof *state);
}

static err_t socket_other(struct file *f, struct file_request *r) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    struct socket *s = socket_of(f->node);
    if ((r->op == SOCKET_RECEIVE || r->op == SOCKET_ACCEPT) && !(r->rights & FILE_RIGHT_READ))
        return ERROR(NO_RIGHT);
    if (r->op == SOCKET_SEND && !(r->rights & FILE_RIGHT_WRITE))
        return ERROR(NO_RIGHT);
    if (r->op == SOCKET_RECEIVE)
        return socket_serve_receive(f, r);
    if (r->op == SOCKET_SEND)
        return socket_serve_send(f, r);
    if (r->op == SOCKET_ACCEPT)
        return socket_serve_accept(s, r);
    if (r->op == SOCKET_NAME)
        return socket_serve_name(s, r);
    if (r->op == SOCKET_STATE)
        return tell_state(s, r);
    if ((r->rights & both) != both)
        return ERROR(NO_RIGHT);
    if (r->op == SOCKET_BIND)
        return socket_serve_bind(s, r);
    if (r->op == SOCKET_LISTEN)
        return socket_serve_listen(s, r);
    if (r->op == SOCKET_CONNECT)
        return socket_serve_connect(s, r);
    return r->op == SOCKET_SHUTDOWN ? socket_serve_shutdown(s, r) : ERROR(UNSUPPORTED);
}

static const struct node_ops socket_ops = {
    .set = socket_set,
    .unused = socket_unused,
    .open = socket_open,
    .close = socket_close,
    .left = socket_left,
    .read = socket_read,
    .write = socket_write,
    .poll = socket_poll,
    .other = socket_other,
    .settled = socket_settled,
};

/* ---- the root's operations ---- */

static err_t make_check(const struct file_request *r, enum socket_kind *kind) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    *kind = (enum socket_kind)(r->word[0] & SOCKET_KIND);
    if (*kind != SOCKET_STREAM && *kind != SOCKET_DATAGRAM && *kind != SOCKET_PACKETS)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[0] & ~(uint64_t)(FILE_NONBLOCK | SOCKET_KIND))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    return (r->rights & both) == both ? OK : ERROR(NO_RIGHT);
}

static err_t make_one(struct file_request *r, enum socket_kind kind, bool receives,
                      struct socket **out) {
    err_t e = socket_new(r->account, kind, receives, out);
    if (!err_ok(e))
        return e;
    (*out)->who = socket_who_of(r);
    (*out)->node.user = (*out)->who.user;
    (*out)->node.group = (*out)->who.group;
    return OK;
}

static err_t give(struct file_request *r, struct socket *s) {
    uint32_t flags = (uint32_t)r->word[0] & FILE_NONBLOCK;
    return file_give(r, &s->node, FILE_FOR_READ | FILE_FOR_WRITE | flags, FILE_RIGHTS);
}

err_t socket_serve_make(struct file_request *r) {
    struct socket *s;
    enum socket_kind kind;
    err_t e = make_check(r, &kind);
    if (err_ok(e))
        e = make_one(r, kind, kind == SOCKET_DATAGRAM, &s);
    if (!err_ok(e))
        return e;
    e = give(r, s);
    node_release(&s->node); /* its file has it */
    return e;
}

err_t socket_serve_make_pair(struct file_request *r) {
    struct socket *a, *b;
    enum socket_kind kind;
    err_t e = make_check(r, &kind);
    if (err_ok(e))
        e = make_one(r, kind, true, &a);
    if (!err_ok(e))
        return e;
    e = make_one(r, kind, true, &b);
    if (!err_ok(e)) {
        node_release(&a->node);
        return e;
    }
    socket_join(a, b);
    e = give(r, a);
    if (err_ok(e))
        e = give(r, b);
    if (!err_ok(e))
        socket_unjoin(a, b); /* the first may have a session that is about to end */
    node_release(&a->node);
    node_release(&b->node);
    return e;
}
