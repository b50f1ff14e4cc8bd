/* SPDX-License-Identifier: MIT */
/* Handles, processes, threads and endpoints: how they are linked, and the states of calls. */
#include "check.h"
#include "cpu.h"
#include "endpoint.h"
#include "ipc.h"
#include "pool.h"
#include "process.h"
#include "signal.h"

static void check_tree(const struct slot *s) {
    if (s->child)
        CHECK(s->child->parent == s && !s->child->prev, s);
    if (!s->parent)
        return;
    CHECK(s->prev ? s->prev->next == s : s->parent->child == s, s);
    CHECK(!s->next || (s->next->prev == s && s->next->parent == s->parent), s);
    CHECK(s->parent->object != s->object || !(s->rights & ~s->parent->rights), s->rights);
}

static void check_dependents(const struct slot *s) {
    for (const struct link *l = s->dependents; l; l = l->next)
        CHECK(container_of(l, struct dependent, link)->via == s, s);
}

/* What nothing names and nothing holds is destroyed; a closed session waits to be told of, and a
 * thread to come off its processor. */
static bool may_be_unnamed(const struct object *o) {
    return o->dying || o->holds || o->waiting.pprev || o->type == OBJECT_SESSION ||
           o->type == OBJECT_THREAD;
}

void check_handles(const struct object *o) {
    CHECK(o->slots || may_be_unnamed(o), o->type);
    for (const struct link *l = o->slots; l; l = l->next) {
        const struct slot *s = container_of(l, struct slot, named);
        CHECK(s->object == o && s->type == o->type, s);
        CHECK(!(s->flags & SLOT_SELF), s);
        CHECK(!(s->rights & ~object_types[o->type].rights), s->rights);
        check_tree(s);
        check_dependents(s);
    }
}

static void check_table(const struct slot_table *t) {
    uint32_t free = 0, total = t->page_count * SLOTS_PER_PAGE;
    for (const struct slot *s = t->free; s && free <= total; s = s->next, free++)
        CHECK(!s->object, s);
    CHECK(free == t->free_count, free);
    CHECK(t->used + free <= total, t->used);
}

void check_process(const struct process *p) {
    uint32_t threads = 0;
    for (const struct list *l = p->threads.next; l != &p->threads; l = l->next, threads++)
        CHECK(container_of(l, struct thread, of_process)->process == p, p);
    CHECK(threads == p->thread_count && threads <= PROCESS_THREADS, threads);
    CHECK(p->live_threads <= threads, p->live_threads);
    if (p->slots.pages)
        check_table(&p->slots);
    if (p->space)
        check_space(p->space);
}

static void check_call(const struct thread *t) {
    const struct call *c = &t->call;
    CHECK((t->state == STATE_CALLING) == (c->state != CALL_NONE), t->state);
    CHECK(c->page == (c->of_space.pprev != NULL) && c->page == (c->of_memory.pprev != NULL), t);
    switch (c->state) {
    case CALL_NONE:
        CHECK(!c->queue.linked && !c->donation.linked && !c->reply && !c->via.via, t);
        break;
    case CALL_QUEUED:
        CHECK(c->queue.linked && !c->donation.linked && !c->reply && c->endpoint, t);
        CHECK(c->queue.key == PRIORITY_KEY(t->sched.priority), c->queue.key);
        break;
    case CALL_RECEIVED:
        CHECK(!c->queue.linked && c->reply, t);
        CHECK(c->donation.linked == (c->server != NULL) && !(c->parked && c->server), t);
        CHECK(c->reply->type == OBJECT_REPLY && c->reply->object == &t->object, c->reply);
        break;
    }
}

static bool runs(const struct thread *t) {
    for (unsigned i = 0; i < cpu_count; i++)
        if (cpus[i].current == t)
            return true;
    return false;
}

static uint8_t donated(const struct thread *t) {
    const struct tree_node *n = tree_first(&t->donations);
    uint8_t priority = n ? (uint8_t)PRIORITY_KEY(n->key) : 0;
    return priority > t->base_priority ? priority : t->base_priority;
}

void check_thread(const struct thread *t) {
    bool ready = t->state == STATE_READY && !(t->attention & ATTEND_SUSPENDED) && !runs(t);
    bool kept = (t->attention & (ATTEND_SUSPENDED | ATTEND_DYING)) > ATTEND_DYING; /* both */
    if (t->object.dying)
        return;
    check_call(t);
    CHECK(kept || t->sched.queued == ready, t->state);
    if (t->state != STATE_ENDED && t->state != STATE_NEW)
        CHECK(t->sched.priority == donated(t), t->sched.priority);
    if (t->alarm.linked)
        CHECK(t->state == STATE_WAITING || t->state == STATE_CALLING || t->state == STATE_RECEIVING,
              t->state);
}

void check_endpoint(const struct endpoint *e) {
    for (const struct tree_node *n = tree_first(&e->queue); n; n = tree_next(n)) {
        const struct call *c = container_of(n, struct call, queue);
        CHECK(c->state == CALL_QUEUED && c->endpoint == e, c);
    }
    for (const struct list *l = e->receivers.next; l != &e->receivers; l = l->next)
        CHECK(container_of(l, struct thread, receiver)->state == STATE_RECEIVING, e);
    CHECK(list_empty(&e->receivers) || (!e->queue.root && list_empty(&e->notices)), e);
    for (const struct list *l = e->sources.next; l != &e->sources; l = l->next)
        CHECK(container_of(l, struct notice, source)->endpoint == e, e);
    for (const struct list *l = e->notices.next; l != &e->notices; l = l->next)
        CHECK(container_of(l, struct notice, queue)->endpoint == e, e);
    for (const struct tree_node *n = tree_first(&e->sessions); n; n = tree_next(n))
        CHECK(container_of(n, struct session, node)->endpoint == e, e);
    CHECK(!e->signal || list_empty(&e->receivers) || !e->signal->bits, e);
}
