/* SPDX-License-Identifier: MIT */
/*
 * Passing a call on. The forwarder's words replace the caller's in the caller's saved registers;
 * its data and handles wait in a struct forwarded, which the caller pays for, so that nothing
 * depends on the forwarder afterwards. The caller's write window stays.
 */
#include "cpu.h"
#include "ipc.h"
#include "pool.h"
#include "syscall.h"

static err_t copy_data(struct pool *pool, struct forwarded *f, struct window data) {
    f->length = (uint32_t)data.length;
    f->data = pool_page_alloc(pool);
    if (!f->data)
        return ERROR(NO_MEMORY);
    err_t e = user_read(f->data, data.address, data.length);
    if (!err_ok(e))
        pool_page_free(pool, f->data);
    return e;
}

/* What has to be kept for the receiver; NULL: nothing. */
static err_t prepare(struct thread *from, struct thread *caller, uint64_t op,
                     struct forwarded **out) {
    struct window data =
        op & OP_READ_WINDOW ? window_read(&from->block->read) : (struct window){0, 0};
    struct pool *pool = caller->object.pool;
    *out = NULL;
    if (data.length > INLINE_MAX)
        return ERROR_ARG(BAD_WINDOW, 2);
    if (!data.length && !OP_HANDLES_OF(op))
        return OK;
    /* Pages first: a wait for one must hold no room, whose return would end the wait for room. */
    err_t e = data.length ? space_hold(from, data.address, data.length, false) : OK;
    if (!err_ok(e))
        return err_is(e, ERR_BAD_ADDRESS) ? ERROR_ARG(BAD_WINDOW, 2) : e;
    struct forwarded *f = pool_alloc(pool, sizeof(*f));
    if (!f)
        return ERROR(NO_MEMORY);
    e = data.length ? copy_data(pool, f, data) : OK;
    if (err_ok(e))
        *out = f;
    else
        pool_free(pool, f, sizeof(*f));
    return e;
}

static err_t check(struct thread *from, const struct slot *reply, uint64_t op, struct endpoint *e,
                   struct parcel *parcel) {
    struct thread *server = list_first(&e->receivers, struct thread, receiver);
    err_t error = op_check(op, 2);
    if (err_ok(error))
        error = parcel_check(from, op, server ? server->accepting : MESSAGE_HANDLES, e, parcel);
    for (unsigned i = 0; err_ok(error) && i < parcel->count; i++)
        if (parcel->item[i].slot == reply)
            error = ERROR(BAD_ARGUMENT);
    return error;
}

/* The forwarder lets go of the call, which is then as if it had just been made through `session`.
 */
static void hand_over(struct thread *from, struct slot *reply, struct slot *session, uint64_t op) {
    struct thread *caller = reply_caller(reply);
    struct call *c = &caller->call;
    call_undonate(caller);
    notice_unbind(&reply->gone);
    reply->object = NULL;
    slot_give_back(reply);
    c->reply = NULL;
    c->parked = false;
    dependent_detach(&c->via);
    dependent_attach(&c->via, session);
    c->badge = container_of(session->object, struct session, object)->badge;
    c->read.length = 0;
    caller->regs.a[1] = op;
    op_add_rights(&caller->regs.a[1], session);
    for (unsigned i = 2; i < 8; i++)
        caller->regs.a[i] = from->regs.a[i];
}

err_t forward_send(struct thread *from, struct slot *reply, struct slot *session, uint64_t op) {
    struct thread *caller = reply_caller(reply);
    struct endpoint *e = container_of(session->object, struct session, object)->endpoint;
    struct forwarded *f;
    struct parcel parcel;
    if (caller->call.page)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (session->flags & SLOT_REVOKING)
        return ERROR(REVOKED);
    if (!e)
        return ERROR(PEER_DIED);
    err_t error = check(from, reply, op, e, &parcel);
    if (err_ok(error) && !forwarded_free(caller))
        error = AGAIN;
    if (err_ok(error))
        error = prepare(from, caller, op, &f);
    if (!err_ok(error))
        return error;
    hand_over(from, reply, session, op);
    if (f)
        parcel_keep(&parcel, f);
    caller->call.forwarded = f;
    caller->call.beside |= f ? CALL_FORWARDED : 0;
    error = call_place(caller, e);
    if (!err_ok(error))
        call_end(caller, error);
    else if (caller->call.state == CALL_QUEUED && caller->attention & ATTEND_INTERRUPT) {
        caller->attention &= ~ATTEND_INTERRUPT;
        call_end(caller, ERROR(INTERRUPTED));
    }
    return OK;
}

err_t sys_forward(struct thread *t, struct call_args *c) {
    struct slot *reply, *session;
    err_t e = reply_find(t, c->a[0], &reply);
    if (err_ok(e))
        e = handle_check(t, c->a[8], OBJECT_SESSION, RIGHT_SESSION_CALL, 9, &session);
    return err_ok(e) ? forward_send(t, reply, session, c->a[1]) : e;
}
