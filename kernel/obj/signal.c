/* SPDX-License-Identifier: MIT */
/*
 * Signals. A bit is set only while no waiter wants it: raising hands bits to waiters in order of
 * arrival. A signal that is bound to an endpoint has no waiters. Waking takes a bit each, and at
 * most SIGNAL_WAITERS are looked at, so raising is bounded and may be done from interrupts.
 */
#include "signal.h"
#include "cpu.h"
#include "endpoint.h"
#include "syscall.h"

static struct signal *signal_of(const struct slot *s) {
    return container_of(s->object, struct signal, object);
}

/* Gives bits to those who wait for them. */
static void signal_deliver(struct signal *s) {
    struct list *l = s->waiters.next;

    while (l != &s->waiters && s->bits) {
        struct thread *t = container_of(l, struct thread, wait_link);
        uint64_t taken = s->bits & t->wait_mask;

        l = l->next;
        if (!taken)
            continue;
        s->bits &= ~taken;
        list_remove(&t->wait_link);
        t->regs.a[0] = taken;
        thread_wake(t, OK);
    }
}

void signal_raise(struct signal *s, uint64_t bits) {
    s->bits |= bits;
    if (!list_empty(&s->waiters))
        signal_deliver(s);
    else if (unlikely(s->endpoint) && s->bits)
        endpoint_signalled(s->endpoint);
}

void signal_binding_set(struct signal_binding *b, struct signal *s, uint64_t bits) {
    signal_binding_clear(b);
    b->signal = s;
    b->bits = bits;
    link_insert(&s->bindings, &b->link);
}

void signal_binding_clear(struct signal_binding *b) {
    if (b->signal) {
        link_remove(&b->link);
        b->signal = NULL;
    }
}

bool signal_binding_forget(struct signal_binding *b) {
    while (b->told) {
        struct pool *p = container_of(b->told, struct pool, relies);
        link_remove(&p->relies);
        object_settle_later(&p->object);
        if (work_spent(1))
            return false;
    }
    return true;
}

bool signal_destroy(struct object *o) {
    struct signal *s = container_of(o, struct signal, object);
    struct thread *t;

    if (s->endpoint) {
        s->endpoint->signal = NULL;
        s->endpoint = NULL;
    }
    while ((t = list_first(&s->waiters, struct thread, wait_link))) {
        list_remove(&t->wait_link);
        thread_wake(t, ERROR(REVOKED));
    }
    while (s->bindings) {
        struct signal_binding *b = container_of(s->bindings, struct signal_binding, link);
        if (!signal_binding_forget(b))
            return false;
        signal_binding_clear(b);
        if (s->bindings && work_spent(1))
            return false;
    }
    return true;
}

err_t sys_signal_create(struct thread *t, struct call_args *c) {
    struct object *o;
    err_t e;

    e = object_create(container_of(c->slot[0]->object, struct pool, object), OBJECT_SIGNAL, &o);
    if (!err_ok(e))
        return e;
    list_init(&container_of(o, struct signal, object)->waiters);
    return syscall_new_handle(t, o, c);
}

err_t sys_signal_raise(struct thread *t, struct call_args *c) {
    (void)t;
    signal_raise(signal_of(c->slot[0]), c->a[1] & c->slot[0]->badge);
    return OK;
}

static bool waiters_full(const struct signal *s) {
    unsigned n = 0;

    for (struct list *l = s->waiters.next; l != &s->waiters; l = l->next)
        n++;
    return n >= SIGNAL_WAITERS;
}

err_t sys_signal_wait(struct thread *t, struct call_args *c) {
    struct signal *s = signal_of(c->slot[0]);
    uint64_t mask = c->a[1], taken = s->bits & mask;

    if (!mask)
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (unlikely(s->endpoint))
        return ERROR_ARG(BUSY, 1);
    if (taken) {
        s->bits &= ~taken;
        c->r[0] = taken;
        return OK;
    }
    if (unlikely(!list_empty(&s->waiters)) && waiters_full(s))
        return ERROR_ARG(LIMIT, 1);
    return thread_wait(t, WAIT_SIGNAL, c->a[2], mask, &s->waiters);
}
