/* SPDX-License-Identifier: MIT */
/* Receiving: calls and notices, in turn when there are both. */
#include "cpu.h"
#include "ipc.h"
#include "signal.h"
#include "syscall.h"
#include "timer.h"

struct thread *receiver_take(struct endpoint *e) {
    struct thread *t = list_first(&e->receivers, struct thread, receiver);
    if (!t)
        return NULL;
    list_remove(&t->receiver);
    alarm_cancel(t);
    return t;
}

static void deliver(struct thread *t, enum message_kind kind, uint64_t a0, uint64_t a1,
                    uint64_t a2) {
    thread_own_account(t);
    t->regs.status = (uint64_t)kind << 24;
    t->regs.a[0] = a0;
    t->regs.a[1] = a1;
    t->regs.a[2] = a2;
    t->block->received_count = 0;
    t->block->inline_length = 0;
}

static void deliver_closed(struct session *s, struct thread *t) {
    deliver(t, MESSAGE_CLOSED, s->badge, 0, 0);
    notice_unbind(&s->closed);
    object_drop(&s->object);
    object_release(&s->object);
}

static void deliver_ended(struct process *p, struct thread *t) {
    deliver(t, MESSAGE_ENDED, p->cookie, p->reason, p->code);
    t->regs.a[3] = p->address;
    notice_unbind(&p->ended);
    object_release_later(&p->object);
}

static void deliver_gone(struct slot *s, struct thread *t) {
    deliver(t, MESSAGE_GONE, s->badge, s->gone.code, slot_handle(s));
    notice_unbind(&s->gone);
    s->object = NULL;
    slot_give_back(s);
}

void notice_deliver(struct notice *n, struct thread *t) {
    if (n->kind == MESSAGE_CLOSED)
        deliver_closed(container_of(n, struct session, closed), t);
    else if (n->kind == MESSAGE_ENDED)
        deliver_ended(container_of(n, struct process, ended), t);
    else
        deliver_gone(container_of(n, struct slot, gone), t);
}

static void deliver_signal(struct signal *s, struct thread *t) {
    deliver(t, MESSAGE_SIGNAL, s->bits, 0, 0);
    s->bits = 0;
}

void endpoint_signalled(struct endpoint *e) {
    struct thread *t = receiver_take(e);
    if (!t)
        return; /* whoever receives next sees the bits */
    deliver_signal(e->signal, t);
    thread_ready(t);
}

static bool signalled(const struct endpoint *e) {
    return e->signal && e->signal->bits;
}

static void take_notice(struct thread *t, struct endpoint *e) {
    struct notice *n = list_first(&e->notices, struct notice, queue);
    e->notice_last = true;
    if (n)
        notice_deliver(n, t);
    else
        deliver_signal(e->signal, t);
}

/* A call whose sender made a mistake ends with an error, and the next one comes. */
static bool take_call(struct thread *t, struct endpoint *e, struct tree_node *first) {
    struct thread *caller = container_of(first, struct thread, call.queue);
    err_t error = call_deliver(caller, t, e);
    if (!err_ok(error)) {
        call_end(caller, error);
        return false;
    }
    tree_remove(&e->queue, first);
    e->notice_last = false;
    return true;
}

static err_t wait(struct thread *t, struct endpoint *e, uint64_t op) {
    nanos_t deadline = op & OP_DEADLINE ? READ_ONCE(t->block->deadline) : NANOS_NEVER;
    if (t->attention & ATTEND_INTERRUPT) {
        t->attention &= ~ATTEND_INTERRUPT;
        return ERROR(INTERRUPTED);
    }
    if (deadline != NANOS_NEVER && deadline <= clock_now())
        return ERROR(TIMED_OUT);
    t->state = STATE_RECEIVING;
    list_append(&e->receivers, &t->receiver);
    alarm_set(t, deadline);
    cpu_release(cpu_self());
    return BLOCKED;
}

err_t receive(struct thread *t, struct endpoint *e, uint64_t op) {
    t->accepting = (uint8_t)OP_ACCEPT_OF(op);
    for (;;) {
        struct tree_node *call = tree_first(&e->queue);
        bool notice = !list_empty(&e->notices) || signalled(e);
        if (notice && !(call && e->notice_last)) {
            take_notice(t, e);
            return DELIVERED;
        }
        if (!call)
            return wait(t, e, op);
        if (take_call(t, e, call))
            return DELIVERED;
        if (work_spent(10))
            return AGAIN;
    }
}

/* Both reply_wait and forward_wait; what was sent is not sent again if the rest is preempted. */
static err_t send_and_receive(struct thread *t, struct call_args *c, bool forward) {
    uint64_t op = c->a[1];
    struct slot *reply, *target, *session;
    err_t e = handle_check(t, c->a[8], OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE, 9, &target);
    if (err_ok(e))
        e = op_check(op, 2);
    if (err_ok(e))
        e = receive_reserve(t, OP_ACCEPT_OF(op), true);
    if (err_ok(e) && c->a[0] != HANDLE_NONE)
        e = reply_find(t, c->a[0], &reply);
    if (err_ok(e) && forward && c->a[0] != HANDLE_NONE)
        e = handle_check(t, READ_ONCE(t->block->forward_session), OBJECT_SESSION,
                         RIGHT_SESSION_CALL, 0, &session);
    if (err_ok(e) && c->a[0] != HANDLE_NONE)
        e = forward ? forward_send(t, reply, session, op) : reply_send(t, reply, op);
    if (!err_ok(e))
        return e;
    t->regs.a[0] = HANDLE_NONE;
    if (target->flags & SLOT_REVOKED || !target->object)
        return ERROR_ARG(BAD_HANDLE, 9); /* it was sent along */
    return receive(t, container_of(target->object, struct endpoint, object), op);
}

err_t sys_reply_wait(struct thread *t, struct call_args *c) {
    return send_and_receive(t, c, false);
}

err_t sys_forward_wait(struct thread *t, struct call_args *c) {
    return send_and_receive(t, c, true);
}
