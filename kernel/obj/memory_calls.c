/* SPDX-License-Identifier: MIT */
/*
 * The system calls on memory objects. What a call frees or takes away is gone from every address
 * space when it returns. The rights to map as jit and to learn physical addresses come with the
 * pool that pays, and copies keep no more of them than the original's handle had.
 */
#include "endpoint.h"
#include "log.h"
#include "pages.h"
#include "process.h"
#include "syscall.h"

/* Neither of these is preempted: */
#define SUPPLY_MAX      (1ul << 20) /* bytes of one supply */
#define SUPPLY_MAPPINGS 16u         /* of its source */
#define DIRTY_WORDS     16u /* 64 pages each, of one question for dirty pages with few mappings */

#define RIGHTS_PLAIN                                                                               \
    (RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_REVOKE | RIGHT_INFO | RIGHT_MEMORY_CLONE |               \
     RIGHT_MEMORY_CONTROL)
#define RIGHTS_SPECIAL (RIGHT_MEMORY_JIT | RIGHT_MEMORY_PHYSICAL)

static struct pool *pool_of(const struct slot *s) {
    return container_of(s->object, struct pool, object);
}

static struct memory *memory_of(const struct slot *s) {
    return container_of(s->object, struct memory, object);
}

static bool size_ok(uint64_t bytes) {
    return bytes && !(bytes & (PAGE_BYTES - 1)) && bytes <= MEMORY_BYTES_MAX;
}

/* Pages of an object; the length may be 0. */
static bool range_ok(const struct memory *m, uint64_t offset, uint64_t length) {
    return !((offset | length) & (PAGE_BYTES - 1)) && offset <= m->size &&
           length <= m->size - offset;
}

/* A pool's special rights are those of the memory it buys. */
static uint16_t special_rights(const struct slot *pool) {
    return (pool->rights & RIGHT_POOL_JIT ? RIGHT_MEMORY_JIT : 0) |
           (pool->rights & RIGHT_POOL_PHYSICAL ? RIGHT_MEMORY_PHYSICAL : 0);
}

/* The caller has reserved a slot. */
static handle_t give(struct thread *t, struct memory *m, unsigned rights, struct slot *parent) {
    struct slot *s = slot_take(&t->process->slots);
    m->dual |= rights & RIGHT_MEMORY_WRITE && rights & RIGHT_MEMORY_EXECUTE;
    slot_install(s, &m->object, (uint16_t)rights, 0, parent);
    return slot_handle(s);
}

err_t sys_memory_create(struct thread *t, struct call_args *c) {
    uint64_t access = c->a[2];
    struct memory *m;
    if (!size_ok(c->a[1]))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (access & ~(uint64_t)MEMORY_ACCESS)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = memory_create_anonymous(pool_of(c->slot[0]), c->a[1], &m);
    if (!err_ok(e))
        return e;
    _Static_assert(RIGHT_MEMORY_READ == MEMORY_READ << 4 &&
                       RIGHT_MEMORY_WRITE == MEMORY_WRITE << 4 &&
                       RIGHT_MEMORY_EXECUTE == MEMORY_EXECUTE << 4,
                   "rights of an access");
    c->r[0] = give(t, m, RIGHTS_PLAIN | special_rights(c->slot[0]) | (unsigned)access << 4, NULL);
    return OK;
}

err_t sys_memory_create_pager(struct thread *t, struct call_args *c) {
    struct endpoint *pager = container_of(c->slot[1]->object, struct endpoint, object);
    struct memory *m;
    if (!size_ok(c->a[3]))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    err_t e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = memory_create_pager(pool_of(c->slot[0]), pager, c->a[2], c->a[3], c->a[4], &m);
    if (!err_ok(e))
        return e;
    c->r[0] = give(t, m,
                   RIGHTS_PLAIN | special_rights(c->slot[0]) | RIGHT_MEMORY_READ |
                       RIGHT_MEMORY_WRITE | RIGHT_MEMORY_EXECUTE,
                   NULL);
    return OK;
}

static err_t slice(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]), *part;
    if (frame_is_ram(m->device + c->a[2], c->a[3]))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = memory_create_device(pool_of(c->slot[1]), m->device + c->a[2], c->a[3], &part);
    if (err_ok(e))
        c->r[0] = give(t, part, c->slot[0]->rights, c->slot[0]);
    return e;
}

/* The copy that this thread was making when it was preempted, or NULL. */
static struct slot *unfinished_copy(struct thread *t) {
    struct slot *s = t->progress ? slot_find(&t->process->slots, t->progress) : NULL;
    return s && s->type == OBJECT_MEMORY && memory_of(s)->unfinished ? s : NULL;
}

/* Left by another call of this thread, which was refused before it was complete. */
static bool left_over(const struct slot *s, const struct call_args *c) {
    const struct memory *copy = memory_of(s);
    return s->parent != c->slot[0] || copy->object.pool != pool_of(c->slot[1]) ||
           copy->size != c->a[3] || copy->badge != c->a[2];
}

/* A copy is the caller's own: it may write to it, but not see more than before. */
static err_t begin_copy(struct thread *t, struct call_args *c, struct slot **out) {
    unsigned kept = RIGHTS_PLAIN | RIGHT_MEMORY_READ | RIGHT_MEMORY_EXECUTE | RIGHTS_SPECIAL;
    struct slot *parent = c->slot[0];
    struct memory *copy;
    err_t e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = memory_create_copy(pool_of(c->slot[1]), memory_of(parent), c->a[2], c->a[3], &copy);
    if (!err_ok(e))
        return e;
    copy->unfinished = true;
    copy->badge = c->a[2]; /* until then */
    copy->progress = c->a[2] >> PAGE_SHIFT;
    t->progress =
        give(t, copy, (parent->rights & kept) | RIGHT_MEMORY_WRITE | RIGHT_MEMORY_CONTROL, parent);
    *out = slot_find(&t->process->slots, t->progress);
    return OK;
}

err_t sys_memory_clone(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]);
    uint64_t first = c->a[2] >> PAGE_SHIFT, last = (c->a[2] + c->a[3]) >> PAGE_SHIFT;
    struct space *space = t->process->space;
    struct slot *s = unfinished_copy(t);
    err_t e = OK;
    if (!size_ok(c->a[3]))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!range_ok(m, c->a[2], c->a[3]))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (m->kind == MEMORY_KIND_DEVICE)
        return slice(t, c);
    if (s && left_over(s, c)) {
        if (!slot_close(s))
            return AGAIN;
        s = NULL;
    }
    if (!s)
        e = begin_copy(t, c, &s);
    if (!err_ok(e))
        return e;
    struct memory *copy = memory_of(s);
    if (history_of(space, m) & MEMORY_WRITE && !history_add(space, copy, MEMORY_WRITE))
        e = ERROR(NO_MEMORY);
    else
        e = memory_share(copy, m, &copy->progress, last, first);
    if (is_again(e) || (!err_ok(e) && !slot_close(s)))
        return AGAIN;
    c->r[0] = t->progress;
    t->progress = 0;
    if (err_ok(e))
        copy->unfinished = false;
    return e;
}

static err_t supply_check(struct memory *to, uint64_t first, struct memory *from,
                          uint64_t source_first, uint64_t n) {
    for (uint64_t i = 0; i < n; i++) {
        const struct page_slot *s = pages_find(to, first + i);
        const struct page_slot *source = pages_find(from, source_first + i);
        if (s && s->page)
            return ERROR_ARG(BUSY, 3);
        if (!source || !source->page)
            return ERROR_ARG(BAD_ARGUMENT, 4);
    }
    for (uint64_t i = 0; i < n; i++)
        if (!pages_make(to, first + i))
            return ERROR(NO_MEMORY);
    return OK;
}

static void prune(struct memory *m, uint64_t first, uint64_t n) {
    for (uint64_t i = first & -(uint64_t)LEAF_PAGES; i < first + n; i += LEAF_PAGES)
        pages_prune(m, i);
}

/* Moves one page, whose charge the target's pool has paid. */
static void move_page(struct page_slot *to, struct page_slot *from) {
    struct page_leaf *l = page_leaf(from);
    struct frame *f = frame_of(from->page);
    bool disclosed = l->disclosed & page_bit(from);
    memory_unmap_range(l->memory, (l->base + (uint64_t)(from - l->slots)) << PAGE_SHIFT,
                       PAGE_BYTES);
    page_join(to, from);
    pool_frame_pass(f, page_leaf(to)->memory->object.pool);
    page_drop(from);
    if (disclosed)
        page_leaf(to)->disclosed |= page_bit(to);
}

static err_t charge(struct pool *p, uint64_t bytes) {
    if (pool_charge(p, bytes))
        return OK;
    if (!pool_reclaim(p, bytes))
        return AGAIN;
    pool_scan_end(p);
    return pool_charge(p, bytes) ? OK : ERROR(NO_MEMORY);
}

err_t sys_memory_supply(struct thread *t, struct call_args *c) {
    struct memory *to = memory_of(c->slot[0]), *from = memory_of(c->slot[1]);
    uint64_t first = c->a[2] >> PAGE_SHIFT, source_first = c->a[3] >> PAGE_SHIFT;
    uint64_t length = c->a[4], n = length >> PAGE_SHIFT;
    struct space *space = t->process->space;
    uint32_t jit = c->slot[0]->rights & RIGHT_MEMORY_JIT ? MAP_JIT_ALLOWED : 0;
    if (to->kind == MEMORY_KIND_DEVICE || !range_ok(to, c->a[2], length))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (from->kind == MEMORY_KIND_DEVICE || !range_ok(from, c->a[3], length))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (length > SUPPLY_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 5);
    if (from->mapping_count > SUPPLY_MAPPINGS)
        return ERROR_ARG(BUSY, 2);
    if (!history_permits(space, to, MEMORY_WRITE, MEMORY_WRITE | jit))
        return ERROR_ARG(NO_RIGHT, 1); /* it is written */
    err_t e = charge(to->object.pool, length);
    if (!err_ok(e))
        return e;
    e = supply_check(to, first, from, source_first, n);
    if (err_ok(e) && !history_add(space, to, MEMORY_WRITE))
        e = ERROR(NO_MEMORY);
    if (!err_ok(e)) {
        pool_credit(to->object.pool, length);
        prune(to, first, n);
        return e;
    }
    tlb_batch_begin();
    for (uint64_t i = 0; i < n; i++)
        move_page(pages_find(to, first + i), pages_find(from, source_first + i));
    tlb_batch_end();
    prune(from, source_first, n);
    return OK;
}

err_t sys_memory_resize(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]);
    (void)t;
    if (m->kind == MEMORY_KIND_DEVICE)
        return ERROR_ARG(UNSUPPORTED, 1);
    if (c->a[1] && !size_ok(c->a[1]))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    m->size = c->a[1];
    return memory_free_pages(m, memory_pages(m), UINT64_MAX) ? OK : AGAIN;
}

err_t sys_memory_discard(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]);
    uint64_t first = c->a[1] >> PAGE_SHIFT;
    (void)t;
    if (m->kind == MEMORY_KIND_DEVICE)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (!range_ok(m, c->a[1], c->a[2]))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    return memory_free_pages(m, first, first + (c->a[2] >> PAGE_SHIFT)) ? OK : AGAIN;
}

/* The dirty bits of up to 64 pages from `number` on. */
static uint64_t dirty_bits(const struct memory *m, uint64_t number, uint64_t n) {
    uint64_t bits = 0;
    for (uint64_t i = 0; i < n; i++) {
        const struct page_slot *s = pages_find(m, number + i);
        if (s && page_leaf(s)->dirty & page_bit(s))
            bits |= 1ull << i;
    }
    return bits;
}

static void clean(struct memory *m, uint64_t number, uint64_t bits) {
    for (; bits; bits &= bits - 1) {
        uint64_t page = number + (unsigned)__builtin_ctzl(bits);
        struct page_slot *s = pages_find(m, page);
        page_leaf(s)->dirty &= ~page_bit(s);
        memory_protect_range(m, page << PAGE_SHIFT, PAGE_BYTES);
    }
}

/* Tells first and clears after, since telling may wait; answers for a part, and how large it is. */
err_t sys_memory_dirty(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]);
    uint64_t bitmap[DIRTY_WORDS] = {0}, first = c->a[1] >> PAGE_SHIFT;
    uint64_t n = min_u64(c->a[2] >> PAGE_SHIFT, DIRTY_WORDS * 64 / (1 + m->mapping_count / 16));
    (void)t;
    if (m->kind != MEMORY_KIND_PAGER)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (!range_ok(m, c->a[1], c->a[2]))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    for (uint64_t i = 0; i < n; i += 64)
        bitmap[i / 64] = dirty_bits(m, first + i, min_u64(n - i, 64));
    err_t e = user_write(c->a[3], bitmap, (n + 63) / 64 * 8);
    if (!err_ok(e))
        return e;
    tlb_batch_begin();
    for (uint64_t i = 0; i < n; i += 64)
        clean(m, first + i, bitmap[i / 64]);
    tlb_batch_end();
    c->r[0] = n;
    return OK;
}

err_t sys_memory_physical(struct thread *t, struct call_args *c) {
    struct memory *m = memory_of(c->slot[0]);
    struct page_slot *s;
    struct fault f;
    (void)t;
    if (c->a[1] >= m->size)
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (m->kind == MEMORY_KIND_DEVICE) {
        c->r[0] = m->device + c->a[1];
        return OK;
    }
    err_t e = page_get(m, c->a[1] >> PAGE_SHIFT, true, &s, &f);
    if (!err_ok(e))
        return err_is(e, ERR_NO_MEMORY) ? e : ERROR_ARG(BAD_ARGUMENT, 2);
    page_leaf(s)->disclosed |= page_bit(s);
    frame_of(s->page)->flags |= FRAME_DISCLOSED;
    c->r[0] = s->page + (c->a[1] & (PAGE_BYTES - 1));
    return OK;
}

err_t sys_memory_info(struct thread *t, struct call_args *c) {
    const struct memory *m = memory_of(c->slot[0]);
    struct memory_info info = {
        .size = m->size,
        .resident = m->resident << PAGE_SHIFT,
        .kind = m->kind == MEMORY_KIND_COPY ? MEMORY_KIND_ANONYMOUS : m->kind,
        .shared = m->shared << PAGE_SHIFT,
    };
    (void)t;
    return user_write(c->a[1], &info, sizeof(info));
}
