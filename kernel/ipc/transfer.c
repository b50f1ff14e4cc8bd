/* SPDX-License-Identifier: MIT */
/*
 * Handles that travel with messages. First all are found and checked, then all are put into slots
 * that the receiver has reserved; nothing in between can fail. What a forwarder sends along waits
 * in slots of its own, which are in no table, until the call is received.
 */
#include "ipc.h"
#include "log.h"
#include "pool.h"
#include "syscall.h"
#include "trace.h"

#define MOVE_MAX 64u /* children and dependents of a handle that moves */

static bool is_own(const struct slot *s, const struct endpoint *e) {
    return e && s->type == OBJECT_SESSION &&
           container_of(s->object, struct session, object)->endpoint == e;
}

/* Moving takes a step for each child and dependent. */
static bool movable(const struct slot *s) {
    unsigned n = 0;
    for (const struct slot *c = s->child; c && n <= MOVE_MAX; c = c->next)
        n++;
    for (const struct link *l = s->dependents; l && n <= MOVE_MAX; l = l->next)
        n++;
    return n <= MOVE_MAX;
}

/* The right to answer only moves, while the call is in flight and not parked. */
static err_t reply_check(const struct slot *s, bool move) {
    const struct thread *caller = reply_caller(s);
    if (!move)
        return ERROR(BAD_ARGUMENT);
    if (!caller)
        return ERROR(CALLER_GONE);
    return caller->call.parked ? ERROR(BUSY) : OK;
}

static err_t item_check(const struct slot *s, bool move) {
    if (!(s->rights & RIGHT_SEND))
        return ERROR(NO_RIGHT);
    if (s->flags & SLOT_REVOKING)
        return ERROR(REVOKED);
    if (s->type == OBJECT_REPLY)
        return reply_check(s, move);
    if (move && s->flags & SLOT_SELF)
        return ERROR(BAD_ARGUMENT);
    return !move || movable(s) ? OK : ERROR(BUSY);
}

/* A handle that moves is named once. */
static bool named_twice(const struct parcel *p, unsigned last) {
    for (unsigned i = 0; i < last; i++)
        if (p->item[i].slot == p->item[last].slot && (p->item[i].move || p->item[last].move))
            return true;
    return false;
}

err_t parcel_check(struct thread *from, uint64_t op, unsigned room, const struct endpoint *e,
                   struct parcel *out) {
    unsigned own = 0;
    out->count = OP_HANDLES_OF(op);
    for (unsigned i = 0; i < out->count; i++) {
        const struct handle_send *h = &from->block->send[i];
        uint16_t flags = READ_ONCE(h->flags);
        err_t error =
            handle_check(from, READ_ONCE(h->handle), OBJECT_NONE, 0, 0, &out->item[i].slot);
        if (!err_ok(error))
            return error;
        out->item[i].rights = READ_ONCE(h->rights);
        out->item[i].move = flags & SEND_MOVE;
        out->item[i].own = is_own(out->item[i].slot, e);
        error = item_check(out->item[i].slot, out->item[i].move);
        if (!err_ok(error))
            return error;
        if (flags & ~SEND_MOVE || named_twice(out, i))
            return ERROR(BAD_ARGUMENT);
        own += out->item[i].own;
    }
    return out->count - own <= room ? OK : ERROR(TOO_MANY_HANDLES);
}

static struct slot *spare_take(struct thread *t) {
    struct slot *s = t->spare;
    assert(s);
    t->spare = s->next;
    t->spare_count--;
    return s;
}

void reply_move(struct slot *to, struct slot *from, struct thread *holder) {
    struct thread *caller = reply_caller(from);
    to->object = from->object;
    to->type = OBJECT_REPLY;
    to->rights = from->rights;
    to->gone.endpoint = NULL;
    caller->call.reply = to;
    caller->call.reply_handle = slot_handle(to);
    call_undonate(caller);
    if (holder)
        call_donate(caller, holder);
    from->object = NULL;
    slot_give_back(from);
}

static void put(struct slot *to, struct slot *from, uint16_t rights, bool move,
                struct thread *holder) {
    if (from->type == OBJECT_REPLY) {
        reply_move(to, from, holder);
    } else if (move) {
        slot_move(to, from);
        to->rights &= rights;
    } else {
        slot_install(to, from->object, from->rights & rights, from->badge, from);
    }
}

static void describe(struct handle_received *r, const struct slot *s) {
    *r = (struct handle_received){
        .handle = slot_handle(s), .rights = s->rights, .type = s->type, .badge = 0};
}

static void describe_own(struct handle_received *r, const struct slot *s, uint16_t rights) {
    *r = (struct handle_received){
        .rights = s->rights & rights,
        .type = OBJECT_SESSION,
        .own = 1,
        .badge = container_of(s->object, struct session, object)->badge,
    };
}

/* Few steps, since the handle is movable; each attempt takes one at least. */
static void use_up(struct slot *s) {
    while (!slot_close(s))
        ;
}

void parcel_deliver(const struct parcel *p, struct thread *to) {
    for (unsigned i = 0; i < p->count; i++) {
        struct handle_received *r = &to->block->received[i];
        if (p->item[i].own) {
            describe_own(r, p->item[i].slot, p->item[i].rights);
            if (p->item[i].move)
                use_up(p->item[i].slot);
            continue;
        }
        struct slot *s = spare_take(to);
        put(s, p->item[i].slot, p->item[i].rights, p->item[i].move, to);
        trace(TRACE_GRANTS, grant, s->type, to->process->identity);
        describe(r, s);
    }
    to->block->received_count = p->count;
}

void parcel_keep(const struct parcel *p, struct forwarded *f) {
    for (unsigned i = 0; i < p->count; i++) {
        f->slot[i].flags = SLOT_DETACHED;
        put(&f->slot[i], p->item[i].slot, p->item[i].rights, p->item[i].move, NULL);
    }
    f->count = p->count;
}

/* Handles that were revoked meanwhile come as none. */
static void deliver_kept(struct slot *from, struct handle_received *r, struct endpoint *e,
                         struct thread *to) {
    if (!from->object || from->flags & SLOT_REVOKED || from->object->dying) {
        *r = (struct handle_received){.handle = HANDLE_NONE};
    } else if (is_own(from, e)) {
        describe_own(r, from, RIGHTS_ALL); /* closed with the rest */
    } else if (from->type == OBJECT_REPLY && !reply_caller(from)) {
        *r = (struct handle_received){.handle = HANDLE_NONE};
    } else {
        struct slot *s = spare_take(to);
        put(s, from, RIGHTS_ALL, true, to);
        describe(r, s);
    }
}

err_t forwarded_deliver(struct thread *caller, struct thread *to, struct endpoint *e) {
    struct forwarded *f = caller->call.forwarded;
    unsigned needed = 0;
    for (unsigned i = 0; i < f->count; i++)
        needed += f->slot[i].object && !is_own(&f->slot[i], e);
    if (needed > to->accepting)
        return ERROR(TOO_MANY_HANDLES);
    for (unsigned i = 0; i < f->count; i++)
        deliver_kept(&f->slot[i], &to->block->received[i], e, to);
    to->block->received_count = f->count;
    return OK;
}

bool forwarded_free(struct thread *t) {
    struct forwarded *f = t->call.forwarded;
    struct pool *pool = t->object.pool;
    for (unsigned i = 0; f && i < f->count; i++)
        if (f->slot[i].object && !slot_close(&f->slot[i]))
            return false;
    if (f && f->data)
        pool_page_free(pool, f->data);
    if (f)
        pool_free(pool, f, sizeof(*f));
    t->call.forwarded = NULL;
    t->attention &= ~ATTEND_FORWARDED;
    return true;
}

err_t receive_reserve(struct thread *t, unsigned accept, bool reply) {
    bool need_reply = reply && !t->reply_slot;
    if (likely(!need_reply && accept <= t->spare_count))
        return OK;
    struct slot_table *table = &t->process->slots;
    unsigned more = accept > t->spare_count ? accept - t->spare_count : 0;
    err_t e = slot_reserve(table, more + need_reply);
    if (!err_ok(e))
        return e;
    if (need_reply) {
        t->reply_slot = slot_take(table);
        t->next_reply = slot_handle(t->reply_slot);
    }
    for (; more; more--) {
        struct slot *s = slot_take(table);
        s->next = t->spare;
        t->spare = s;
        t->spare_count++;
    }
    return OK;
}
