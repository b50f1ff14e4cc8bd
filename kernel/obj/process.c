/* SPDX-License-Identifier: MIT */
/*
 * The life of a process. It holds itself from the start of its first thread until it is torn down.
 * Ending marks all its threads, so that none runs user code any more, and makes one of them the
 * undertaker, which tears the process down in kernel mode; others may help (a killer, the end of
 * the pool), and all pieces of that work may be interleaved.
 */
#include "process.h"

#include "cpu.h"
#include "ipc.h"
#include "log.h"
#include "pool.h"
#include "thread.h"
#include "trace.h"

#define FIRST_PROCESS 1u /* its identity */

static struct process *process_of(struct object *o) {
    return container_of(o, struct process, object);
}

static struct thread *thread_at(struct list *l) {
    return container_of(l, struct thread, of_process);
}

static void init(struct process *p, uint64_t priority) {
    static uint64_t last_identity;
    p->identity = ++last_identity;
    p->state = PROCESS_BUILDING;
    list_init(&p->threads);
    for (unsigned i = 0; i < SYSCALL_WORDS; i++)
        p->filter.native[i] = ~0ull;
    for (unsigned i = 0; i < FOREIGN_WORDS; i++)
        p->filter.foreign[i] = ~0ull;
    p->filter.priority = priority;
    p->message_calls_allowed = true;
}

err_t process_create(struct pool *pool, uint64_t priority, struct process **out) {
    struct object *o;
    err_t e = object_create(pool, OBJECT_PROCESS, &o);
    if (!err_ok(e))
        return e;
    struct process *p = process_of(o);
    init(p, priority);
    e = space_create(pool, &p->space);
    if (!err_ok(e))
        goto out_object;
    e = slot_table_init(&p->slots, p);
    if (!err_ok(e))
        goto out_space;
    struct slot *self = &p->slots.pages[0][SLOT_PROCESS];
    self->flags = SLOT_SELF;
    slot_install(self, o, object_types[OBJECT_PROCESS].rights, 0, NULL);
    *out = p;
    return OK;
out_space:
    space_destroy(p->space); /* empty */
out_object:
    object_free(o);
    return e;
}

/* The thread that will tear the process down: the current one, or the first that was started. */
static void appoint(struct process *p) {
    struct thread *u = cpu_self()->current;
    if (u->process != p) {
        struct list *l = p->threads.next;
        while (l != &p->threads && thread_at(l)->state == STATE_NEW)
            l = l->next;
        if (l == &p->threads) {
            object_settle_later(&p->object);
            return;
        }
        u = thread_at(l);
    }
    u->undertaker = true;
    thread_abort(u, ERROR(INTERRUPTED));
    if (u->attention & ATTEND_SUSPENDED && !u->sched.queued && cpus[u->cpu].current != u)
        thread_ready(u);
}

void process_end(struct process *p, unsigned reason, uint64_t code, vaddr_t address) {
    if (p->state == PROCESS_DYING || p->state == PROCESS_ENDED)
        return;
    trace(TRACE_LIFE, process_end, reason, code);
    if (p->identity == FIRST_PROCESS) /* nobody else could tell */
        log_error("the first process ended: reason %u, code %lx, address %lx", reason, code,
                  address);
    p->state = PROCESS_DYING;
    p->reason = reason;
    p->code = code;
    p->address = address;
    for (struct list *l = p->threads.next; l != &p->threads; l = l->next) {
        struct thread *t = thread_at(l);
        t->attention |= ATTEND_DYING;
        if (t->state == STATE_RECEIVING)
            list_remove(&t->receiver); /* what is told now is for its successor */
        if (cpu_elsewhere(t))
            cpu_poke(t);
    }
    appoint(p);
}

/* Ends all threads but the one that runs here and the undertaker. PREEMPTIBLE: false also while
 * another CPU has one. */
static bool end_threads(struct process *p) {
    struct list *next;
    bool done = true;
    for (struct list *l = p->threads.next; l != &p->threads; l = next) {
        struct thread *t = thread_at(l);
        next = l->next;
        if (t == cpu_self()->current)
            continue;
        if (cpu_elsewhere(t)) { /* perhaps still in user code, the undertaker too */
            done = false;
            continue;
        }
        if (t->undertaker)
            continue;
        if (!thread_prepare_end(t))
            return false;
        thread_end(t);
        if (work_spent(10))
            return false;
    }
    return done;
}

/* If another thread did the undertaker's work, nothing is left for it to do. */
static bool dismiss_undertaker(struct process *p) {
    struct thread *u = list_first(&p->threads, struct thread, of_process);
    if (!u || u == cpu_self()->current)
        return true;
    if (cpu_elsewhere(u) || !thread_prepare_end(u))
        return false;
    thread_end(u);
    return true;
}

bool process_teardown(struct process *p) {
    if (p->state != PROCESS_ENDED) {
        if (!end_threads(p) || (p->slots.pages && !slot_table_destroy(&p->slots)))
            return false;
        if (p->space && !space_destroy(p->space))
            return false;
        p->space = NULL;
        p->state = PROCESS_ENDED;
        notice_tell(&p->ended);
        if (p->started)
            object_drop(&p->object);
    }
    return dismiss_undertaker(p);
}

bool process_settle(struct process *p) {
    return p->started || p->state != PROCESS_DYING || process_teardown(p);
}

/* Its end was not yet received. Whoever takes that, or ends the endpoint, releases it. */
bool process_unused(struct object *o) {
    const struct notice *ended = &process_of(o)->ended;
    return !ended->endpoint || list_empty(&ended->queue);
}

bool process_destroy(struct object *o) {
    struct process *p = process_of(o);
    process_end(p, END_KILL, 0, 0);
    if (!process_teardown(p) || p->thread_count)
        return false; /* an undertaker that runs here ends itself */
    notice_unbind(&p->ended);
    return true;
}
