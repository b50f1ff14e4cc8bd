/* SPDX-License-Identifier: MIT */
#include "services/pipe/inbox.h"

#include <stdlib.h>

#include "abi/pipe.h"
#include "services/pipe/flight.h"
#include "services/pipe/share.h"
#include "services/pipe/socket.h"

#define PARCELS_MAX        16384u
#define PARCELS_OF_ACCOUNT 4096u

static struct badges parcels = {.limit = PARCELS_MAX};

err_t parcel_make(uint64_t account, struct parcel **out) {
    struct parcel *p = calloc(1, sizeof *p);
    if (!p)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(&parcels, &p->counted, account, PARCELS_OF_ACCOUNT);
    if (err_ok(e))
        *out = p;
    else
        free(p);
    return e;
}

void parcel_end(struct parcel *p) {
    for (unsigned i = 0; i < p->files; i++)
        flight_end(p->file[i]);
    name_give(p->from);
    name_give(p->to);
    badges_remove(&parcels, &p->counted);
    free(p);
}

uint32_t parcels_count(void) {
    return parcels.count;
}

err_t inbox_start(struct inbox *in, uint64_t account) {
    uint64_t size = share_offer(account, SOCKET_CAPACITY, PIPE_CAPACITY_LOW);
    if (!size)
        return ERROR(TOO_MANY_OPEN);
    err_t e = ring_start(&in->ring, size);
    if (!err_ok(e))
        return e;
    share_change(account, 0, size); /* was offered */
    in->account = account;
    return OK;
}

struct parcel *inbox_first(const struct inbox *in) {
    struct link *l = list_first(&in->parcels);
    return l ? LINK_OF(l, struct parcel, link) : NULL;
}

/* Those that begin before a position leave the inbox before the first of them ends, since what ends
 * with it may be the socket whose inbox this is. */
static void remove_before(struct inbox *in, uint64_t position) {
    struct link gone = {0}, *next;
    for (struct link *l = list_first(&in->parcels); l; l = next) {
        next = list_next(&in->parcels, l);
        if (LINK_OF(l, struct parcel, link)->begin >= position)
            break;
        list_remove(l);
        list_append(&gone, l);
        in->count--;
    }
    for (struct link *l = list_first(&gone); l; l = next) {
        next = list_next(&gone, l);
        parcel_end(LINK_OF(l, struct parcel, link));
    }
}

void inbox_empty(struct inbox *in) {
    in->begin += in->ring.length;
    if (in->ring.length)
        ring_drop(&in->ring, in->ring.length);
    remove_before(in, UINT64_MAX);
}

void inbox_drop_first(struct inbox *in) {
    struct parcel *p = inbox_first(in);
    in->begin += p->length;
    ring_drop(&in->ring, p->length);
    list_remove(&p->link);
    in->count--;
    parcel_end(p);
}

void inbox_end(struct inbox *in) {
    inbox_empty(in);
    if (in->ring.size)
        share_change(in->account, in->ring.size, 0); /* less: cannot fail */
    ring_end(&in->ring);
}

void inbox_add(struct inbox *in, size_t count, struct parcel *p) {
    if (p) {
        p->begin = in->begin + in->ring.length;
        p->length = count;
        list_append(&in->parcels, &p->link);
        in->count++;
    }
    ring_add(&in->ring, count);
}

void inbox_drop(struct inbox *in, size_t count) {
    in->begin += count;
    ring_drop(&in->ring, count);
    remove_before(in, in->begin);
}
