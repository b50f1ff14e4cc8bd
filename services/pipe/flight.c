/* SPDX-License-Identifier: MIT */
#include "services/pipe/flight.h"

#include <stdlib.h>

#include "lib/file/transport.h"
#include "services/pipe/socket.h"

#define FLIGHTS_MAX        2048u /* each may be a handle of the server */
#define FLIGHTS_OF_ACCOUNT 512u

static struct badges flights = {.limit = FLIGHTS_MAX};
static struct link ending; /* flights; ended one after the other, however deep they are nested */
static struct link flying; /* sockets that are on their way */

uint32_t flights_count(void) {
    return flights.count;
}

/* ---- on and off ---- */

static err_t handle_check(const struct file_request *r, const struct handle_received *h) {
    static const uint32_t needed = RIGHT_SEND | RIGHT_DUPLICATE;
    if (h->type != OBJECT_SESSION || (h->own && !file_find(r->server, h->badge)))
        return ERROR(WRONG_TYPE);
    return (h->rights & needed) == needed ? OK : ERROR(NO_RIGHT);
}

static void board(struct flight *f, const struct file_request *r, const struct handle_received *h) {
    f->rights = h->rights;
    f->handle = h->handle;
    if (!h->own)
        return;
    f->file = file_find(r->server, h->badge);
    file_hold(f->file);
    struct socket *s = socket_of_file(f->file);
    if (s && !s->carried++)
        list_append(&flying, &s->flying);
}

static err_t flight_make(uint64_t account, struct flight **out) {
    struct flight *f = calloc(1, sizeof *f);
    if (!f)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(&flights, &f->counted, account, FLIGHTS_OF_ACCOUNT);
    if (err_ok(e))
        *out = f;
    else
        free(f);
    return e;
}

static void flight_free(struct flight *f) {
    badges_remove(&flights, &f->counted);
    free(f);
}

err_t flights_take(struct file_request *r, unsigned first, unsigned count, struct flight **out) {
    err_t e = OK;
    unsigned made = 0;
    for (unsigned i = 0; i < count && err_ok(e); i++)
        e = handle_check(r, &r->received[first + i]);
    for (; made < count && err_ok(e); made += err_ok(e))
        e = flight_make(r->account, &out[made]);
    for (unsigned i = 0; i < count && err_ok(e); i++)
        board(out[i], r, &r->received[first + i]);
    if (err_ok(e))
        r->received_count = 0; /* they are ours now */
    else
        while (made)
            flight_free(out[--made]);
    return e;
}

err_t flight_give(struct file_request *r, const struct flight *f) {
    if (r->opened_count == FILE_OPENED_MAX)
        return ERROR(LIMIT);
    return f->file ? file_give_again(r, f->file, f->rights)
                   : transport_copy(r, f->handle, f->rights);
}

static void land(struct flight *f) {
    struct socket *s = f->file ? socket_of_file(f->file) : NULL;
    if (s && !--s->carried)
        list_remove(&s->flying);
    if (f->file)
        file_unhold(f->file); /* may end it, and so other flights */
    else
        transport_close(f->handle);
    flight_free(f);
}

void flight_end(struct flight *f) {
    static bool at_work;
    struct link *l;
    list_append(&ending, &f->ending);
    if (at_work)
        return;
    at_work = true;
    while ((l = list_first(&ending))) {
        list_remove(l);
        land(LINK_OF(l, struct flight, ending));
    }
    at_work = false;
}

/* ---- circles ---- */

/* Nobody has it but those who find it in what they have received. */
static bool only_flies(const struct socket *s) {
    return !s->file->sessions && s->file->holds == s->carried;
}

/* Calls `each` for the sockets that are on their way to `s`, or to one that waits to be accepted by
 * it: such a one has no session yet, so nobody can send it. */
static void each_inside(struct socket *s, void (*each)(struct socket *inner)) {
    for (struct link *l = list_first(&s->in.parcels); l; l = list_next(&s->in.parcels, l)) {
        const struct parcel *p = LINK_OF(l, struct parcel, link);
        for (unsigned i = 0; i < p->files; i++) {
            struct socket *inner = p->file[i]->file ? socket_of_file(p->file[i]->file) : NULL;
            if (inner)
                each(inner);
        }
    }
    for (struct link *l = list_first(&s->pending); l; l = list_next(&s->pending, l))
        each_inside(LINK_OF(l, struct socket, of_pending), each);
}

static void count_inside(struct socket *s) {
    s->inside++;
}

/* Reached from outside: `reached` sockets are looked into later, so that depth does not matter. */
static struct link reached;

static void reach(struct socket *s) {
    if (!s->suspect)
        return;
    s->suspect = false;
    list_append(&reached, &s->of_reached);
}

static void suspects_find(void) {
    for (struct link *l = list_first(&flying); l; l = list_next(&flying, l)) {
        struct socket *s = LINK_OF(l, struct socket, flying);
        s->suspect = only_flies(s);
        s->inside = 0;
    }
    for (struct link *l = list_first(&flying); l; l = list_next(&flying, l)) {
        struct socket *s = LINK_OF(l, struct socket, flying);
        if (s->suspect)
            each_inside(s, count_inside);
    }
}

/* One that is on its way more often than suspects have it is somebody's. */
static void suspects_clear(void) {
    struct link *l, *next;
    for (l = list_first(&flying); l; l = list_next(&flying, l)) {
        struct socket *s = LINK_OF(l, struct socket, flying);
        if (s->inside < s->carried)
            reach(s);
    }
    for (l = list_first(&reached); l; l = list_next(&reached, l)) /* it grows meanwhile */
        each_inside(LINK_OF(l, struct socket, of_reached), reach);
    for (l = list_first(&reached); l; l = next) {
        next = list_next(&reached, l);
        *l = (struct link){0};
    }
    reached = (struct link){0};
}

static struct socket *suspect_first(void) {
    for (struct link *l = list_first(&flying); l; l = list_next(&flying, l))
        if (LINK_OF(l, struct socket, flying)->suspect)
            return LINK_OF(l, struct socket, flying);
    return NULL;
}

/* What is thrown away may end others, which leave the list. */
void flights_collect(struct socket *s) {
    if (!only_flies(s))
        return;
    suspects_find();
    suspects_clear();
    while ((s = suspect_first())) {
        s->suspect = false;
        node_hold(&s->node); /* it may have received itself */
        socket_forget(s);
        node_release(&s->node);
    }
}
