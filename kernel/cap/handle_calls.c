/* SPDX-License-Identifier: MIT */
/*
 * The system calls on handles of any type. The dispatcher lets handle_close and pool_destroy
 * continue with a handle that they flagged themselves: until the object's end is done the slot is
 * kept, naming nothing.
 */
#include "endpoint.h"
#include "pool.h"
#include "process.h"
#include "syscall.h"
#include "trace.h"

/* A signal's badge is the set of bits that the handle may raise; others have no say in theirs. */
static err_t narrow_badge(const struct slot *s, uint64_t wanted, uint64_t *badge) {
    *badge = s->badge;
    if (!wanted)
        return OK;
    if (s->type != OBJECT_SIGNAL)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    *badge &= wanted;
    return OK;
}

err_t sys_handle_duplicate(struct thread *t, struct call_args *c) {
    struct slot *from = c->slot[0], *to;
    uint64_t badge;
    err_t e = narrow_badge(from, c->a[2], &badge);
    if (err_ok(e) && from->type == OBJECT_REPLY)
        e = ERROR_ARG(WRONG_TYPE, 1);
    if (err_ok(e) && from->flags & SLOT_REVOKING)
        e = ERROR_ARG(REVOKED, 1);
    if (err_ok(e))
        e = slot_reserve(&t->process->slots, 1);
    if (!err_ok(e))
        return e;
    to = slot_take(&t->process->slots);
    slot_install(to, from->object, from->rights & (uint16_t)c->a[1], badge, from);
    c->r[0] = slot_handle(to);
    trace(TRACE_GRANTS, grant, to->type, t->process->identity);
    return OK;
}

err_t handle_gone(struct thread *t, handle_t h, struct slot *s) {
    if (!objects_settle())
        return AGAIN;
    if (slot_find(&t->process->slots, h) == s) /* its table may have been destroyed */
        slot_give_back(s);
    return OK;
}

err_t sys_handle_close(struct thread *t, struct call_args *c) {
    struct slot *s = c->slot[0];
    if (s->flags & SLOT_SELF)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    return slot_empty(s) ? handle_gone(t, c->a[0], s) : AGAIN;
}

err_t sys_handle_revoke(struct thread *t, struct call_args *c) {
    struct slot *s = c->slot[0];
    if (!(s->flags & SLOT_REVOKING))
        trace(TRACE_GRANTS, revoke, s->type, t->process->identity);
    return slot_revoke(s) && objects_settle() ? OK : AGAIN;
}

/* 0 for types whose objects have none. */
static uint64_t identity_of(const struct slot *s) {
    switch (s->type) {
    case OBJECT_POOL:
        return container_of(s->object, struct pool, object)->identity;
    case OBJECT_PROCESS:
        return container_of(s->object, struct process, object)->identity;
    case OBJECT_THREAD:
        return container_of(s->object, struct thread, object)->identity;
    case OBJECT_SESSION:
        return container_of(s->object, struct session, object)->node.key;
    default:
        return 0;
    }
}

err_t sys_handle_info(struct thread *t, struct call_args *c) {
    const struct slot *s = c->slot[0];
    (void)t;
    c->r[0] = s->type | (uint64_t)s->rights << 16;
    c->r[1] = identity_of(s);
    return OK;
}

err_t sys_handle_keep(struct thread *t, struct call_args *c) {
    struct slot *s = c->slot[0];
    (void)t;
    if (s->flags & SLOT_SELF)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (c->a[1] > 1)
        return ERROR_ARG(BAD_ARGUMENT, 2);
    s->flags = c->a[1] ? s->flags & (uint8_t)~SLOT_NO_CLONE : s->flags | SLOT_NO_CLONE;
    return OK;
}
