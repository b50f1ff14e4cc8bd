/* SPDX-License-Identifier: MIT */
#include "lib/file/polls.h"

#include <stdlib.h>

#include "lib/file/serve.h"
#include "lib/file/transport.h"
#include "lib/file/waits.h"

#define ALWAYS (FILE_HUNG_UP | FILE_BROKEN) /* told whether asked for or not */

struct poller {
    struct node node; /* one reference: that of its open file */
    struct badged counted;
    struct file_server *server;
    struct link watches, ready;
    uint32_t ready_count;
    bool told; /* the signal was raised since the list was read */
    handle_t signal;
    uint64_t bits;
};

struct watch {
    struct badged counted;
    struct poller *poller;
    struct file *file;
    struct link of_node, of_poller, of_ready; /* the last: if it is in the list */
    uint64_t cookie;
    uint32_t events, how;
};

static const struct node_ops poller_ops;

static struct poller *poller_of(struct file *f) {
    bool is = f && f->node->ops == &poller_ops;
    return is ? LINK_OF(f->node, struct poller, node) : NULL;
}

/* ---- watches ---- */

static void unready(struct watch *w) {
    if (!link_linked(&w->of_ready))
        return;
    list_remove(&w->of_ready);
    w->poller->ready_count--;
}

static void watch_end(struct watch *w) {
    struct node *n = w->file->node;
    unready(w);
    list_remove(&w->of_node);
    list_remove(&w->of_poller);
    n->watch_count--;
    badges_remove(&w->poller->server->watches, &w->counted);
    free(w);
}

void watches_end(struct file *f) {
    struct link *head = &f->node->watches, *next;
    for (struct link *l = list_first(head); l; l = next) {
        struct watch *w = LINK_OF(l, struct watch, of_node);
        next = list_next(head, l);
        if (w->file == f)
            watch_end(w);
    }
}

static struct watch *watch_find(struct file *f, const struct poller *p) {
    struct link *head = &f->node->watches;
    for (struct link *l = list_first(head); l; l = list_next(head, l)) {
        struct watch *w = LINK_OF(l, struct watch, of_node);
        if (w->file == f && w->poller == p)
            return w;
    }
    return NULL;
}

static err_t watch_make(struct file *f, struct poller *p, struct watch **out) {
    if (f->node->watch_count >= WATCHES_OF_NODE)
        return ERROR(LIMIT);
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(&p->server->watches, &w->counted, p->counted.account, WATCHES_OF_ACCOUNT);
    if (!err_ok(e)) {
        free(w);
        return err_is(e, ERR_TOO_MANY_OPEN) ? ERROR(LIMIT) : e;
    }
    w->file = f;
    w->poller = p;
    list_append(&f->node->watches, &w->of_node);
    list_append(&p->watches, &w->of_poller);
    f->node->watch_count++;
    *out = w;
    return OK;
}

static void tell(struct watch *w) {
    struct poller *p = w->poller;
    if (!link_linked(&w->of_ready)) {
        list_append(&p->ready, &w->of_ready);
        p->ready_count++;
    }
    if (!p->told)
        transport_raise(p->signal, p->bits);
    p->told = true;
}

void file_changed(struct node *n, uint32_t events) {
    for (struct link *l = list_first(&n->watches); l; l = list_next(&n->watches, l)) {
        struct watch *w = LINK_OF(l, struct watch, of_node);
        if ((w->events | ALWAYS) & events)
            tell(w);
    }
}

/* ---- what clients ask ---- */

static uint64_t left_of(struct file *f) {
    struct file_stat s;
    node_stat(f->node, &s);
    return s.size > f->offset ? s.size - f->offset : 0;
}

static uint32_t ready_of(struct file *f, uint64_t *bytes) {
    if (f->node->ops->poll)
        return f->node->ops->poll(f, bytes);
    *bytes = node_is(f->node, FILE_TYPE_REGULAR) ? left_of(f) : 0;
    return FILE_READABLE | FILE_WRITABLE;
}

/* The poller whose session came along; another server's is none of ours. */
static err_t sent_poller(struct file_request *r, struct poller **out) {
    const struct handle_received *h = &r->received[0];
    if (!h->own)
        return ERROR(OTHER_SERVER);
    *out = poller_of(file_find(r->server, h->badge));
    return *out ? OK : ERROR(WRONG_TYPE);
}

/* With ONCE, what is ready is told by the answer, and there is nothing to watch. */
static err_t watch_set(struct file *f, struct poller *p, uint32_t how, uint64_t cookie,
                       uint32_t ready) {
    struct watch *w = watch_find(f, p);
    uint32_t events = (how & FILE_EVENTS) | ALWAYS;
    bool none = how & FILE_POLL_REMOVE || (how & FILE_POLL_ONCE && ready & events);
    if (none) {
        if (!w && how & FILE_POLL_REMOVE)
            return ERROR(NOT_FOUND);
        if (w)
            watch_end(w);
        return OK;
    }
    err_t e = w ? OK : watch_make(f, p, &w);
    if (!err_ok(e))
        return e;
    unready(w);
    w->events = events;
    w->how = how;
    w->cookie = cookie;
    if (ready & events)
        tell(w);
    return OK;
}

err_t serve_poll(struct file_request *r, struct file *f) {
    static const uint32_t hows = FILE_POLL_EDGE | FILE_POLL_ONCE | FILE_POLL_REMOVE;
    uint64_t how = r->word[0] & ~(uint64_t)FILE_EVENTS, bytes = 0;
    struct poller *p = NULL;
    if (how & ~(uint64_t)hows || how & (how - 1) || (how && !r->received_count))
        return ERROR_ARG(BAD_ARGUMENT, 3); /* one of them, and for a poller */
    if (poller_of(f))
        return ERROR(UNSUPPORTED);
    uint32_t ready = ready_of(f, &bytes);
    err_t e = r->received_count ? sent_poller(r, &p) : OK;
    if (err_ok(e) && p)
        e = watch_set(f, p, (uint32_t)r->word[0], r->word[1], ready);
    r->answer[0] = ready;
    r->answer[1] = may(r, FILE_RIGHT_READ) ? bytes : 0;
    return e;
}

/* What the watch has to say now; what is over goes. */
static bool report(struct watch *w, struct file_ready *to) {
    uint64_t bytes;
    uint32_t ready = ready_of(w->file, &bytes) & w->events;
    unready(w);
    if (!ready)
        return false;
    *to = (struct file_ready){w->cookie, ready};
    if (w->how & FILE_POLL_ONCE) {
        watch_end(w);
    } else if (!(w->how & FILE_POLL_EDGE)) {
        list_append(&w->poller->ready, &w->of_ready);
        w->poller->ready_count++;
    }
    return true;
}

err_t serve_ready(struct file_request *r, struct file *f) {
    struct poller *p = poller_of(f);
    size_t room = r->limit < INLINE_MAX ? r->limit : INLINE_MAX, length = 0;
    if (!p)
        return ERROR(UNSUPPORTED);
    if (room < sizeof(struct file_ready))
        return ERROR_ARG(BAD_WINDOW, 2);
    p->told = false;
    struct link *l = list_first(&p->ready), *next;
    for (uint32_t n = p->ready_count; n && length + sizeof(struct file_ready) <= room; n--) {
        next = list_next(&p->ready, l); /* what stays ready goes to the end, which is not reached */
        if (report(LINK_OF(l, struct watch, of_ready), (void *)(r->space + length)))
            length += sizeof(struct file_ready);
        l = next;
    }
    r->answer[0] = length;
    return length ? file_emit(r, r->space, length) : OK;
}

/* ---- pollers ---- */

static void poller_unused(struct node *n) {
    struct poller *p = LINK_OF(n, struct poller, node);
    struct link *head = &p->watches, *next;
    for (struct link *l = list_first(head); l; l = next) {
        next = list_next(head, l);
        watch_end(LINK_OF(l, struct watch, of_poller));
    }
    badges_remove(&p->server->pollers, &p->counted);
    transport_close(p->signal);
    free(p);
}

static const struct node_ops poller_ops = {.unused = poller_unused};

static err_t poller_check(const struct file_request *r) {
    if (r->received_count != 1)
        return ERROR(BAD_HANDLE);
    if (r->received[0].own || r->received[0].type != OBJECT_SIGNAL)
        return ERROR(WRONG_TYPE);
    if (!(r->received[0].rights & RIGHT_SIGNAL_RAISE))
        return ERROR(NO_RIGHT);
    return r->word[0] ? OK : ERROR_ARG(BAD_ARGUMENT, 3);
}

static err_t poller_make(struct file_request *r, struct poller **out) {
    struct poller *p = calloc(1, sizeof *p);
    if (!p)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(&r->server->pollers, &p->counted, r->account, POLLERS_OF_ACCOUNT);
    if (!err_ok(e)) {
        free(p);
        return e;
    }
    p->node = (struct node){.ops = &poller_ops, .id = p->counted.badge, .references = 1};
    p->server = r->server;
    p->signal = r->received[0].handle;
    p->bits = r->word[0];
    r->received_count = 0; /* the signal is ours now */
    *out = p;
    return OK;
}

err_t serve_poller(struct file_request *r, struct file *f) {
    struct poller *p;
    (void)f;
    err_t e = poller_check(r);
    if (err_ok(e))
        e = poller_make(r, &p);
    if (!err_ok(e))
        return e;
    e = file_give(r, &p->node, 0, 0);
    node_release(&p->node); /* the open file has it, if there is one */
    return e;
}
