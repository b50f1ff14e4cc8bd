/* SPDX-License-Identifier: MIT */
/*
 * Threads: their life, and how they wait. A started thread holds itself until it ends. Its block, a
 * page of the kernel's that its process sees, and its extended state go when it ends; the object
 * stays while handles name it or calls are served at its priority.
 */
#include "thread.h"

#include "abi/syscall.h"
#include "arch/layout.h"
#include "cpu.h"
#include "endpoint.h"
#include "futex.h"
#include "ipc.h"
#include "log.h"
#include "pool.h"
#include "process.h"
#include "timer.h"
#include "upcall.h"

_Static_assert(sizeof(struct thread_block) <= PAGE_BYTES, "one page");

static struct thread *thread_of(struct object *o) {
    return container_of(o, struct thread, object);
}

static void describe(struct thread *t, vaddr_t block) {
    t->block_address = block;
    t->block->self = block;
    t->block->cpu_count = cpu_count;
    arch_clock_parameters(&t->block->tsc_base, &t->block->tsc_mult);
}

static void join(struct thread *t, struct process *p, unsigned priority) {
    static uint64_t last_identity;
    t->process = p;
    t->table = p->space->table;
    t->identity = ++last_identity;
    t->state = STATE_NEW;
    t->affinity = ~0ull;
    t->base_priority = t->sched.priority = (uint8_t)priority;
    t->account = t->sched.account = &p->object.pool->account->sched;
    t->session = t->endpoint = (struct recent){.state = ~0ull, .slot = &p->slots.pages[0][0]};
    t->filtered = !p->message_calls_allowed;
    t->sender_process = p->identity;
    t->sender_account = p->object.pool->account->identity;
    list_init(&t->receiver);
    list_init(&t->wait_link);
    list_append(&p->threads, &t->of_process);
    p->thread_count++;
    t->self.flags = SLOT_SELF | SLOT_DETACHED;
    slot_install(&t->self, &t->object, object_types[OBJECT_THREAD].rights, 0, NULL);
}

err_t thread_create(struct process *p, vaddr_t block, unsigned priority, struct thread **out) {
    struct pool *pool = p->object.pool;
    struct object *o;
    if (p->thread_count == PROCESS_THREADS)
        return ERROR(LIMIT);
    err_t e = object_create(pool, OBJECT_THREAD, &o);
    if (!err_ok(e))
        return e;
    struct thread *t = thread_of(o);
    e = ERROR(NO_MEMORY);
    t->block = pool_page_alloc(pool);
    if (!t->block)
        goto out_object;
    e = space_map_block(p->space, block, virt_to_phys(t->block));
    if (!err_ok(e))
        goto out_block;
    describe(t, block);
    e = arch_thread_init(t, pool);
    if (!err_ok(e))
        goto out_mapping;
    join(t, p, priority);
    *out = t;
    return OK;
out_mapping:
    space_unmap_block(p->space, block);
out_block:
    pool_page_free(pool, t->block);
out_object:
    object_free(o);
    return e;
}

static void leave_wait(struct thread *t) {
    if (t->wait_kind == WAIT_FUTEX)
        futex_cancel(t);
    else
        list_remove(&t->wait_link);
}

void thread_abort(struct thread *t, err_t e) {
    if (t->state == STATE_CALLING) {
        call_end(t, e);
    } else if (t->state == STATE_RECEIVING) {
        list_remove(&t->receiver);
        thread_wake(t, e);
    } else if (t->state == STATE_WAITING) {
        leave_wait(t);
        thread_wake(t, e);
    }
}

bool thread_prepare_end(struct thread *t) {
    if (t->self.object && !slot_close(&t->self))
        return false;
    return forwarded_free(t);
}

static void give_back_slots(struct thread *t) {
    struct slot *s;
    if (t->reply_slot)
        slot_give_back(t->reply_slot);
    while ((s = t->spare)) {
        t->spare = s->next;
        slot_give_back(s);
    }
    t->reply_slot = NULL;
}

static void leave_process(struct thread *t) {
    struct process *p = t->process;
    if (p->slots.pages)
        give_back_slots(t);
    if (p->space)
        space_unmap_block(p->space, t->block_address);
    pool_page_free(t->object.pool, t->block);
    t->block = NULL;
    arch_thread_free(t, t->object.pool);
    list_remove(&t->of_process);
    p->thread_count--;
    p->ticks += t->ticks;
    t->process = NULL;
}

void thread_end(struct thread *t) {
    struct cpu *cpu = cpu_self();
    struct process *p = t->process;
    bool started = t->state != STATE_NEW;
    assert(!cpu_elsewhere(t));
    thread_abort(t, ERROR(REVOKED));
    if (t->sched.queued)
        sched_dequeue(&cpus[t->cpu].queue, &t->sched);
    if (cpu->current == t)
        cpu_release(cpu);
    t->state = STATE_ENDED;
    leave_process(t);
    if (!started)
        return;
    p->live_threads--;
    object_drop(&t->object);
    object_release(&t->object);
}

/* Its donors' calls name it until they end. */
bool thread_unused(struct object *o) {
    return !thread_of(o)->donations.root;
}

bool thread_destroy(struct object *o) {
    struct thread *t = thread_of(o);
    if (t->process && cpu_elsewhere(t)) {
        t->attention |= ATTEND_DYING;
        cpu_poke(t);
        return false;
    }
    if (t->process) {
        if (!thread_prepare_end(t))
            return false;
        object_hold(o); /* thread_end must not free what is being destroyed */
        thread_end(t);
        object_drop(o);
    }
    return calls_forget_server(t);
}

void thread_wake(struct thread *t, err_t e) {
    if (unlikely(t->timed))
        alarm_cancel(t);
    if (likely(t->wait_kind != WAIT_POOL)) {
        thread_status(t, e);
    } else if (t->attention & ATTEND_RESTART && !err_ok(e)) {
        t->attention &= ~ATTEND_RESTART;
        thread_status(t, e);
    }
    t->wait_kind = WAIT_NONE;
    thread_ready(t);
}

/* May a pending interrupt end this wait? One for memory that began at an instruction, if the upcall
 * follows at once; but not the last that a thread waits for, as nobody is left to hear of it. */
static bool interrupt_counts(const struct thread *t, enum wait_kind kind) {
    if (kind != WAIT_POOL)
        return true;
    if (thread_in_syscall(t))
        return t->regs.status != SYSCALL_BASE + SYSCALL_thread_exit;
    return upcall_possible(t);
}

bool thread_interrupted(struct thread *t, enum wait_kind kind) {
    if (likely(!(t->attention & ATTEND_INTERRUPT) || !interrupt_counts(t, kind)))
        return false;
    if (thread_in_syscall(t))
        t->attention &= ~ATTEND_INTERRUPT;
    return true;
}

static inline err_t wait(struct thread *t, enum wait_kind kind, uint64_t mask, struct list *queue) {
    t->state = STATE_WAITING;
    t->wait_kind = (uint8_t)kind;
    t->wait_mask = mask;
    if (queue)
        list_append(queue, &t->wait_link);
    cpu_release(cpu_self());
    return BLOCKED;
}

static __attribute__((noinline)) err_t wait_carefully(struct thread *t, enum wait_kind kind,
                                                      nanos_t deadline, uint64_t mask,
                                                      struct list *queue) {
    if (thread_interrupted(t, kind))
        return ERROR(INTERRUPTED);
    if (deadline <= clock_now())
        return ERROR(TIMED_OUT);
    alarm_set(t, deadline);
    return wait(t, kind, mask, queue);
}

err_t thread_wait(struct thread *t, enum wait_kind kind, nanos_t deadline, uint64_t mask,
                  struct list *queue) {
    if (unlikely(t->attention & ATTEND_INTERRUPT || deadline != NANOS_NEVER))
        return wait_carefully(t, kind, deadline, mask, queue);
    return wait(t, kind, mask, queue);
}

static bool interruptible(const struct thread *t) {
    if (t->state == STATE_CALLING && t->call.page)
        return t->call.state == CALL_QUEUED && interrupt_counts(t, WAIT_POOL);
    if (t->state == STATE_CALLING)
        return t->call.state == CALL_QUEUED || t->call.parked;
    if (t->state == STATE_WAITING)
        return interrupt_counts(t, t->wait_kind);
    return t->state == STATE_RECEIVING;
}

void thread_interrupt(struct thread *t) {
    if (!interruptible(t)) {
        t->attention |= ATTEND_INTERRUPT;
        if (cpu_elsewhere(t))
            cpu_poke(t);
        return;
    }
    if (!thread_in_syscall(t)) /* the upcall comes at the instruction */
        t->attention |= ATTEND_INTERRUPT;
    thread_abort(t, ERROR(INTERRUPTED));
}

static uint8_t highest(const struct thread *t) {
    const struct tree_node *n = tree_first(&t->donations);
    uint8_t donated = n ? (uint8_t)PRIORITY_KEY(n->key) : 0;
    return donated > t->base_priority ? donated : t->base_priority;
}

static void set_priority(struct thread *t, uint8_t priority) {
    struct cpu *cpu = &cpus[t->cpu];
    bool queued = t->sched.queued;
    if (queued)
        sched_dequeue(&cpu->queue, &t->sched);
    t->sched.priority = priority;
    if (queued)
        thread_ready(t);
    else if (cpu->current == t && cpu->queue.top >= priority) {
        cpu->errands |= ERRAND_RESCHEDULE;
        if (cpu != cpu_self())
            arch_reschedule(t->cpu);
    }
}

void thread_priority_update(struct thread *t) {
    for (unsigned n = 0; t && n < THREAD_PRIORITY_CHAIN; n++) {
        uint8_t priority = highest(t);
        if (priority == t->sched.priority)
            return;
        set_priority(t, priority);
        t = call_priority_changed(t);
    }
}
