/* SPDX-License-Identifier: MIT */
/*
 * Looks at what docs/invariants.md says, from the root pool down: everything that exists was bought
 * by some pool. With frames, what each pool says it used is compared with the frames that it has.
 */
#include "check.h"
#include "cpu.h"
#include "endpoint.h"
#include "frame.h"
#include "log.h"
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "signal.h"
#include "test_call.h"

#define POOLS_MAX 512u
#define TOLD_MAX  10u /* lines in the log; the rest is only counted */

static unsigned broken;
static struct {
    const struct pool *pool;
    uint64_t pages; /* that its frames should be */
    uint64_t found;
} pools[POOLS_MAX];
static unsigned pool_count;

void check_that(bool holds, const char *file, unsigned line, const char *fact, uint64_t value) {
    if (holds)
        return;
    if (broken++ < TOLD_MAX)
        log_error("invariant broken: %s:%u: %s (%lx)", file, line, fact, value);
}

static void check_signal(const struct signal *s) {
    unsigned waiters = 0;
    for (const struct list *l = s->waiters.next; l != &s->waiters; l = l->next, waiters++) {
        const struct thread *t = container_of(l, struct thread, wait_link);
        CHECK(t->state == STATE_WAITING && t->wait_kind == WAIT_SIGNAL, t);
        CHECK(!(t->wait_mask & s->bits), t->wait_mask);
    }
    CHECK(waiters <= SIGNAL_WAITERS, waiters);
    CHECK(!waiters || !s->endpoint, s);
    for (const struct link *l = s->bindings; l; l = l->next)
        CHECK(container_of(l, struct signal_binding, link)->signal == s, s);
    CHECK(!s->endpoint || s->endpoint->signal == s, s);
}

static void check_object(const struct object *o) {
    check_handles(o);
    switch (o->type) {
    case OBJECT_PROCESS:
        check_process(container_of(o, struct process, object));
        break;
    case OBJECT_THREAD:
        check_thread(container_of(o, struct thread, object));
        break;
    case OBJECT_MEMORY:
        check_memory(container_of(o, struct memory, object));
        break;
    case OBJECT_ENDPOINT:
        check_endpoint(container_of(o, struct endpoint, object));
        break;
    case OBJECT_SIGNAL:
        check_signal(container_of(o, struct signal, object));
        break;
    case OBJECT_SESSION: {
        const struct session *s = container_of(o, struct session, object);
        CHECK(!s->endpoint == !s->node.linked, s);
        break;
    }
    }
}

static void check_slabs(const struct pool *p) {
    for (unsigned class = 0; class < POOL_CLASSES; class ++)
        for (const struct list *l = p->slabs[class].next; l != &p->slabs[class]; l = l->next) {
            const struct frame *f = container_of(l, struct frame, list);
            CHECK(f->kind == FRAME_SLAB && f->pool == p && f->size_class == class, f);
            CHECK(f->count && f->count < PAGE_BYTES >> (5 + class), f->count);
        }
}

static void check_pool(const struct pool *p) {
    uint64_t set_aside = 0, quarantined = 0;
    CHECK(p->used <= p->limit, p->used);
    CHECK(!p->parent || p->depth == p->parent->depth + 1, p->depth);
    check_slabs(p);
    for (const struct list *l = p->quarantine.next; l != &p->quarantine; l = l->next)
        quarantined += PAGE_BYTES;
    CHECK(quarantined == p->quarantined, quarantined);
    CHECK(list_empty(&p->dry_waiters) || p->relies.pprev || p->object.waiting.pprev ||
              p->object.dying,
          p);
    for (const struct list *l = p->dry_waiters.next; l != &p->dry_waiters; l = l->next)
        CHECK(container_of(l, struct thread, wait_link)->wait_kind == WAIT_POOL, p);
    for (const struct list *l = p->objects.next; l != &p->objects; l = l->next) {
        const struct object *o = container_of(l, struct object, bought);
        if (l == &p->scan)
            continue;
        CHECK(o->pool == p && o->type > OBJECT_NONE && o->type < OBJECT_TYPES, o);
        check_object(o);
        if (o->type == OBJECT_POOL)
            set_aside += container_of(o, struct pool, object)->limit;
    }
    CHECK(set_aside + quarantined <= p->used, set_aside);
    if (pool_count < POOLS_MAX) {
        pools[pool_count].pool = p;
        pools[pool_count].found = 0;
        pools[pool_count++].pages = (p->used - set_aside - quarantined) / PAGE_BYTES;
    }
}

/* The pools below one, without recursion: children stand behind their parents in `pools`. */
static void check_pools(const struct pool *root) {
    pool_count = 0;
    check_pool(root);
    for (unsigned i = 0; i < pool_count; i++) {
        const struct pool *p = pools[i].pool;
        for (const struct list *l = p->objects.next; l != &p->objects; l = l->next) {
            const struct object *o = container_of(l, struct object, bought);
            if (l != &p->scan && o->type == OBJECT_POOL)
                check_pool(container_of(o, struct pool, object));
        }
    }
}

static void check_frames(void) {
    unsigned last = 0;
    for (uint64_t i = 0; i < frame_total; i++) {
        const struct frame *f = &frames[i];
        if (f->kind == FRAME_RESERVED || f->kind == FRAME_FREE)
            continue;
        if (pools[last].pool != f->pool)
            for (last = 0; last + 1 < pool_count && pools[last].pool != f->pool; last++)
                ;
        if (pools[last].pool == f->pool)
            pools[last].found++;
        else
            CHECK(pool_count == POOLS_MAX, f->pool);
    }
    for (unsigned i = 0; i < pool_count; i++)
        CHECK(pools[i].found == pools[i].pages, (pools[i].found << 32) | pools[i].pages);
}

static void check_cpus(void) {
    for (unsigned i = 0; i < cpu_count; i++) {
        const struct sched_queue *q = &cpus[i].queue;
        int top = -1;
        for (int level = 0; level < SCHED_PRIORITIES; level++)
            if (q->bitmap[level / 64] >> level % 64 & 1)
                top = level;
        if (q->only)
            top = q->only->priority > top ? q->only->priority : top;
        CHECK(q->top == top, q->top);
        CHECK(cpus[i].current, i);
    }
}

unsigned invariants_check(bool with_frames) {
    const struct pool *root = cpu_self()->current->process->object.pool;
    while (root->parent)
        root = root->parent;
    broken = 0;
    check_pools(root);
    check_cpus();
    if (with_frames)
        check_frames();
    return broken;
}
