/* SPDX-License-Identifier: MIT */
/*
 * The fast path of call and reply_wait: a list of reasons to leave, and then a direct switch. Until
 * the last reason nothing is changed, so leaving means that the slow path does it all; a test
 * proves that both give the same. A server that waits holds a reserved reply slot, and an endpoint
 * at which somebody waits has neither calls nor notices. The message words stay where the entry
 * code has put them, in the sender's saved registers: the way out loads them from there.
 */
#include "arch/pagetable.h"
#include "arch/switch.h"
#include "cpu.h"
#include "ipc.h"
#include "pool.h"
#include "signal.h"
#include "string.h"
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

/* What comes beside the words; not handles, nor a deadline. How many handles `t` accepts may be
 * told before it is sure that the path is not left. */
#define BESIDE_READ   1u
#define BESIDE_WRITE  2u
#define BESIDE_ACCEPT 0x700u

static inline uint32_t beside(struct thread *t) {
    uint32_t bits = (uint32_t)(t->regs.a[1] >> 32);
    t->accepting = (uint8_t)(bits >> 8);
    return bits;
}

static inline bool too_much(const struct thread *t, uint32_t bits, uint32_t windows) {
    return bits & ~(BESIDE_ACCEPT | windows) || t->accepting > t->spare_count;
}

/* Bytes within one page that is present, as the kernel sees them; else NULL. */
static inline void *bytes_at(const struct thread *t, vaddr_t address, uint64_t length,
                             uint32_t access) {
    if (length - 1 >= PAGE_BYTES - (address & (PAGE_BYTES - 1)) || address >= USER_END)
        return NULL;
    return pt_user_pointer(t->process->space, address, access);
}

/* The windows are small and there: opens them, and gives the server what it may read. */
static __attribute__((noinline)) bool open_windows(struct thread *t, struct thread *server,
                                                   uint32_t bits) {
    struct thread_block *b = server->block;
    struct call *c = &t->call;
    if (bits & BESIDE_WRITE) {
        c->write = window_read(&t->block->write);
        if (!bytes_at(t, c->write.address, c->write.length, MEMORY_WRITE))
            return false;
    }
    b->inline_length = 0;
    if (bits & BESIDE_READ) {
        c->read = window_read(&t->block->read);
        struct window to = window_read(&b->buffer);
        const void *from = bytes_at(t, c->read.address, c->read.length, MEMORY_READ);
        to.length = min_u64(to.length, c->read.length);
        void *at = bytes_at(server, to.address, to.length, MEMORY_WRITE);
        if (!from || !at)
            return false;
        memcpy(at, from, to.length);
        b->inline_length = (uint32_t)to.length;
    }
    c->windows = true;
    t->process->space->process = t->process;
    b->read_length = c->read.length;
    b->write_length = c->write.length;
    b->received_count = 0;
    return true;
}

/* Small data for the caller's window. */
static __attribute__((noinline)) bool send_data(struct thread *t, struct thread *caller) {
    struct window data = window_read(&t->block->read), *w = &caller->call.write;
    const void *from = bytes_at(t, data.address, data.length, MEMORY_READ);
    void *to = bytes_at(caller, w->address, data.length, MEMORY_WRITE);
    if (!from || !to || data.length > w->length)
        return false;
    memcpy(to, from, data.length);
    caller->block->read_length = data.length;
    *(uint64_t *)&caller->block->inline_length = 0;
    return true;
}

/* May it run here and now? A competitor of `t`, which was none before, gets its turn in time. */
static inline bool may_enter(const struct cpu *cpu, const struct thread *t, uint8_t priority) {
    if (unlikely(cpu->queue.top >= priority)) {
        if (cpu->queue.top > priority)
            return false;
        alarms_program(cpu_slice_end(cpu));
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

static inline void tell_nothing_beside(struct thread_block *b) {
    b->read_length = 0;
    *(uint64_t *)&b->inline_length = 0; /* and received_count */
}

static inline void tell_no_windows(struct thread_block *b) {
    b->write_length = 0;
    tell_nothing_beside(b);
}

_Static_assert(offsetof(struct thread_block, received_count) ==
                       offsetof(struct thread_block, inline_length) + 4 &&
                   offsetof(struct thread_block, inline_length) % 8 == 0,
               "cleared together");

/* `rich`: something comes beside the words. Both kinds are made of this text, so that the other one
 * costs nothing. */
INLINE struct exchange call(struct thread *t, bool rich) {
    struct cpu *cpu = cpu_self();
    uint32_t bits = rich ? beside(t) : 0;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)));
    LEAVE_IF(rich && too_much(t, bits, BESIDE_READ | BESIDE_WRITE));
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
    if (rich && bits & (BESIDE_READ | BESIDE_WRITE))
        LEAVE_IF(!open_windows(t, server, bits));
    else
        tell_no_windows(server->block);

    change_account(cpu, t, t->account);
    e->receivers.next = first->next;
    first->next->prev = &e->receivers;
    server->regs.a[0] = t->call.badge = session->badge;
    t->call.state = CALL_RECEIVED;
    t->call.server = server;
    t->state = STATE_CALLING;
    dependent_attach(&t->call.via, slot, DEPENDENT_CALL);
    tree_insert(&server->donations, &t->call.donation, PRIORITY_KEY(t->sched.priority));
    server->sched.priority = priority;
    server->sched.account = t->account;
    server->block->caller_process = t->sender_process;
    server->block->caller_account = t->sender_account;
    reply_give(t, server);
    enter(cpu, t, server);
    return (struct exchange){server, t};
}

static __attribute__((noinline)) struct exchange call_rich(struct thread *t) {
    return call(t, true);
}

struct exchange message_fast_call(struct thread *t) {
    if (unlikely((uint32_t)(t->regs.a[1] >> 32)))
        return call_rich(t);
    t->accepting = 0;
    return call(t, false);
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
}

static struct exchange reply_wait_rich(struct thread *t);

INLINE struct exchange reply_wait(struct thread *t, bool rich) {
    struct cpu *cpu = cpu_self();
    struct tree_node *n = t->donations.root;
    uint32_t bits = rich ? beside(t) : 0;
    LEAVE_IF(message_slow | (t->summary ^ THREAD_PLAIN(STATE_READY)));
    LEAVE_IF(rich && too_much(t, bits, BESIDE_READ));
    LEAVE_IF(!n || (uintptr_t)n->left | (uintptr_t)n->right ||
             t->reply_slot); /* not one caller, or others wait too */
    struct thread *caller = container_of(n, struct thread, call.donation);
    struct slot *reply = caller->call.reply;
    LEAVE_IF(t->regs.a[0] != caller->call.reply_handle || reply->generation >= UINT32_MAX - 1);
    LEAVE_IF(caller->summary != THREAD_PLAIN(STATE_CALLING));
    if (!rich && unlikely(caller->call.summary != CALL_PLAIN(CALL_RECEIVED)))
        return reply_wait_rich(t); /* it may have windows */
    LEAVE_IF(rich && ((caller->call.summary & ~CALL_WINDOWS) != CALL_PLAIN(CALL_RECEIVED) ||
                      caller->call.forwarded));
    LEAVE_IF(!may_enter(cpu, caller, caller->sched.priority));
    struct slot *slot =
        find(t->process, t->regs.a[8], &t->endpoint, OBJECT_ENDPOINT, RIGHT_ENDPOINT_RECEIVE);
    LEAVE_IF(!slot);
    struct endpoint *e = container_of(slot->object, struct endpoint, object);
    LEAVE_IF(e->queue.root || !list_empty(&e->notices) || (e->signal && e->signal->bits));
    LEAVE_IF(rich && bits & BESIDE_READ && !send_data(t, caller));

    change_account(cpu, t, caller->sched.account);
    if (rich)
        caller->call.read.length = caller->call.write.length = 0;
    if (!rich || !(bits & BESIDE_READ))
        tell_nothing_beside(caller->block);
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

static __attribute__((noinline)) struct exchange reply_wait_rich(struct thread *t) {
    return reply_wait(t, true);
}

struct exchange message_fast_reply_wait(struct thread *t) {
    if (unlikely((uint32_t)(t->regs.a[1] >> 32)))
        return reply_wait_rich(t);
    t->accepting = 0;
    return reply_wait(t, false);
}
