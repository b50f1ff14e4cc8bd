/* SPDX-License-Identifier: MIT */
/*
 * A call from its sender to a receiver, and its end in any way but a reply. The message words stay
 * in the caller's saved registers until they are delivered. While a call is held and not parked,
 * the server runs at least at the caller's priority and on the account of the caller's process: not
 * on the one that the caller runs on, whose owner may end before this call does.
 */
#include "cpu.h"
#include "ipc.h"
#include "memory.h"
#include "pool.h"
#include "string.h"
#include "syscall.h"
#include "timer.h"
#include "trace.h"

void call_donate(struct thread *caller, struct thread *server) {
    caller->call.server = server;
    tree_insert(&server->donations, &caller->call.donation, PRIORITY_KEY(caller->sched.priority));
    if (cpu_self()->current == server)
        cpu_charge(cpu_self());
    server->sched.account = caller->account; /* which outlives the call */
    thread_priority_update(server);
}

/* The account of a queued thread does not change. */
void thread_own_account(struct thread *t) {
    bool queued = t->sched.queued;
    if (likely(t->sched.account == t->account))
        return;
    if (cpu_self()->current == t)
        cpu_charge(cpu_self());
    if (queued)
        sched_dequeue(&cpus[t->cpu].queue, &t->sched);
    t->sched.account = t->account;
    if (queued)
        sched_enqueue(&cpus[t->cpu].queue, &t->sched, true);
}

void call_undonate(struct thread *caller) {
    struct thread *server = caller->call.server;
    if (!server)
        return;
    caller->call.server = NULL;
    tree_remove(&server->donations, &caller->call.donation);
    if (server->state == STATE_ENDED) {
        if (!server->donations.root)
            object_release(&server->object);
        return;
    }
    if (server->sched.account == caller->account)
        thread_own_account(server);
    thread_priority_update(server);
}

bool calls_forget_server(struct thread *t) {
    struct tree_node *n;
    while ((n = t->donations.root)) {
        container_of(n, struct thread, call.donation)->call.server = NULL;
        tree_remove(&t->donations, n);
        if (work_spent(1))
            return false;
    }
    return true;
}

struct thread *call_priority_changed(struct thread *caller) {
    struct call *c = &caller->call;
    uint64_t key = PRIORITY_KEY(caller->sched.priority);
    if (c->queue.linked) {
        tree_remove(&c->endpoint->queue, &c->queue);
        tree_insert(&c->endpoint->queue, &c->queue, key);
    }
    if (!c->server)
        return NULL;
    tree_remove(&c->server->donations, &c->donation);
    tree_insert(&c->server->donations, &c->donation, key);
    return c->server;
}

/* What a forwarder sent is kept only for a receiver without room for it. */
static void data_received(struct thread *caller, uint64_t length) {
    struct forwarded *f = caller->call.forwarded;
    if (length < f->length)
        return;
    pool_page_free(caller->object.pool, f->data);
    f->data = NULL;
}

/* Up to a page of what the caller or a forwarder wants read comes with the message. */
static void deliver_data(struct thread *caller, struct thread *server) {
    struct call *c = &caller->call;
    struct thread_block *b = server->block;
    b->inline_length = 0;
    if (!c->beside)
        return;
    struct window buffer = window_read(&b->buffer);
    uint64_t length = min_u64(min_u64(c->read.length, INLINE_MAX), buffer.length);
    err_t e = OK;
    if (c->forwarded && c->forwarded->data) {
        length = min_u64(min_u64(c->forwarded->length, INLINE_MAX), buffer.length);
        b->read_length = c->forwarded->length;
        e = space_put(server->process->space, buffer.address, c->forwarded->data, length);
    } else if (length) {
        e = space_copy(server->process->space, buffer.address, caller->process->space,
                       c->read.address, length);
    }
    if (!err_ok(e))
        return;
    b->inline_length = (uint32_t)length;
    if (c->forwarded && c->forwarded->data)
        data_received(caller, length);
}

static void deliver_words(struct thread *caller, struct thread *server) {
    for (unsigned i = 1; i < 8; i++)
        server->regs.a[i] = caller->regs.a[i];
    server->regs.a[0] = caller->call.badge;
    server->regs.status = MESSAGE_CALL;
}

static void deliver_page_request(struct thread *caller, struct thread *server) {
    server->regs.a[0] = caller->call.badge;
    server->regs.a[1] = caller->call.page_offset;
    server->regs.a[2] = caller->call.page_access;
    server->regs.status = (uint64_t)MESSAGE_PAGE << 24;
}

err_t call_deliver(struct thread *caller, struct thread *server, struct endpoint *e) {
    struct thread_block *b = server->block;
    struct parcel parcel = {.count = 0};
    struct call *c = &caller->call;
    err_t error = OK;
    if (!c->page && !c->forwarded)
        error = parcel_check(caller, caller->regs.a[1], server->accepting, e, &parcel);
    if (!err_ok(error))
        return error;
    b->received_count = 0;
    if (c->forwarded)
        error = forwarded_deliver(caller, server, e);
    if (!err_ok(error))
        return error;
    b->caller_process = caller->process->identity;
    b->caller_account = caller->process->object.pool->account->identity;
    b->read_length = c->read.length;
    b->write_length = c->write.length;
    if (c->page) {
        b->inline_length = 0;
        deliver_page_request(caller, server);
    } else {
        deliver_data(caller, server);
        deliver_words(caller, server);
        if (!c->forwarded)
            parcel_deliver(&parcel, server);
    }
    trace(TRACE_MESSAGES, call, c->badge, server->regs.a[1]);
    reply_give(caller, server);
    caller->call.state = CALL_RECEIVED;
    call_donate(caller, server);
    return OK;
}

err_t call_place(struct thread *caller, struct endpoint *e) {
    struct thread *server = list_first(&e->receivers, struct thread, receiver);
    if (server) {
        err_t error = call_deliver(caller, server, e);
        if (!err_ok(error))
            return error;
        receiver_take(e);
        thread_ready(server);
        return OK;
    }
    caller->call.state = CALL_QUEUED;
    caller->call.endpoint = e;
    tree_insert(&e->queue, &caller->call.queue, PRIORITY_KEY(caller->sched.priority));
    return OK;
}

static void close_windows(struct call *c) {
    c->beside = 0;
    c->read.length = c->write.length = 0;
}

void call_clear(struct thread *caller) {
    struct call *c = &caller->call;
    if (c->queue.linked)
        tree_remove(&c->endpoint->queue, &c->queue);
    call_undonate(caller);
    dependent_detach(&c->via);
    alarm_cancel(caller);
    if (c->forwarded)
        caller->attention |= ATTEND_FORWARDED;
    if (c->page) {
        link_remove(&c->of_space);
        link_remove(&c->of_memory);
    }
    c->page = false;
    c->state = CALL_NONE;
    c->parked = false;
    close_windows(c);
    c->reply = NULL;
}

/* The holder of the right to answer keeps its slot, and hears of the end if the call was parked. */
static void tell_holder(struct thread *caller, err_t e) {
    struct slot *s = caller->call.reply;
    if (!s)
        return;
    s->object = &call_gone;
    s->gone.code = (uint8_t)e.code;
    if (caller->call.parked)
        notice_tell(&s->gone);
}

static void end_page_request(struct thread *t, err_t e) {
    t->page_failed = err_is(e, ERR_TIMED_OUT);
    t->page_retry = err_is(e, ERR_PEER_DIED);
    if (err_is(e, ERR_INTERRUPTED) && t->attention & ATTEND_RESTART) {
        t->attention &= ~ATTEND_RESTART;
        thread_status(t, e);
    }
}

void call_end(struct thread *caller, err_t e) {
    bool page = caller->call.page;
    tell_holder(caller, e);
    call_clear(caller);
    if (page) {
        end_page_request(caller, e);
    } else {
        memset(&caller->regs.a[1], 0, 7 * sizeof caller->regs.a[1]); /* perhaps a forwarder's */
        thread_status(caller, e);
    }
    thread_ready(caller);
}

static err_t hold_window(struct thread *t, const struct window *w, bool write) {
    err_t e = w->length ? space_hold(t, w->address, w->length, write) : OK;
    return err_is(e, ERR_BAD_ADDRESS) ? ERROR(BAD_WINDOW) : e;
}

/* Reads the windows from the block, once, and makes their pages present. */
static err_t open_windows(struct thread *t, uint64_t op) {
    struct call *c = &t->call;
    c->read = op & OP_READ_WINDOW ? window_read(&t->block->read) : (struct window){0, 0};
    c->write = op & OP_WRITE_WINDOW ? window_read(&t->block->write) : (struct window){0, 0};
    c->beside = c->read.length | c->write.length ? CALL_WINDOWS : 0;
    if (c->read.length > WINDOWS_MAX || c->write.length > WINDOWS_MAX - c->read.length)
        return ERROR(BAD_WINDOW);
    err_t e = hold_window(t, &c->read, false);
    return err_ok(e) ? hold_window(t, &c->write, true) : e;
}

static err_t call_prepare(struct thread *t, uint64_t op) {
    err_t e = op_check(op, 2);
    if (err_ok(e))
        e = receive_reserve(t, OP_ACCEPT_OF(op), false);
    if (err_ok(e))
        e = open_windows(t, op);
    if (err_ok(e) && t->attention & ATTEND_INTERRUPT) {
        t->attention &= ~ATTEND_INTERRUPT;
        return ERROR(INTERRUPTED);
    }
    return e;
}

static err_t send(struct thread *t, struct slot *session, uint64_t op, nanos_t deadline) {
    struct session *s = container_of(session->object, struct session, object);
    if (unlikely(session->flags & SLOT_REVOKING))
        return ERROR_ARG(REVOKED, 1);
    err_t e = call_prepare(t, op);
    if (!err_ok(e))
        return e;
    if (!s->endpoint)
        return ERROR(PEER_DIED);
    if (deadline != NANOS_NEVER && deadline <= clock_now())
        return ERROR(TIMED_OUT);
    t->accepting = (uint8_t)OP_ACCEPT_OF(op);
    t->call.badge = s->badge;
    op_add_rights(&t->regs.a[1], session);
    dependent_attach(&t->call.via, session); /* before the handle may move */
    e = call_place(t, s->endpoint);
    if (!err_ok(e))
        dependent_detach(&t->call.via);
    return e;
}

err_t sys_call(struct thread *t, struct call_args *c) {
    uint64_t op = c->a[1];
    nanos_t deadline = op & OP_DEADLINE ? READ_ONCE(t->block->deadline) : NANOS_NEVER;
    err_t e = send(t, c->slot[0], op, deadline);
    if (!err_ok(e)) {
        close_windows(&t->call); /* also while a page or room is awaited: it begins anew, or ends */
        return e;
    }
    t->state = STATE_CALLING;
    alarm_set(t, deadline);
    cpu_release(cpu_self());
    return BLOCKED;
}

/* The successor of a pager that died has what is left of the time. */
static nanos_t page_deadline(struct thread *t, const struct memory *m, uint64_t offset) {
    bool same = t->call.page_memory == m && t->call.page_offset == offset;
    nanos_t now = clock_now();
    if (same && t->page_retry)
        return t->call.page_deadline;
    return m->patience < NANOS_NEVER - now ? now + m->patience : NANOS_NEVER;
}

err_t call_page(struct thread *t, struct memory *m, uint64_t offset, vaddr_t address,
                uint32_t access) {
    struct endpoint *e = m->pager_source.endpoint;
    struct call *c = &t->call;
    if (unlikely(thread_interrupted(t, WAIT_POOL)))
        return ERROR(INTERRUPTED);
    nanos_t deadline = page_deadline(t, m, offset);
    bool failed = t->page_failed && c->page_memory == m && c->page_offset == offset;
    t->page_failed = t->page_retry = false;
    if (failed || !e || deadline <= clock_now())
        return ERROR(BAD_ADDRESS);
    close_windows(c);
    c->page = true;
    c->badge = m->badge;
    c->page_memory = m;
    c->page_offset = offset;
    c->page_address = address;
    c->page_access = access;
    c->page_deadline = deadline;
    link_insert(&t->process->space->requests, &c->of_space);
    link_insert(&m->requests, &c->of_memory);
    call_place(t, e); /* nothing in it can be refused */
    t->state = STATE_CALLING;
    if (thread_in_syscall(t))
        t->attention |= ATTEND_RESTART;
    alarm_set(t, deadline);
    cpu_release(cpu_self());
    return BLOCKED;
}
