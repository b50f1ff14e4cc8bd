/* SPDX-License-Identifier: MIT */
/*
 * Endpoints and sessions as objects; messages are in kernel/ipc. A session whose last handle is
 * gone holds itself until its notice was received or its endpoint is gone.
 */
#include "endpoint.h"

#include "cpu.h"
#include "ipc.h"
#include "pool.h"
#include "signal.h"
#include "syscall.h"
#include "trace.h"

static struct endpoint *endpoint_of(struct object *o) {
    return container_of(o, struct endpoint, object);
}

static struct session *session_of(struct object *o) {
    return container_of(o, struct session, object);
}

bool session_unused(struct object *o) {
    struct session *s = session_of(o);
    if (!s->closed.endpoint)
        return true;
    object_hold(o);
    notice_tell(&s->closed);
    return false;
}

static void leave_endpoint(struct session *s) {
    notice_unbind(&s->closed);
    if (s->endpoint)
        tree_remove(&s->endpoint->sessions, &s->node);
    s->endpoint = NULL;
}

bool session_destroy(struct object *o) {
    leave_endpoint(session_of(o));
    return true;
}

/* Callers of sessions without an endpoint get PEER_DIED. */
static void orphan(struct session *s) {
    bool told = !s->object.slots && s->object.holds;
    leave_endpoint(s);
    if (told) {
        object_drop(&s->object);
        object_release(&s->object);
    }
}

/* An ended process may be there only to be told of. */
static void forget(struct notice *n) {
    notice_unbind(n);
    if (n->kind == MESSAGE_ENDED)
        object_release_later(&container_of(n, struct process, ended)->object);
}

bool endpoint_destroy(struct object *o) {
    struct endpoint *e = endpoint_of(o);
    struct tree_node *n;
    struct thread *t;
    while ((n = tree_first(&e->queue))) {
        call_end(container_of(n, struct thread, call.queue), ERROR(PEER_DIED));
        if (work_spent(3))
            return false;
    }
    while ((t = receiver_take(e))) {
        thread_wake(t, ERROR(REVOKED));
        if (work_spent(3))
            return false;
    }
    while ((n = tree_first(&e->sessions))) {
        orphan(container_of(n, struct session, node));
        if (work_spent(2))
            return false;
    }
    while (!list_empty(&e->sources)) {
        forget(container_of(e->sources.next, struct notice, source));
        if (work_spent(1))
            return false;
    }
    if (e->signal)
        e->signal->endpoint = NULL;
    return true;
}

err_t sys_endpoint_create(struct thread *t, struct call_args *c) {
    struct object *o;
    err_t e =
        object_create(container_of(c->slot[0]->object, struct pool, object), OBJECT_ENDPOINT, &o);
    if (!err_ok(e))
        return e;
    struct endpoint *new = endpoint_of(o);
    list_init(&new->receivers);
    list_init(&new->notices);
    list_init(&new->sources);
    return syscall_new_handle(t, o, c);
}

/* The handle that the call came through which `h` answers; NULL without error: none was named. */
static err_t mint_parent(struct thread *t, handle_t h, struct slot **out) {
    struct slot *reply;
    *out = NULL;
    if (h == HANDLE_NONE)
        return OK;
    err_t e = handle_check(t, h, OBJECT_REPLY, 0, 4, &reply);
    if (!err_ok(e))
        return e;
    struct thread *caller = reply_caller(reply);
    if (!caller)
        return ERROR_ARG(CALLER_GONE, 4);
    *out = caller->call.via.via;
    if (*out && (*out)->flags & SLOT_REVOKED)
        return ERROR_ARG(CALLER_GONE, 4); /* it is about to be */
    return OK;
}

err_t sys_endpoint_mint(struct thread *t, struct call_args *c) {
    struct endpoint *e = endpoint_of(c->slot[0]->object);
    uint16_t all = object_types[OBJECT_SESSION].rights;
    struct slot *parent;
    struct object *o;
    if (c->a[2] & ~(uint64_t)all)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t error = mint_parent(t, c->a[3], &parent);
    if (err_ok(error))
        error = slot_reserve(&t->process->slots, 1);
    if (err_ok(error))
        error = object_create(e->object.pool, OBJECT_SESSION, &o);
    if (!err_ok(error))
        return error;
    struct session *s = session_of(o);
    s->endpoint = e;
    s->badge = c->a[1];
    tree_insert(&e->sessions, &s->node, ++e->next_identity);
    notice_bind(&s->closed, MESSAGE_CLOSED, e);
    struct slot *slot = slot_take(&t->process->slots);
    slot_install(slot, o, (uint16_t)c->a[2], 0, parent);
    c->r[0] = slot_handle(slot);
    return OK;
}

#define SESSIONS_AT_ONCE 64u

/* Sessions whose last handle is gone are still there until their notice is received. */
err_t sys_endpoint_sessions(struct thread *t, struct call_args *c) {
    struct session_info info[SESSIONS_AT_ONCE];
    struct endpoint *e = endpoint_of(c->slot[0]->object);
    uint64_t most = min_u64(c->a[3], SESSIONS_AT_ONCE), count = 0;
    (void)t;
    struct tree_node *n = c->a[1] == UINT64_MAX ? NULL : tree_ceiling(&e->sessions, c->a[1] + 1);
    for (; n && count < most; n = tree_next(n))
        info[count++] = (struct session_info){
            .identity = n->key, .badge = container_of(n, struct session, node)->badge};
    err_t error = user_write(c->a[2], info, count * sizeof(info[0]));
    if (err_ok(error))
        c->r[0] = count;
    return error;
}

err_t sys_endpoint_bind(struct thread *t, struct call_args *c) {
    struct endpoint *e = endpoint_of(c->slot[0]->object);
    struct signal *s = container_of(c->slot[1]->object, struct signal, object);
    (void)t;
    if (e->signal)
        return ERROR_ARG(BUSY, 1);
    if (s->endpoint || !list_empty(&s->waiters))
        return ERROR_ARG(BUSY, 2);
    e->signal = s;
    s->endpoint = e;
    if (s->bits)
        endpoint_signalled(e);
    return OK;
}
