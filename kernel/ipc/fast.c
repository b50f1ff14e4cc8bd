/* SPDX-License-Identifier: MIT */
/*
 * The fast path of call and reply_wait: a list of reasons to leave, and then a direct switch. Until
 * the last reason nothing is changed, so leaving means that the slow path does it all; a test
 * proves that both give the same. A server that waits holds a reserved reply slot, and an endpoint
 * at which somebody waits has neither calls nor notices. The message words stay where the entry
 * code has put them, in the sender's saved registers: the way out loads them from there.
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
            return (struct exchange){NULL, NULL};                                                  \
    } while (0)

#define SLOT_UNUSABLE (SLOT_REVOKED | SLOT_REVOKING)

static __attribute__((noinline)) struct slot *look_up(const struct process *p, handle_t h,
                                                      struct recent *recent) {
    struct slot *s = slot_find(&p->slots, h);
    if (!s)
        return NULL;
    *recent = (struct recent){h, (uint32_t)(h >> HANDLE_INDEX_BITS), s};
    return s;
}

/* The slot of a handle of the type with the right, or NULL. Few handles are used often: the last
 * one's place is known, and that it is still the same. */
static inline struct slot *find(const struct process *p, handle_t h, struct recent *recent,
                                enum object_type type, uint16_t right) {
    struct slot *s = recent->slot;
    if (unlikely(h != recent->handle || s->generation != recent->generation))
        s = look_up(p, h, recent);
    if (unlikely(!s ||
                 (s->word & SLOT_WORD(0xff, SLOT_UNUSABLE, right)) != SLOT_WORD(type, 0, right)))
        return NULL;
    return likely(!s->object->dying) ? s : NULL;
}

/* Is the operation word plain, but for handles that may be accepted and have their slots? How many,
 * may be told before it is sure that the path is not left. */
static inline bool plain(struct thread *t) {
    uint32_t bits = (uint32_t)(t->regs.a[1] >> 32);
    t->accepting = 0;
    if (likely(!bits))
        return true;
    t->accepting = (uint8_t)(bits >> 8);
    return !(bits & ~0x700u) && t->accepting <= t->spare_count;
}

/* May it run here and now? A competitor of `t`, which was none before, gets its turn in time. */
static inline bool may_enter(const struct cpu *cpu, const struct thread *t, uint8_t priority) {
    if (unlikely(cpu->queue.top >= priority)) {
        if (cpu->queue.top > priority)
            return false;
        alarms_program(cpu->slice_end);
    }
    return t->cpu == cpu->index;
}

static inline void enter(struct cpu *cpu, struct thread *from, struct thread *to) {
    to->summary = THREAD_PLAIN(STATE_READY);
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
    caller->call.reply_handle = server->regs.a[8] = server->next_reply;
}

struct exchange message_fast_call(struct thread *t) {
    struct cpu *cpu = cpu_self();
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)) || !plain(t));
    struct slot *slot =
        find(t->process, t->regs.a[0], &t->session, OBJECT_SESSION, RIGHT_SESSION_CALL);
    LEAVE_IF(!slot);
    struct session *session = container_of(slot->object, struct session, object);
    struct endpoint *e = session->endpoint;
    LEAVE_IF(!e);
    struct list *first = e->receivers.next;
    LEAVE_IF(first == &e->receivers);
    struct thread *server = container_of(first, struct thread, receiver);
    uint8_t priority =
        t->sched.priority > server->base_priority ? t->sched.priority : server->base_priority;
    LEAVE_IF(server->summary != THREAD_PLAIN(STATE_RECEIVING) || server->donations.root);
    LEAVE_IF(!may_enter(cpu, server, priority));

    change_account(cpu, t, t->account);
    e->receivers.next = first->next;
    first->next->prev = &e->receivers;
    server->regs.a[0] = t->call.badge = session->badge;
    t->call.summary = CALL_PLAIN(CALL_RECEIVED);
    t->call.server = server;
    t->state = STATE_CALLING;
    dependent_attach(&t->call.via, slot, DEPENDENT_CALL);
    tree_insert(&server->donations, &t->call.donation, PRIORITY_KEY(t->sched.priority));
    server->sched.priority = priority;
    server->sched.account = t->account;
    tell_server(t, server->block);
    give_reply(t, server);
    enter(cpu, t, server);
    return (struct exchange){server, t};
}

/* The slot is free, and at once reserved again for the next call. */
static inline void take_reply_back(struct thread *t, struct slot *reply) {
    reply->object = NULL;
    reply->generation++;
    t->reply_slot = reply;
    t->next_reply = t->regs.a[0] + (1ul << HANDLE_INDEX_BITS);
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

struct exchange message_fast_reply_wait(struct thread *t) {
    struct cpu *cpu = cpu_self();
    struct tree_node *n = t->donations.root;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)) || !plain(t));
    LEAVE_IF(!n || n->left || n->right || t->reply_slot); /* not one caller, or others wait too */
    struct thread *caller = container_of(n, struct thread, call.donation);
    struct slot *reply = caller->call.reply;
    LEAVE_IF(t->regs.a[0] != caller->call.reply_handle || reply->generation >= UINT32_MAX - 1);
    LEAVE_IF(caller->summary != THREAD_PLAIN(STATE_CALLING));
    LEAVE_IF(caller->call.summary != CALL_PLAIN(CALL_RECEIVED));
    LEAVE_IF(!may_enter(cpu, caller, caller->sched.priority));
    struct slot *slot =
        find(t->process, t->regs.a[8], &t->endpoint, OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE);
    LEAVE_IF(!slot);
    struct endpoint *e = container_of(slot->object, struct endpoint, object);
    LEAVE_IF(e->queue.root || !list_empty(&e->notices) || (e->signal && e->signal->bits));

    change_account(cpu, t, caller->sched.account);
    finish_call(t, caller);
    take_reply_back(t, reply);
    caller->regs.a[0] = 0;
    t->regs.a[0] = HANDLE_NONE; /* the answer is not given again if the wait ends early */
    t->state = STATE_RECEIVING;
    list_append(&e->receivers, &t->receiver);
    t->sched.priority = t->base_priority;
    t->sched.account = t->account;
    enter(cpu, t, caller);
    return (struct exchange){caller, t};
}
