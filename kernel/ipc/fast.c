/* SPDX-License-Identifier: MIT */
/*
 * The fast path of call and reply_wait: a list of reasons to leave, and then a direct switch. Until
 * the last reason nothing is changed, so leaving means that the slow path does it all; a test proves
 * that both give the same. A server that waits holds a reserved reply slot, and an endpoint at which
 * somebody waits has neither calls nor notices. The message words stay where the entry code has
 * put them, in the sender's saved registers: the way out loads them from there.
 */
#include "arch/switch.h"
#include "cpu.h"
#include "ipc.h"
#include "pool.h"
#include "signal.h"
#include "syscall.h"
#include "timer.h"

uint32_t message_slow;

#define LEAVE_IF(reason)                                                                           \
    do {                                                                                           \
        if (unlikely(reason))                                                                      \
            return NULL;                                                                           \
    } while (0)

#define SLOT_UNUSABLE (SLOT_REVOKED | SLOT_REVOKING)

/* The object of a handle of the type with the right, or NULL. */
static inline struct object *find(const struct process *p, handle_t h, enum object_type type,
                                  uint16_t right, struct slot **slot) {
    struct slot *s = slot_find(&p->slots, h);
    LEAVE_IF(!s || (s->word & SLOT_WORD(0xff, SLOT_UNUSABLE, right)) != SLOT_WORD(type, 0, right));
    LEAVE_IF(s->object->dying);
    *slot = s;
    return s->object;
}

/* Is the operation word plain, but for handles that may be accepted and have their slots? */
static inline bool plain(const struct thread *t) {
    uint32_t bits = (uint32_t)(t->regs.a[1] >> 32);
    return likely(!bits) || (!(bits & ~0x700u) && bits >> 8 <= t->spare_count);
}

static inline unsigned accepted(const struct thread *t) {
    return (unsigned)(t->regs.a[1] >> 40);
}

/* Here and now? A competitor, which was none of the one that gives way, gets its turn in time. */
static inline bool may_enter(const struct cpu *cpu, const struct thread *t, uint8_t priority) {
    if (unlikely(cpu->queue.top >= priority)) {
        if (cpu->queue.top > priority)
            return false;
        alarms_program(cpu->slice_end);
    }
    return t->affinity & cpu->arch.bit;
}

static inline void enter(struct cpu *cpu, struct thread *from, struct thread *to) {
    to->summary = THREAD_PLAIN(STATE_READY);
    to->cpu = cpu->index;
    cpu_count_time(cpu, from);
    cpu->current = to;
    arch_switch_fast(cpu, from, to);
}

/* Before what runs here is on another account. */
static inline void change_account(struct cpu *cpu, const struct thread *from,
                                  const struct sched_account *to) {
    if (unlikely(from->sched.account != to))
        cpu_charge(cpu);
}

static inline void tell_server(const struct thread *caller, struct thread_block *b) {
    b->caller_process = caller->sender_process;
    b->caller_account = caller->sender_account;
    b->read_length = 0;
    b->write_length = 0;
    *(uint64_t *)&b->inline_length = 0; /* and received_count */
}

_Static_assert(offsetof(struct thread_block, received_count) ==
                       offsetof(struct thread_block, inline_length) + 4 &&
                   offsetof(struct thread_block, inline_length) % 8 == 0,
               "cleared together");

/* The server's reserved slot becomes the right to answer. */
static inline void give_reply(struct thread *caller, struct thread *server) {
    struct slot *s = server->reply_slot;
    server->reply_slot = NULL;
    s->object = &caller->object;
    s->word = SLOT_WORD(OBJECT_REPLY, 0, RIGHT_SEND);
    caller->call.reply = s;
    server->regs.a[8] = (uint64_t)s->generation << HANDLE_INDEX_BITS | server->reply_index;
}

struct thread *message_fast_call(struct thread *t) {
    struct cpu *cpu = cpu_self();
    struct slot *slot;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)) || !plain(t));
    struct object *o =
        find(t->process, t->regs.a[0], OBJECT_SESSION, RIGHT_SESSION_CALL, &slot);
    LEAVE_IF(!o);
    struct session *session = container_of(o, struct session, object);
    struct endpoint *e = session->endpoint;
    LEAVE_IF(!e);
    struct list *first = e->receivers.next;
    LEAVE_IF(first == &e->receivers);
    struct thread *server = container_of(first, struct thread, receiver);
    uint8_t priority = t->sched.priority > server->base_priority ? t->sched.priority
                                                                 : server->base_priority;
    LEAVE_IF(server->summary != THREAD_PLAIN(STATE_RECEIVING) || server->donations.root);
    LEAVE_IF(!may_enter(cpu, server, priority));

    change_account(cpu, t, t->account);
    e->receivers.next = first->next;
    first->next->prev = &e->receivers;
    t->call.badge = session->badge;
    t->call.summary = CALL_PLAIN(CALL_RECEIVED);
    t->call.server = server;
    t->accepting = (uint8_t)accepted(t);
    t->state = STATE_CALLING;
    dependent_attach(&t->call.via, slot, DEPENDENT_CALL);
    tree_insert(&server->donations, &t->call.donation, 255u - t->sched.priority);
    server->sched.priority = priority;
    server->sched.account = t->account;
    tell_server(t, server->block);
    give_reply(t, server);
    server->regs.a[0] = session->badge;
    enter(cpu, t, server);
    return server;
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
    c->summary = CALL_PLAIN(CALL_NONE);
    dependent_detach(&c->via);
    caller->block->read_length = 0;
    *(uint64_t *)&caller->block->inline_length = 0;
}

struct thread *message_fast_reply_wait(struct thread *t) {
    struct cpu *cpu = cpu_self();
    handle_t h = t->regs.a[0];
    struct slot *reply, *slot;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)) || !plain(t));
    struct object *o = find(t->process, h, OBJECT_REPLY, 0, &reply);
    LEAVE_IF(!o || o == &call_gone || t->reply_slot || reply->generation >= UINT32_MAX - 1);
    struct thread *caller = container_of(o, struct thread, object);
    const struct tree_node *n = &caller->call.donation;
    LEAVE_IF(t->donations.root != n || n->left || n->right); /* other callers wait too */
    LEAVE_IF(caller->summary != THREAD_PLAIN(STATE_CALLING));
    LEAVE_IF(caller->call.summary != CALL_PLAIN(CALL_RECEIVED) || caller->call.forwarded);
    LEAVE_IF(!may_enter(cpu, caller, caller->sched.priority));
    o = find(t->process, t->regs.a[8], OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE, &slot);
    LEAVE_IF(!o);
    struct endpoint *e = container_of(o, struct endpoint, object);
    LEAVE_IF(e->queue.root || !list_empty(&e->notices) || (e->signal && e->signal->bits));

    change_account(cpu, t, caller->sched.account);
    finish_call(t, caller);
    take_reply_back(t, reply, h);
    caller->regs.a[0] = 0;
    t->regs.a[0] = HANDLE_NONE; /* the answer is not given again if the wait ends early */
    t->accepting = (uint8_t)accepted(t);
    t->state = STATE_RECEIVING;
    list_append(&e->receivers, &t->receiver);
    t->sched.priority = t->base_priority;
    t->sched.account = t->account;
    enter(cpu, t, caller);
    return caller;
}
