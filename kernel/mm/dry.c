/* SPDX-License-Identifier: MIT */
/*
 * What happens when a pool has no room. One pass over its objects takes clean pages of pager-backed
 * memory back and finds the largest process on the way; a mark in the list of objects keeps its
 * place while it is preempted, and several threads may drive the same pass.
 */
#include "arch/pagetable.h"
#include "pages.h"
#include "process.h"
#include "signal.h"
#include "thread.h"
#include "trace.h"

#define STEP_MAX (8 * PAGE_BYTES) /* that a step of a fault takes */
#define LOOK_MAX 64u /* mappings of an object and threads of a process, looked at for windows */

static bool has_room(const struct pool *p, uint64_t bytes) {
    return p->limit - p->used >= bytes;
}

static bool overlaps(const struct mapping *m, const struct window *w) {
    return w->address < m->end && w->length > m->node.key - min_u64(m->node.key, w->address);
}

static bool has_window(const struct process *p, const struct mapping *m) {
    for (const struct list *l = p->threads.next; l != &p->threads; l = l->next) {
        const struct thread *t = container_of(l, struct thread, of_process);
        if (t->call.state != CALL_NONE && !t->call.page &&
            (overlaps(m, &t->call.read) || overlaps(m, &t->call.write)))
            return true;
    }
    return false;
}

/* A call in flight may have a window in it; when that is too much work to find out: yes. */
static bool may_be_held(const struct memory *m) {
    if (m->mapping_count > LOOK_MAX)
        return true;
    for (struct link *l = m->mappings; l; l = l->next) {
        struct mapping *map = container_of(l, struct mapping, of_memory);
        const struct process *p = map->space->process;
        if (p && (p->thread_count > LOOK_MAX || has_window(p, map)))
            return true;
    }
    return false;
}

/* The leaf is unmapped in one go: what stays comes back by faults. */
static void take_back(struct page_leaf *l) {
    uint64_t clean = l->present & ~(l->dirty | l->disclosed);
    tlb_batch_begin();
    if (clean)
        memory_unmap_range(l->memory, l->base << PAGE_SHIFT, LEAF_PAGES * PAGE_BYTES);
    for (; clean; clean &= clean - 1) {
        struct page_slot *s = &l->slots[__builtin_ctzl(clean)];
        if (!page_shared(s))
            page_drop(s);
    }
    tlb_batch_end();
    pages_prune(l->memory, l->base);
}

/* False: the share of work is used up. */
static bool reclaim_memory(struct pool *p, struct memory *m, uint64_t bytes) {
    struct page_leaf *l;
    if (m->kind != MEMORY_KIND_PAGER || !m->pager_source.endpoint || may_be_held(m))
        return true;
    while (!has_room(p, bytes) && (l = pages_leaf_from(m, p->scan_page))) {
        p->scan_page = l->base + LEAF_PAGES;
        take_back(l);
        if (work_spent(20 + m->mapping_count))
            return false;
    }
    return true;
}

static void let_go(struct process *p) {
    object_drop(&p->object);
    object_release(&p->object);
}

static uint64_t size_of(const struct process *p) {
    if (p->state == PROCESS_DYING)
        return UINT64_MAX; /* its memory comes back soonest */
    return p->space ? p->space->resident + p->space->table_pages + 1 : 0;
}

static void consider(struct pool *p, struct process *candidate) {
    struct process *old = p->largest;
    if (candidate->state == PROCESS_ENDED || (old && size_of(candidate) <= size_of(old)))
        return;
    object_hold(&candidate->object);
    p->largest = candidate;
    if (old)
        let_go(old);
}

void pool_scan_end(struct pool *p) {
    struct process *largest = p->largest;
    list_remove(&p->scan);
    p->largest = NULL;
    if (largest)
        let_go(largest);
}

bool pool_reclaim(struct pool *p, uint64_t bytes) {
    if (p->object.dying)
        return true;
    if (list_empty(&p->scan)) {
        pool_scan_end(p);
        list_prepend(&p->objects, &p->scan);
        p->scan_page = 0;
    }
    while (p->scan.next != &p->objects) {
        struct object *o = container_of(p->scan.next, struct object, bought);
        if (o->type == OBJECT_MEMORY && !o->dying &&
            !reclaim_memory(p, container_of(o, struct memory, object), bytes))
            return false;
        if (has_room(p, bytes))
            break;
        if (o->type == OBJECT_PROCESS)
            consider(p, container_of(o, struct process, object));
        list_remove(&p->scan);
        list_prepend(&o->bought, &p->scan);
        p->scan_page = 0;
        if (work_spent(1))
            return false;
    }
    list_remove(&p->scan);
    return true;
}

static err_t wait_for_room(struct pool *p, struct thread *t, struct pool *told, uint64_t bytes) {
    err_t e = thread_wait(t, WAIT_POOL, NANOS_NEVER, bytes, &p->dry_waiters);
    if (is_blocked(e)) {
        if (thread_in_syscall(t))
            t->attention |= ATTEND_RESTART;
        if (p->relies.pprev)
            link_remove(&p->relies);
        link_insert(&told->pressure.told, &p->relies);
        signal_binding_raise(&told->pressure);
    }
    return e;
}

/* In the order in which they came. Who finds no room after all waits again, behind the others. */
bool pool_wake(struct pool *p) {
    struct thread *t;
    while ((t = list_first(&p->dry_waiters, struct thread, wait_link)) &&
           (has_room(p, t->wait_mask) || p->object.dying || !p->relies.pprev)) {
        list_remove(&t->wait_link);
        t->wait_kind = WAIT_NONE;
        thread_ready(t);
        if (work_spent(3))
            return false;
    }
    return true;
}

static err_t end_largest(struct pool *p, struct thread *t) {
    struct process *victim = p->largest;
    if (!victim)
        return ERROR(NO_MEMORY);
    if (victim->state != PROCESS_DYING)
        process_end(victim, END_POOL, 0, 0);
    if (victim == t->process || process_teardown(victim))
        pool_scan_end(p);
    return AGAIN;
}

/* What room there is was not enough: some steps need a page and a place to note it. With more than
 * any step needs it was something else that failed, and passes. */
err_t pool_dry(struct pool *p, struct thread *t) {
    uint64_t bytes = p->limit - p->used + PAGE_BYTES;
    struct pool *told = p;
    trace(TRACE_MEMORY, pool_dry, p->identity, p->limit);
    if (bytes > STEP_MAX || !pool_reclaim(p, bytes) || has_room(p, bytes))
        return AGAIN;
    while (told && (!told->pressure.signal || told->pressure.signal->object.dying))
        told = told->parent;
    if (!told)
        return end_largest(p, t);
    pool_scan_end(p);
    return wait_for_room(p, t, told, bytes);
}
