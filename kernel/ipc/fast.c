/* SPDX-License-Identifier: MIT */
/*
 * The fast path of call and reply_wait: a list of reasons to leave, and then a direct switch. Until
 * the last reason nothing is changed, so leaving means that the slow path does it all; a test proves
 * that both give the same. A server that waits holds a reserved reply slot, and an endpoint at which
 * somebody waits has neither calls nor notices.
 */
#include "arch/switch.h"
#include "cpu.h"
#include "ipc.h"
#include "pool.h"
#include "signal.h"
#include "syscall.h"
#include "timer.h"
#include "trace.h"

bool message_fast_off;

#define LEAVE_IF(reason)                                                                           \
    do {                                                                                           \
        if (unlikely(reason))                                                                      \
            return false;                                                                          \
    } while (0)

#define OP_SIMPLE (OP_CODE | OP_ACCEPT(7))

/* A handle of the type with the right, or NULL. */
static inline struct slot *find(struct process *p, handle_t h, enum object_type type,
                                uint16_t right) {
    struct slot *s = slot_find(&p->slots, h);
    if (unlikely(!s || s->type != type || s->flags & (SLOT_REVOKED | SLOT_REVOKING) ||
                 !(s->rights & right) || s->object->dying))
        return NULL;
    return s;
}

/* May `t` be entered here and now, at `priority`, by the one who gives way to it? */
static inline bool may_enter(const struct cpu *cpu, const struct thread *t, uint8_t priority) {
    return !t->attention && !t->alarm.linked && t->affinity & cpu->arch.bit &&
           cpu->queue.top <= priority;
}

static inline void enter(struct cpu *cpu, struct thread *from, struct thread *to) {
    to->state = STATE_READY;
    to->cpu = cpu->index;
    cpu_count_time(cpu, from);
    cpu->current = to;
    if (unlikely(cpu->queue.top >= to->sched.priority))
        alarms_program(cpu->slice_end); /* they may not have competed with `from` */
    arch_switch_fast(cpu, from, to);
}

/* Before what runs here is on another account. */
static inline void change_account(struct cpu *cpu, const struct thread *from,
                                  const struct sched_account *to) {
    if (unlikely(from->sched.account != to))
        cpu_charge(cpu);
}

static inline void copy_words(struct regs *to, const struct regs *from) {
    for (unsigned i = 1; i < 8; i++)
        to->a[i] = from->a[i];
}

static inline bool unusual(const struct thread *t) {
    return (trace_groups | message_fast_off | t->attention | !t->process->message_calls_allowed) != 0;
}

static inline void tell_server(const struct thread *caller, struct thread_block *b) {
    b->caller_process = caller->process->identity;
    b->caller_account = caller->process->object.pool->account->identity;
    b->read_length = 0;
    b->write_length = 0;
    b->inline_length = 0;
    b->received_count = 0;
}

/* The server's reserved slot becomes the right to answer. */
static inline void give_reply(struct thread *caller, struct thread *server) {
    struct slot *s = server->reply_slot;
    server->reply_slot = NULL;
    s->object = &caller->object;
    s->type = OBJECT_REPLY;
    s->rights = RIGHT_SEND;
    caller->call.reply = s;
    server->regs.a[8] = (uint64_t)s->generation << HANDLE_INDEX_BITS | server->reply_index;
}

static bool fast_call(struct thread *t) {
    struct cpu *cpu = cpu_self();
    uint64_t op = t->regs.a[1];
    LEAVE_IF(unusual(t));
    LEAVE_IF(op & ~OP_SIMPLE);
    LEAVE_IF(OP_ACCEPT_OF(op) > t->spare_count);
    struct slot *slot = find(t->process, t->regs.a[0], OBJECT_SESSION, RIGHT_SESSION_CALL);
    LEAVE_IF(!slot);
    struct session *session = container_of(slot->object, struct session, object);
    LEAVE_IF(!session->endpoint || list_empty(&session->endpoint->receivers));
    struct thread *server =
        container_of(session->endpoint->receivers.next, struct thread, receiver);
    uint8_t priority = t->sched.priority > server->base_priority ? t->sched.priority
                                                                 : server->base_priority;
    LEAVE_IF(server->donations.root || !may_enter(cpu, server, priority));

    change_account(cpu, t, t->account);
    list_remove(&server->receiver);
    server->receiving = NULL;
    t->call.badge = session->badge;
    t->call.state = CALL_RECEIVED;
    t->call.read = t->call.write = (struct window){0, 0};
    t->call.server = server;
    t->accepting = (uint8_t)OP_ACCEPT_OF(op);
    t->state = STATE_CALLING;
    dependent_attach(&t->call.via, slot, DEPENDENT_CALL);
    tree_insert(&server->donations, &t->call.donation, 255u - t->sched.priority);
    server->sched.priority = priority;
    server->sched.account = t->account;
    tell_server(t, server->block);
    give_reply(t, server);
    copy_words(&server->regs, &t->regs);
    server->regs.a[0] = session->badge;
    server->regs.status = MESSAGE_CALL;
    enter(cpu, t, server);
    return true;
}

/* The caller of the one call that `t` serves, which it may answer here. */
static inline struct thread *only_caller(struct thread *t, const struct slot *reply) {
    if (unlikely(!reply || reply->object == &call_gone))
        return NULL;
    struct thread *caller = container_of(reply->object, struct thread, object);
    const struct tree_node *n = &caller->call.donation;
    bool only = t->donations.root == n && !n->left && !n->right;
    return only && !caller->call.page && !caller->call.forwarded ? caller : NULL;
}

/* The slot is free, and at once reserved again for the next call. */
static inline void take_reply_back(struct thread *t, struct slot *reply, handle_t h) {
    reply->object = NULL;
    reply->generation++;
    t->reply_slot = reply;
    t->reply_index = (uint16_t)h;
}

static inline void finish_call(struct thread *t, struct thread *caller) {
    struct call *c = &caller->call;
    t->donations.root = NULL;
    c->donation.linked = false;
    c->server = NULL;
    c->reply = NULL;
    c->state = CALL_NONE;
    dependent_detach(&c->via);
    caller->block->read_length = 0;
    caller->block->inline_length = 0;
    caller->block->received_count = 0;
}

static bool fast_reply_wait(struct thread *t) {
    struct cpu *cpu = cpu_self();
    uint64_t op = t->regs.a[1];
    handle_t h = t->regs.a[0];
    LEAVE_IF(unusual(t));
    LEAVE_IF(op & ~OP_SIMPLE);
    LEAVE_IF(OP_ACCEPT_OF(op) > t->spare_count || t->reply_slot);
    struct slot *reply = find(t->process, h, OBJECT_REPLY, 0xffff);
    struct thread *caller = only_caller(t, reply);
    LEAVE_IF(!caller || reply->generation >= UINT32_MAX - 1);
    struct slot *slot =
        find(t->process, t->regs.a[8], OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE);
    LEAVE_IF(!slot);
    struct endpoint *e = container_of(slot->object, struct endpoint, object);
    LEAVE_IF(e->queue.root || !list_empty(&e->notices) || (e->signal && e->signal->bits));
    LEAVE_IF(!may_enter(cpu, caller, caller->sched.priority));

    change_account(cpu, t, caller->sched.account);
    finish_call(t, caller);
    take_reply_back(t, reply, h);
    copy_words(&caller->regs, &t->regs);
    caller->regs.a[0] = 0;
    caller->regs.status = ERR_OK;
    t->accepting = (uint8_t)OP_ACCEPT_OF(op);
    t->state = STATE_RECEIVING;
    t->receiving = e;
    list_append(&e->receivers, &t->receiver);
    t->regs.a[0] = HANDLE_NONE; /* the answer is not given again if the wait ends early */
    t->sched.priority = t->base_priority;
    t->sched.account = t->account;
    enter(cpu, t, caller);
    return true;
}

bool message_fast(struct thread *t, uint64_t number) {
    return number == SYSCALL_call ? fast_call(t) : fast_reply_wait(t);
}
