/* SPDX-License-Identifier: MIT */
/*
 * The fast path of call, reply_wait and forward_wait: a list of reasons to leave, and then a direct
 * switch, or, to a receiver that cannot run here and now, one through the scheduler. Until the last
 * reason nothing is changed that anybody sees, so leaving means that the slow path does it all; a
 * test proves that both give the same. A server that waits holds a reserved reply slot, and an
 * endpoint at which somebody waits has neither calls nor notices. The message words stay where the
 * entry code has put them, in the sender's saved registers: the way out loads them from there.
 */
#include "arch/pagetable.h"
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

#define INLINE __attribute__((always_inline)) static inline

#define SLOT_UNUSABLE (SLOT_REVOKED | SLOT_REVOKING)

static __attribute__((noinline)) struct slot *look_up(const struct thread *t, handle_t h,
                                                      struct recent *recent, uint32_t want) {
    struct slot *s = slot_find(&t->process->slots, h);
    if (!s || (s->word & (want | SLOT_WORD(0xff, SLOT_UNUSABLE, 0))) != want)
        return NULL;
    *recent = (struct recent){h, s->state, s};
    return s;
}

/* The slot of a handle of the type with the right, or NULL. Few handles are used often: the last
 * one's place is known, and that it still is what it was. */
static inline struct slot *find(const struct thread *t, handle_t h, struct recent *recent,
                                enum object_type type, uint16_t right) {
    struct slot *s = recent->slot;
    if (unlikely(h != recent->handle || s->state != recent->state))
        s = look_up(t, h, recent, SLOT_WORD(type, 0, right));
    return likely(s && !s->object->dying) ? s : NULL;
}

/* What comes beside the words; not more handles, nor a deadline. How many handles `t` accepts may
 * be told before it is sure that the path is not left. */
#define BESIDE_READ    1u
#define BESIDE_WRITE   2u
#define BESIDE_HANDLE  0x10u
#define BESIDE_ACCEPT  0x700u
#define BESIDE_HANDLES (BESIDE_HANDLE | BESIDE_ACCEPT)

static inline uint32_t beside(struct thread *t) {
    uint32_t bits = (uint32_t)(t->regs.a[1] >> 32);
    t->accepting = (uint8_t)(bits >> 8);
    return bits;
}

static inline bool too_much(uint32_t bits, uint32_t possible) {
    return bits & ~(BESIDE_ACCEPT | possible);
}

/* The last but what depends on it: slots that were reserved stay. */
static inline bool no_room(struct thread *t) {
    return t->accepting > t->spare_count &&
           (t->accepting > MESSAGE_HANDLES || !err_ok(receive_reserve(t, t->accepting, false)));
}

static struct parcel parcel; /* of the exchange that is being made */

/* There is room for what `t` accepts; and the handle that comes along, if there is one, just
 * changes places, and is not `kept`. */
static __attribute__((noinline)) bool find_handles(struct thread *t, uint32_t bits,
                                                   const struct thread *to,
                                                   const struct endpoint *e,
                                                   const struct slot *kept) {
    if (no_room(t))
        return false;
    if (!(bits & BESIDE_HANDLE))
        return true;
    return err_ok(parcel_check(t, t->regs.a[1], to->accepting, e, &parcel)) &&
           !parcel.item[0].own && parcel.item[0].slot != kept &&
           parcel.item[0].slot->type != OBJECT_REPLY;
}

/* Bytes within one page that is present, as the kernel sees them; else NULL. */
static inline void *bytes_at(struct space *s, struct window w, uint32_t access) {
    if (w.length > PAGE_BYTES - (w.address & (PAGE_BYTES - 1)))
        return NULL;
    return pt_user_pointer(s, w.address, access);
}

static inline void tell_data(struct thread_block *b, uint64_t read_length, uint32_t length) {
    b->read_length = read_length;
    *(uint64_t *)&b->inline_length = length; /* and received_count */
}

_Static_assert(offsetof(struct thread_block, received_count) ==
                       offsetof(struct thread_block, inline_length) + 4 &&
                   offsetof(struct thread_block, inline_length) % 8 == 0,
               "written together");

/* The windows are small and there: opens them, and gives the server what it may read. */
INLINE bool open_windows(struct thread *t, struct thread *server, uint32_t bits) {
    struct thread_block *b = server->block;
    struct space *s = t->process->space;
    struct call *c = &t->call;
    if (bits & BESIDE_WRITE) {
        struct window w = window_read(&t->block->write);
        if (!bytes_at(s, w, MEMORY_WRITE))
            return false;
        c->write = w;
    }
    if (bits & BESIDE_READ) {
        struct window w = window_read(&t->block->read), to = window_read(&b->buffer);
        const void *from = bytes_at(s, w, MEMORY_READ);
        to.length = min_u64(to.length, w.length);
        void *at = bytes_at(server->process->space, to, MEMORY_WRITE);
        if (!from || !at)
            return false;
        c->read = w;
        tell_data(b, w.length, (uint32_t)to.length);
        arch_copy(at, from, to.length);
    } else {
        tell_data(b, 0, 0);
    }
    s->process = t->process;
    b->write_length = c->write.length;
    c->beside = CALL_WINDOWS;
    return true;
}

/* Small data of a forwarder, for which the receiver has room: nothing is kept. */
INLINE bool pass_data(struct thread *t, struct thread *server) {
    struct window data = window_read(&t->block->read), to = window_read(&server->block->buffer);
    const void *from = bytes_at(t->process->space, data, MEMORY_READ);
    if (!from || data.length > to.length)
        return false;
    to.length = data.length;
    void *at = bytes_at(server->process->space, to, MEMORY_WRITE);
    if (!at)
        return false;
    tell_data(server->block, data.length, (uint32_t)data.length);
    arch_copy(at, from, data.length);
    return true;
}

/* Small data for the caller's window. */
INLINE bool send_data(struct thread *t, struct thread *caller) {
    struct window data = window_read(&t->block->read), w = caller->call.write;
    const void *from = bytes_at(t->process->space, data, MEMORY_READ);
    if (!from || data.length > w.length)
        return false;
    w.length = data.length;
    void *to = bytes_at(caller->process->space, w, MEMORY_WRITE);
    if (!to)
        return false;
    tell_data(caller->block, data.length, 0);
    arch_copy(to, from, data.length);
    return true;
}

/* May it run here and now? A competitor of `t`, which was none before, gets its turn in time. */
INLINE bool may_enter(const struct cpu *cpu, const struct thread *t, uint8_t priority) {
    if (unlikely(cpu->queue.top >= priority)) {
        if (cpu->queue.top > priority)
            return false;
        alarms_program(cpu_slice_end(cpu));
    }
    return t->cpu == cpu->index;
}

/* The sender waits. The receiver, which cannot run here and now, gets the words and becomes ready,
 * on this CPU if it may: it is needed here, and free. Whoever is next here goes on. */
static __attribute__((noinline)) struct exchange
send_away(struct cpu *cpu, const struct thread *from, struct thread *to) {
    for (unsigned i = 1; i < 8; i++)
        to->regs.a[i] = from->regs.a[i];
    to->regs.status = ERR_OK;
    cpu->current = &cpu->idle;
    if (to->affinity >> cpu->index & 1)
        to->cpu = cpu->index;
    thread_ready(to);
    return (struct exchange){NULL, kernel_leave()};
}

INLINE struct exchange enter(struct cpu *cpu, struct thread *from, struct thread *to, bool away) {
    if (away)
        return send_away(cpu, from, to);
    to->summary = THREAD_PLAIN(STATE_READY);
    cpu_count_time(cpu, from);
    cpu->current = to;
    arch_switch_fast(cpu, from, to);
    return (struct exchange){to, from};
}

/* Before what runs here is on another account. */
INLINE void change_account(struct cpu *cpu, const struct thread *from,
                           const struct sched_account *to, bool away) {
    if (away || unlikely(from->sched.account != to))
        cpu_charge(cpu);
}

static inline void tell_call(struct thread_block *b, uint64_t write_length) {
    b->write_length = write_length;
    tell_data(b, 0, 0);
}

/* Who receives what is sent to a session. */
struct way {
    struct slot *slot;
    struct session *session;
    struct endpoint *endpoint;
    struct thread *server;
    uint8_t priority; /* that the server will have */
};

/* For a call of `caller` that `t` makes or passes on. */
INLINE bool find_way(struct thread *t, const struct thread *caller, handle_t h, struct way *w) {
    w->slot = find(t, h, &t->session, OBJECT_SESSION, RIGHT_SESSION_CALL);
    if (unlikely(!w->slot))
        return false;
    w->session = container_of(w->slot->object, struct session, object);
    w->endpoint = w->session->endpoint;
    if (unlikely(!w->endpoint || list_empty(&w->endpoint->receivers)))
        return false;
    w->server = container_of(w->endpoint->receivers.next, struct thread, receiver);
    w->priority = caller->sched.priority > w->server->base_priority ? caller->sched.priority
                                                                    : w->server->base_priority;
    return likely(w->server->summary == THREAD_PLAIN(STATE_RECEIVING) &&
                  !w->server->donations.root);
}

/* The server has no other call. `from` has the words. */
INLINE void give_call(struct thread *from, struct thread *caller, const struct way *w) {
    struct thread *server = w->server;
    struct list *first = &server->receiver;
    struct thread_block *b = server->block;
    b->caller_process = caller->sender_process;
    b->caller_account = caller->sender_account;
    op_add_rights(&from->regs.a[1], w->slot);
    w->endpoint->receivers.next = first->next;
    first->next->prev = &w->endpoint->receivers;
    server->regs.a[0] = caller->call.badge = w->session->badge;
    caller->call.server = server;
    dependent_attach(&caller->call.via, w->slot);
    server->donations.root = &caller->call.donation;
    server->sched.priority = w->priority;
    server->sched.account = caller->account;
    reply_give(caller, server);
}

/* Each exchange is written once, inline, and compiled three times. `rich`: something comes beside
 * the words. `away`: the receiver cannot run here and now, and anything may come along. Either
 * finds this out on the way and begins anew as the other, before it has changed anything. */
#define KINDS(name)                                                                                \
    INLINE struct exchange name(struct thread *t, bool rich, bool away);                           \
    static __attribute__((noinline)) struct exchange name##_rich(struct thread *t) {               \
        return name(t, true, false);                                                               \
    }                                                                                              \
    static __attribute__((noinline)) struct exchange name##_away(struct thread *t) {               \
        return name(t, true, true);                                                                \
    }                                                                                              \
    struct exchange message_fast_##name(struct thread *t) {                                        \
        if (unlikely((uint32_t)(t->regs.a[1] >> 32)))                                              \
            return name##_rich(t);                                                                 \
        t->accepting = 0;                                                                          \
        return name(t, false, false);                                                              \
    }
KINDS(call)
KINDS(reply_wait)
KINDS(forward_wait)

INLINE struct exchange call(struct thread *t, bool rich, bool away) {
    struct cpu *cpu = cpu_self();
    uint32_t bits = rich ? beside(t) : 0;
    struct way w;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)));
    LEAVE_IF(rich && too_much(bits, BESIDE_READ | BESIDE_WRITE | BESIDE_HANDLE));
    LEAVE_IF(!find_way(t, t, t->regs.a[0], &w));
    if (!away && !may_enter(cpu, w.server, w.priority))
        return call_away(t);
    LEAVE_IF(bits & BESIDE_HANDLES && !find_handles(t, bits, w.server, w.endpoint, NULL));
    if (bits & (BESIDE_READ | BESIDE_WRITE))
        LEAVE_IF(!open_windows(t, w.server, bits));
    else
        tell_call(w.server->block, 0);

    change_account(cpu, t, t->account, away);
    t->call.state = CALL_RECEIVED;
    t->call.donation.key = PRIORITY_KEY(t->sched.priority);
    t->call.donation.linked = true;
    t->state = STATE_CALLING;
    give_call(t, t, &w);
    if (bits & BESIDE_HANDLE)
        parcel_deliver(&parcel, w.server);
    return enter(cpu, t, w.server, away);
}

/* Whose call `t` is to answer or to pass on: the only one that it holds; or NULL. */
INLINE struct thread *find_caller(const struct thread *t) {
    struct tree_node *n = t->donations.root;
    if (unlikely(!n || (uintptr_t)n->left | (uintptr_t)n->right || t->reply_slot))
        return NULL;
    struct thread *caller = container_of(n, struct thread, call.donation);
    if (unlikely(t->regs.a[0] != caller->call.reply_handle ||
                 caller->call.reply->generation >= UINT32_MAX - 1))
        return NULL;
    return likely(caller->summary == THREAD_PLAIN(STATE_CALLING)) ? caller : NULL;
}

/* Where `t` is to wait: nothing is there to be received; or NULL. */
INLINE struct slot *find_end(struct thread *t) {
    struct slot *slot =
        find(t, t->regs.a[8], &t->endpoint, OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE);
    if (unlikely(!slot))
        return NULL;
    struct endpoint *e = container_of(slot->object, struct endpoint, object);
    if (unlikely(e->queue.root || !list_empty(&e->notices) || (e->signal && e->signal->bits)))
        return NULL;
    return slot;
}

/* The reply slot is free, and at once reserved again for the next call. Nothing is answered or
 * passed on again if the wait ends early. */
INLINE void wait(struct thread *t, struct call *c, struct endpoint *e) {
    struct slot *reply = c->reply;
    reply->object = NULL;
    reply->generation++;
    t->reply_slot = reply;
    t->next_reply = t->regs.a[0] + (1ul << HANDLE_INDEX_BITS);
    t->donations.root = NULL;
    dependent_detach(&c->via);
    t->regs.a[0] = HANDLE_NONE;
    t->state = STATE_RECEIVING;
    list_append(&e->receivers, &t->receiver);
    t->sched.priority = t->base_priority;
    t->sched.account = t->account;
}

INLINE struct exchange reply_wait(struct thread *t, bool rich, bool away) {
    struct cpu *cpu = cpu_self();
    uint32_t bits = rich ? beside(t) : 0;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)));
    LEAVE_IF(rich && too_much(bits, BESIDE_READ | BESIDE_HANDLE));
    struct thread *caller = find_caller(t);
    LEAVE_IF(!caller);
    struct call *c = &caller->call;
    if (!rich && unlikely(c->summary != CALL_PLAIN(CALL_RECEIVED)))
        return reply_wait_rich(t); /* it may have windows */
    LEAVE_IF(rich && (c->summary & ~CALL_PLAIN_WINDOWS) != CALL_PLAIN(CALL_RECEIVED));
    if (!away && !may_enter(cpu, caller, caller->sched.priority))
        return reply_wait_away(t);
    struct slot *end = find_end(t);
    LEAVE_IF(!end);
    LEAVE_IF(bits & BESIDE_HANDLES && !find_handles(t, bits, caller, NULL, end));
    LEAVE_IF(bits & BESIDE_READ && !send_data(t, caller));

    change_account(cpu, t, caller->sched.account, away);
    if (rich)
        c->read.length = c->write.length = 0;
    if (!(bits & BESIDE_READ))
        tell_data(caller->block, 0, 0);
    wait(t, c, container_of(end->object, struct endpoint, object));
    c->donation.linked = false;
    c->server = NULL;
    c->reply = NULL;
    c->summary = CALL_PLAIN(CALL_NONE);
    caller->regs.a[0] = 0;
    if (bits & BESIDE_HANDLE)
        parcel_deliver(&parcel, caller);
    return enter(cpu, t, caller, away);
}

/* No handle is sent along. The caller's write window stays, what could be read does not. */
INLINE struct exchange forward_wait(struct thread *t, bool rich, bool away) {
    struct cpu *cpu = cpu_self();
    struct way w;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)));
    uint32_t bits = rich ? beside(t) : 0;
    LEAVE_IF(rich && too_much(bits, BESIDE_READ));
    struct thread *caller = find_caller(t);
    LEAVE_IF(!caller);
    struct call *c = &caller->call;
    if (!rich && unlikely(c->summary != CALL_PLAIN(CALL_RECEIVED)))
        return forward_wait_rich(t);
    LEAVE_IF(rich && (c->summary & ~CALL_PLAIN_WINDOWS) != CALL_PLAIN(CALL_RECEIVED));
    LEAVE_IF(!find_way(t, caller, READ_ONCE(t->block->forward_session), &w));
    if (!away && !may_enter(cpu, w.server, w.priority))
        return forward_wait_away(t);
    struct slot *end = find_end(t);
    LEAVE_IF(!end || (rich && no_room(t)));
    LEAVE_IF(bits & BESIDE_READ && !pass_data(t, w.server));

    change_account(cpu, t, caller->account, away);
    if (rich)
        c->read.length = 0;
    if (!(bits & BESIDE_READ))
        tell_data(w.server->block, 0, 0);
    w.server->block->write_length = rich ? c->write.length : 0;
    wait(t, c, container_of(end->object, struct endpoint, object));
    give_call(t, caller, &w);
    return enter(cpu, t, w.server, away);
}
