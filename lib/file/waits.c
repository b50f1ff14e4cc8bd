/* SPDX-License-Identifier: MIT */
/*
 * A request that waits is kept with the kernel's right to answer it, which is parked: from then on
 * its caller can be interrupted, and the kernel says so. What is tried again runs as if it had come
 * just now, without its inline data.
 */
#include "lib/file/waits.h"

#include <string.h>

#include "lib/file/serve.h"
#include "lib/file/spare.h"
#include "lib/file/transport.h"

struct wait {
    struct badged badged; /* the badge is the cookie */
    struct link link;
    struct file_queue *queue;
    struct file *file;
    uint64_t process, op, word[MESSAGE_WORDS], read_window, write_window;
    uint32_t rights;
    struct reply_cap reply;
    void *cargo;
};

static struct spares over; /* there is one for each exchange through a pipe */

static struct wait *first_of(const struct file_queue *q) {
    struct link *l = list_first(&q->waits);
    return l ? LINK_OF(l, struct wait, link) : NULL;
}

void file_wake(struct file_server *s, struct file_queue *q) {
    if (q->count && !link_linked(&q->pending))
        list_append(&s->pending, &q->pending);
}

static void enqueue(struct wait *w, struct file_queue *q) {
    w->queue = q;
    list_append(&q->waits, &w->link);
    q->count++;
}

static void dequeue(struct wait *w) {
    struct file_queue *q = w->queue;
    list_remove(&w->link);
    if (!--q->count && link_linked(&q->pending))
        list_remove(&q->pending);
}

/* What waits behind the first may have waited only for that. */
static void wait_end(struct wait *w) {
    struct file *f = w->file;
    void *cargo = w->cargo;
    bool first = first_of(w->queue) == w;
    dequeue(w);
    if (first)
        file_wake(f->server, w->queue);
    badges_remove(&f->server->waits, &w->badged);
    spare_give(&over, w);
    if (cargo)
        f->server->cargo_end(cargo);
    file_unhold(f);
}

static err_t wait_add(struct file_request *r, struct wait *w) {
    struct badges *waits = &r->server->waits;
    err_t e = badges_add(waits, &w->badged, r->account, WAITS_OF_ACCOUNT);
    if (!err_ok(e))
        return err_is(e, ERR_TOO_MANY_OPEN) ? ERROR(LIMIT) : e;
    e = transport_park(r, w->badged.badge);
    if (!err_ok(e))
        badges_remove(waits, &w->badged);
    return e;
}

err_t wait_park(struct file_request *r) {
    struct wait *w = spare_take(&over, sizeof *w);
    if (!w)
        return ERROR(NO_MEMORY);
    *w = (struct wait){.file = r->file,
                       .process = r->process,
                       .op = r->op,
                       .read_window = r->read_window,
                       .write_window = r->write_window,
                       .rights = r->rights,
                       .reply = r->reply};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        w->word[i] = r->word[i];
    err_t e = wait_add(r, w);
    if (!err_ok(e)) {
        spare_give(&over, w);
        return e;
    }
    w->cargo = r->cargo;
    r->cargo = NULL;
    enqueue(w, r->queue);
    file_hold(w->file);
    r->parked = true;
    return ERROR(WOULD_BLOCK);
}

static void restore(struct file_request *r, struct wait *w) {
    r->badge = w->file->badged.badge;
    r->process = w->process;
    r->account = w->badged.account;
    r->op = w->op;
    memcpy(r->word, w->word, sizeof r->word);
    r->rights = w->rights;
    r->data = NULL;
    r->data_length = 0;
    r->read_window = w->read_window;
    r->write_window = w->write_window;
    r->reply = w->reply;
    r->received_count = 0;
    r->file = w->file;
    r->cargo = w->cargo;
    w->cargo = NULL;
}

static void wait_answer(struct file_request *r, struct wait *w, err_t e) {
    bool answered = err_ok(transport_answer(r, e));
    file_settle_alone(r, answered);
    w->cargo = r->cargo; /* which may have the queue */
    r->cargo = NULL;
    wait_end(w);
}

/* Nothing else is to be done, and nobody waits for what this one does when it is settled. One with
 * cargo, which may have the queue, is not left to others. */
static bool is_last(const struct file_request *r, const struct wait *w) {
    const struct link *pending = &r->server->pending, *first = list_first(pending);
    return !list_next(pending, first) && w->queue->count == 1 && !r->cargo &&
           (!r->settles || r->quiet);
}

/* The first request of the first queue. */
static void step(struct file_request *r) {
    struct file_queue *q = LINK_OF(list_first(&r->server->pending), struct file_queue, pending);
    struct wait *w = first_of(q);
    restore(r, w);
    err_t e = serve_again(r);
    if (!err_is(e, ERR_WOULD_BLOCK) || !r->queue) {
        r->error = e;
        if (is_last(r, w))
            r->wait = w;
        else
            wait_answer(r, w, e);
        return;
    }
    w->cargo = r->cargo;
    r->cargo = NULL;
    if (r->queue == q) {
        list_remove(&q->pending);
    } else {
        dequeue(w);
        enqueue(w, r->queue);
    }
}

bool file_work(struct file_request *r) {
    r->wait = NULL;
    for (unsigned n = 0; n < WAITS_AT_ONCE && !r->wait && list_first(&r->server->pending); n++)
        step(r);
    return !r->wait && list_first(&r->server->pending);
}

void file_worked(struct file_request *r) {
    wait_end(r->wait);
    r->wait = NULL;
}

void file_gone(struct file_server *s, uint64_t cookie) {
    struct badged *b = badges_find(&s->waits, cookie);
    if (b)
        wait_end((struct wait *)(void *)b);
}
