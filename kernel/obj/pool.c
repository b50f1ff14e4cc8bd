/* SPDX-License-Identifier: MIT */
/*
 * Pools: charges, small objects, and the life of a pool. The limit of a child counts as used in its
 * parent from its creation until it is destroyed, so nothing has to be asked of the parent when the
 * child is charged. Every charged page belongs to exactly one of: a slab of the pool, an object of
 * the pool, its quarantine, its strays, or the limit of a child.
 */
#include "pool.h"

#include "cpu.h"
#include "frame.h"
#include "log.h"
#include "memory.h"
#include "process.h"
#include "signal.h"
#include "space.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"

#define ROOT_WEIGHT 100u

/* Rights to what is more than memory: a pool has them only through its parent's handle. */
#define RIGHTS_SPECIAL (RIGHT_POOL_JIT | RIGHT_POOL_PHYSICAL)

static struct pool root;
static uint64_t last_identity;

static struct pool *pool_of(const struct slot *s) {
    return container_of(s->object, struct pool, object);
}

/* Is this the allocation that a test wants to fail? */
static bool chosen_to_fail(struct pool *p) {
    return unlikely(p->fail_after) && --p->fail_after == 0;
}

bool pool_charge(struct pool *p, uint64_t bytes) {
    if (chosen_to_fail(p) || bytes > p->limit - p->used)
        return false;
    p->used += bytes;
    return true;
}

/* There may be thousands: objects_settle does it. */
static void wake_waiters(struct pool *p) {
    if (unlikely(!list_empty(&p->dry_waiters)))
        object_settle_later(&p->object);
}

void pool_credit(struct pool *p, uint64_t bytes) {
    assert(bytes <= p->used);
    p->used -= bytes;
    wake_waiters(p);
}

static paddr_t take_page(struct pool *p, enum frame_kind kind) {
    if (unlikely(!pool_charge(p, PAGE_BYTES)))
        return 0;
    paddr_t page = frame_alloc();
    if (unlikely(!page)) { /* all free ones wait for a flush */
        pool_credit(p, PAGE_BYTES);
        return 0;
    }
    struct frame *f = frame_of(page);
    f->kind = kind;
    f->pool = p;
    return page;
}

static void give_page(struct pool *p, struct frame *f) {
    assert(f->pool == p);
    frame_free(frame_address(f));
    pool_credit(p, PAGE_BYTES);
}

void *pool_page_alloc(struct pool *p) {
    paddr_t page = take_page(p, FRAME_KERNEL);
    return page ? memset(phys_to_virt(page), 0, PAGE_BYTES) : NULL;
}

void pool_page_free(struct pool *p, void *page) {
    give_page(p, frame_of(virt_to_phys(page)));
}

paddr_t pool_frame_alloc(struct pool *p) {
    return take_page(p, FRAME_USER);
}

void pool_frame_free(struct frame *f) {
    struct pool *p = f->pool;
    if (unlikely(f->flags & FRAME_STRAY))
        list_remove(&f->list);
    if (unlikely(f->flags & FRAME_DISCLOSED)) {
        f->kind = FRAME_FREE;
        list_append(&p->quarantine, &f->list);
        p->quarantined += PAGE_BYTES;
        return;
    }
    tlb_batch_free(f);
    pool_credit(p, PAGE_BYTES);
}

void pool_frame_pass(struct frame *f, struct pool *to) {
    struct pool *from = f->pool;
    if (f->flags & FRAME_STRAY) {
        f->flags &= ~FRAME_STRAY;
        list_remove(&f->list);
    }
    f->pool = to;
    pool_credit(from, PAGE_BYTES);
}

static unsigned class_of(size_t size) {
    return size <= 32 ? 0 : 59 - (unsigned)__builtin_clzl(size - 1);
}

static struct frame *slab_add(struct pool *p, unsigned class) {
    paddr_t page = take_page(p, FRAME_SLAB);
    if (!page)
        return NULL;
    struct frame *f = frame_of(page);
    f->size_class = (uint8_t) class;
    f->fresh = 0;
    f->count = 0;
    f->free = NULL;
    list_append(&p->slabs[class], &f->list);
    return f;
}

void *pool_alloc(struct pool *p, size_t size) {
    unsigned class = class_of(size);
    if (class == POOL_CLASSES - 1)
        return pool_page_alloc(p);
    if (chosen_to_fail(p))
        return NULL;
    struct frame *f = list_first(&p->slabs[class], struct frame, list);
    if (!f && !(f = slab_add(p, class)))
        return NULL;
    void *o = f->free;
    if (o)
        f->free = *(void **)o;
    else
        o = phys_to_virt(frame_address(f) + ((paddr_t)f->fresh++ << (5 + class)));
    if (++f->count == PAGE_BYTES >> (5 + class))
        list_remove(&f->list);
    return memset(o, 0, size);
}

void pool_free(struct pool *p, void *memory, size_t size) {
    unsigned class = class_of(size);
    struct frame *f = frame_of(virt_to_phys(memory));
    if (class == POOL_CLASSES - 1) {
        give_page(p, f);
        return;
    }
    assert(f->kind == FRAME_SLAB && f->size_class == class && f->pool == p);
    *(void **)memory = f->free;
    f->free = memory;
    if (f->count == PAGE_BYTES >> (5 + class))
        list_append(&p->slabs[class], &f->list);
    if (--f->count == 0) {
        list_remove(&f->list);
        give_page(p, f);
    }
}

static void pool_init(struct pool *p, struct pool *parent, uint64_t limit, uint32_t weight) {
    p->parent = parent;
    p->identity = ++last_identity;
    p->limit = limit;
    list_init(&p->objects);
    for (unsigned i = 0; i < POOL_CLASSES; i++)
        list_init(&p->slabs[i]);
    list_init(&p->quarantine);
    list_init(&p->strays);
    list_init(&p->dry_waiters);
    list_init(&p->scan);
    p->depth = parent ? parent->depth + 1 : 0;
    p->account = weight ? p : parent->account;
    p->weight = weight;
    sched_account_init(&p->sched, weight);
}

err_t pool_create_root(uint64_t bytes, struct pool **out) {
    pool_init(&root, NULL, bytes & -PAGE_BYTES, ROOT_WEIGHT);
    root.object.type = OBJECT_POOL;
    root.object.pool = &root;
    root.object.holds = 1; /* never released */
    list_init(&root.object.bought);
    *out = &root;
    return OK;
}

/* Moves the charge for one page, and so much of the limit, to the parent: its `used` stays. */
static void pass_stray(struct pool *p) {
    struct frame *f = list_first(&p->strays, struct frame, list);
    list_remove(&f->list);
    list_append(&p->parent->strays, &f->list);
    f->pool = p->parent;
    p->used -= PAGE_BYTES;
    p->limit -= PAGE_BYTES;
}

static void pass_quarantine(struct pool *p) {
    struct list *to = &p->parent->quarantine, *from = &p->quarantine;
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
    p->parent->quarantined += p->quarantined;
    p->used -= p->quarantined;
    p->limit -= p->quarantined;
    p->quarantined = 0;
}

bool pool_destroy(struct object *o) {
    struct pool *p = container_of(o, struct pool, object);
    struct object *bought;
    pool_scan_end(p);
    if (p->relies.pprev)
        link_remove(&p->relies);
    while ((bought = list_first(&p->objects, struct object, bought)))
        if (!object_destroy(bought) || work_spent(2))
            return false;
    while (!list_empty(&p->strays)) {
        pass_stray(p);
        if (work_spent(1))
            return false;
    }
    pass_quarantine(p);
    assert(p->used == 0);
    if (!pool_wake(p))
        return false;
    signal_binding_clear(&p->pressure);
    pool_credit(p->parent, p->limit);
    p->limit = 0;
    return true;
}

/* Is `inner` the pool `p` or somewhere below it? */
static bool pool_within(const struct pool *inner, const struct pool *p) {
    while (inner && inner != p)
        inner = inner->parent;
    return inner;
}

err_t sys_pool_create(struct thread *t, struct call_args *c) {
    struct pool *parent = pool_of(c->slot[0]);
    uint64_t limit = c->a[1] & -PAGE_BYTES, weight = c->a[2];
    struct object *o;
    if (!limit)
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (weight > SCHED_WEIGHT_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (parent->depth == POOL_DEPTH)
        return ERROR(LIMIT);
    err_t e = slot_reserve(&t->process->slots, 1);
    if (!err_ok(e))
        return e;
    if (!pool_charge(parent, limit))
        return ERROR(NO_MEMORY);
    e = object_create(parent, OBJECT_POOL, &o);
    if (!err_ok(e)) {
        pool_credit(parent, limit);
        return e;
    }
    pool_init(container_of(o, struct pool, object), parent, limit, (uint32_t)weight);
    uint16_t lacking = RIGHTS_SPECIAL & ~c->slot[0]->rights;
    struct slot *s = slot_take(&t->process->slots);
    slot_install(s, o, object_types[OBJECT_POOL].rights & ~lacking, 0, c->slot[0]);
    c->r[0] = slot_handle(s);
    return OK;
}

err_t sys_pool_limit(struct thread *t, struct call_args *c) {
    struct pool *p = pool_of(c->slot[0]);
    uint64_t limit = c->a[1] & -PAGE_BYTES;
    (void)t;
    if (limit < p->used)
        return ERROR_ARG(BUSY, 2);
    if (!p->parent)
        return ERROR_ARG(BUSY, 1);
    if (limit > p->limit && !pool_charge(p->parent, limit - p->limit))
        return ERROR(NO_MEMORY);
    uint64_t less = p->limit - min_u64(p->limit, limit);
    p->limit = limit;
    if (less)
        pool_credit(p->parent, less);
    wake_waiters(p);
    return OK;
}

static nanos_t cpu_time(const struct pool *p) {
    uint64_t ticks = p->ticks;
    for (unsigned i = 0; i < cpu_count; i++) {
        const struct thread *t = cpus[i].current;
        if (t != &cpus[i].idle && t->process->object.pool == p)
            ticks += cpu_uncounted(t);
    }
    return arch_length(ticks);
}

err_t sys_pool_info(struct thread *t, struct call_args *c) {
    const struct pool *p = pool_of(c->slot[0]);
    struct pool_info info = {.limit = p->limit,
                             .used = p->used,
                             .quarantined = p->quarantined,
                             .cpu_time = cpu_time(p),
                             .identity = p->identity,
                             .weight = p->weight};
    (void)t;
    return user_write(c->a[1], &info, sizeof(info));
}

err_t sys_pool_bind(struct thread *t, struct call_args *c) {
    struct pool *p = pool_of(c->slot[0]);
    (void)t;
    if (!signal_binding_forget(&p->pressure))
        return AGAIN;
    signal_binding_set(&p->pressure, container_of(c->slot[1]->object, struct signal, object),
                       c->a[2] & c->slot[1]->badge);
    if (!list_empty(&p->dry_waiters))
        signal_binding_raise(&p->pressure);
    return OK;
}

/* The handle is emptied first and freed last, so that the call is found again after a preemption.
 */
err_t sys_pool_destroy(struct thread *t, struct call_args *c) {
    struct slot *s = c->slot[0];
    if (s->type == OBJECT_POOL) {
        struct pool *p = pool_of(s);
        if (pool_within(t->process->object.pool, p))
            return ERROR_ARG(BUSY, 1); /* nobody would be left to finish it */
        if (!slot_empty(s))
            return AGAIN;
        object_destroy_later(&p->object);
    }
    return handle_gone(t, c->a[0], s);
}

err_t sys_pool_release(struct thread *t, struct call_args *c) {
    struct pool *p = pool_of(c->slot[0]);
    uint64_t bytes = p->quarantined;
    (void)t;
    frame_free_list(&p->quarantine, bytes / PAGE_BYTES);
    p->quarantined = 0;
    if (bytes)
        pool_credit(p, bytes);
    c->r[0] = bytes;
    return OK;
}
