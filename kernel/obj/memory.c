/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: how they come and go. What is long about their end, freeing pages, can be done
 * while something still holds them (memory_drain), so that whoever drops the last hold finishes at
 * once.
 */
#include "memory.h"

#include "endpoint.h"
#include "log.h"
#include "pages.h"
#include "thread.h"

#define MANY_MAPPINGS 32u

static err_t create(struct pool *pool, enum memory_kind kind, uint64_t size, struct memory **out) {
    struct object *o;
    err_t e = object_create(pool, OBJECT_MEMORY, &o);
    if (!err_ok(e))
        return e;
    *out = container_of(o, struct memory, object);
    (*out)->kind = (uint8_t)kind;
    (*out)->size = size;
    return OK;
}

err_t memory_create_anonymous(struct pool *pool, uint64_t size, struct memory **out) {
    return create(pool, MEMORY_KIND_ANONYMOUS, size, out);
}

err_t memory_create_device(struct pool *pool, paddr_t start, uint64_t size, struct memory **out) {
    err_t e = create(pool, MEMORY_KIND_DEVICE, size, out);
    if (!err_ok(e))
        return e;
    (*out)->device = start;
    (*out)->dual = true;
    return OK;
}

err_t memory_create_pager(struct pool *pool, struct endpoint *pager, uint64_t badge, uint64_t size,
                          nanos_t patience, struct memory **out) {
    err_t e = create(pool, MEMORY_KIND_PAGER, size, out);
    if (!err_ok(e))
        return e;
    (*out)->badge = badge;
    (*out)->patience = patience;
    notice_bind(&(*out)->pager_source, MESSAGE_PAGE, pager);
    return OK;
}

err_t memory_create_copy(struct pool *pool, struct memory *m, uint64_t offset, uint64_t size,
                         struct memory **out) {
    bool lazy = m->kind != MEMORY_KIND_ANONYMOUS;
    struct memory *source = m->kind == MEMORY_KIND_PAGER ? m : m->source;
    err_t e = create(pool, lazy ? MEMORY_KIND_COPY : MEMORY_KIND_ANONYMOUS, size, out);
    if (!err_ok(e) || !source)
        return e;
    object_hold(&source->object);
    link_insert(&source->children, &(*out)->source_link);
    (*out)->source = source;
    (*out)->source_offset = offset + m->source_offset; /* 0 of a pager's own */
    return OK;
}

err_t memory_adopt(struct memory *m, paddr_t start, uint64_t bytes) {
    for (uint64_t done = 0; done < bytes; done += PAGE_BYTES) {
        struct frame *f = frame_of(start + done);
        struct page_slot *s = pages_make(m, done >> PAGE_SHIFT);
        assert(f && f->kind == FRAME_RESERVED && (!s || !s->page));
        if (!s || !pool_charge(m->object.pool, PAGE_BYTES))
            return ERROR(NO_MEMORY);
        f->kind = FRAME_USER;
        f->pool = m->object.pool;
        page_put(s, start + done);
    }
    return OK;
}

void *memory_page(struct memory *m, uint64_t offset) {
    struct page_slot *s;
    struct fault f;
    return err_ok(page_get(m, offset >> PAGE_SHIFT, true, &s, &f)) ? phys_to_virt(s->page) : NULL;
}

static void free_some(struct memory *m, struct page_leaf *l, uint64_t mask) {
    unsigned low = (unsigned)__builtin_ctzl(mask);
    unsigned n = LEAF_PAGES - (unsigned)__builtin_clzl(mask) - low;
    memory_unmap_range(m, (l->base + low) << PAGE_SHIFT, n * PAGE_BYTES);
    for (; mask; mask &= mask - 1)
        page_drop(&l->slots[__builtin_ctzl(mask)]);
}

/* A leaf at a time; a page at a time if many mappings have to be looked at. */
bool memory_free_pages(struct memory *m, uint64_t first, uint64_t last) {
    struct page_leaf *l;
    bool done = true;
    tlb_batch_begin();
    while (done && (l = pages_leaf_from(m, first)) && l->base < last) {
        uint64_t mask = l->present & pages_mask(l, first, last), base = l->base;
        first = base + LEAF_PAGES;
        if (m->mapping_count > MANY_MAPPINGS && mask & (mask - 1)) {
            mask &= -mask;
            first = base + (unsigned)__builtin_ctzl(mask) + 1;
        }
        unsigned work = 2 + (unsigned)__builtin_popcountl(mask) / 2 + m->mapping_count / 4;
        if (mask)
            free_some(m, l, mask);
        pages_prune(m, base);
        done = !work_spent(work);
    }
    tlb_batch_end();
    return done;
}

bool memory_drain(struct memory *m) {
    struct memory *s = m->source;
    if (m->root && !memory_free_pages(m, 0, UINT64_MAX))
        return false;
    if (s && s->object.holds == 1 && !s->object.slots && !s->object.dying)
        return memory_drain(s);
    return true;
}

static void leave_source(struct memory *m) {
    struct memory *s = m->source;
    assert(m->source_link.pprev);
    link_remove(&m->source_link);
    m->source = NULL;
    object_drop(&s->object);
}

bool memory_destroy(struct object *o) {
    struct memory *m = container_of(o, struct memory, object), *source = m->source;
    while (m->requests) {
        call_end(container_of(m->requests, struct thread, call.of_memory), ERROR(REVOKED));
        if (m->requests && work_spent(3))
            return false;
    }
    memory_clone_end(m);
    while (m->clones) {
        memory_clone_end(container_of(m->clones, struct memory, origin_link));
        if (m->clones && work_spent(1))
            return false;
    }
    while (m->mappings)
        if (!mapping_remove(container_of(m->mappings, struct mapping, of_memory)) ||
            (m->mappings && work_spent(2)))
            return false;
    while (m->history) {
        history_free(container_of(m->history, struct history, of_memory));
        if (m->history && work_spent(1))
            return false;
    }
    while (m->children) {
        leave_source(container_of(m->children, struct memory, source_link));
        if (m->children && work_spent(1))
            return false;
    }
    if (!memory_drain(m))
        return false;
    notice_unbind(&m->pager_source);
    if (source) {
        leave_source(m);
        if (!source->object.dying)
            object_release(&source->object);
    }
    return true;
}
