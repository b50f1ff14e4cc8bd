/* SPDX-License-Identifier: MIT */
/*
 * Copies to and from address spaces through the direct map, page by page. They never wait for a
 * page: what is absent ends them. Only copy-on-write is resolved on the way, since that is the
 * kernel's own doing and not the owner's.
 */
#include "abi/ipc.h"
#include "arch/layout.h"
#include "arch/pagetable.h"
#include "pages.h"
#include "process.h"
#include "string.h"

static uint64_t in_page(vaddr_t va) {
    return PAGE_BYTES - (va & (PAGE_BYTES - 1));
}

/* An entry is missing, or not writable: is the page itself there? */
static void *reach_slowly(struct space *s, vaddr_t va, uint32_t access) {
    struct mapping *m = space_find(s, va);
    struct fault f;
    if (!m || !m->memory || m->memory->kind == MEMORY_KIND_DEVICE)
        return NULL;
    struct page_slot *p = pages_find(m->memory, (m->offset + (va - m->node.key)) >> PAGE_SHIFT);
    if (!p || !p->page || !err_ok(space_resolve(s, va, access, &f)))
        return NULL;
    return pt_user_pointer(s, va, access);
}

static inline void *reach(struct space *s, vaddr_t va, uint32_t access) {
    void *p = pt_user_pointer(s, va, access);
    return likely(p) ? p : reach_slowly(s, va, access);
}

/* Whole pages, as long as they are there and in the same two tables; returns how many bytes. */
static uint64_t copy_pages(struct space *to, vaddr_t target, struct space *from, vaddr_t source,
                           uint64_t length) {
    const uint64_t *t = pt_leaf(to, target), *f = pt_leaf(from, source);
    uint64_t most = min_u64(length >> PAGE_SHIFT, min_u64(pt_left(target), pt_left(source))), n = 0;
    if (unlikely(!t || !f))
        return 0;
    for (; n < most && pt_allows(t[n], MEMORY_WRITE) && pt_allows(f[n], MEMORY_READ); n++)
        memcpy(pt_page(t[n]), pt_page(f[n]), PAGE_BYTES);
    return n << PAGE_SHIFT;
}

err_t space_copy(struct space *to, vaddr_t target, struct space *from, vaddr_t source,
                 uint64_t length) {
    if (!user_range_ok(target, length) || !user_range_ok(source, length))
        return ERROR(BAD_WINDOW);
    for (uint64_t n; length; target += n, source += n, length -= n) {
        if (length > PAGE_BYTES && !((target | source) & (PAGE_BYTES - 1)) &&
            (n = copy_pages(to, target, from, source, length)))
            continue;
        void *q = reach(to, target, MEMORY_WRITE);
        const void *p = reach(from, source, MEMORY_READ);
        if (unlikely(!p || !q))
            return ERROR(BAD_WINDOW);
        n = min_u64(length, min_u64(in_page(target), in_page(source)));
        memcpy(q, p, n);
        if (unlikely(length - n >= INLINE_MAX && work_spent(0))) /* copy-on-write was */
            return AGAIN;
    }
    return OK;
}

err_t space_put(struct space *to, vaddr_t target, const void *from, uint64_t length) {
    if (!user_range_ok(target, length))
        return ERROR(BAD_WINDOW);
    for (const uint8_t *p = from; length;) {
        uint64_t n = min_u64(length, in_page(target));
        void *q = reach(to, target, MEMORY_WRITE);
        if (!q)
            return ERROR(BAD_WINDOW);
        memcpy(q, p, n);
        target += n, p += n, length -= n;
    }
    return OK;
}

/* A debugger may read and write where the process may not now, if the memory handle would let it,
 * and write if nobody else sees it. */
static void *reach_debug(struct space *s, vaddr_t va, uint32_t access) {
    struct mapping *m = space_find(s, va);
    struct page_slot *p;
    struct fault f;
    if (!m || !m->memory || m->memory->kind == MEMORY_KIND_DEVICE || m->flags & MAP_GONE)
        return NULL;
    if (access & ~m->allowed)
        return NULL;
    if (access & MEMORY_WRITE && !(m->flags & (MEMORY_WRITE | MAP_PRIVATE_COPY)))
        return NULL;
    if (access & MEMORY_WRITE && !(m->flags & MEMORY_WRITE) &&
        (m->memory->kind == MEMORY_KIND_PAGER || m->memory->mapping_count > 1))
        return NULL;
    uint64_t offset = m->offset + (va - m->node.key);
    if (!err_ok(page_get(m->memory, offset >> PAGE_SHIFT, access & MEMORY_WRITE, &p, &f)))
        return NULL;
    return phys_to_virt(p->page + (va & (PAGE_BYTES - 1)));
}

err_t space_read(struct space *s, vaddr_t from, void *to, uint64_t length, uint64_t *done) {
    for (*done = 0; *done < length;) {
        uint64_t n = min_u64(length - *done, in_page(from + *done));
        const void *p = reach_debug(s, from + *done, MEMORY_READ);
        if (!p)
            return ERROR(BAD_ADDRESS);
        memcpy((uint8_t *)to + *done, p, n);
        *done += n;
    }
    return OK;
}

err_t space_write(struct space *s, vaddr_t to, const void *from, uint64_t length, uint64_t *done) {
    for (*done = 0; *done < length;) {
        uint64_t n = min_u64(length - *done, in_page(to + *done));
        void *p = reach_debug(s, to + *done, MEMORY_WRITE);
        if (!p)
            return ERROR(BAD_ADDRESS);
        memcpy(p, (const uint8_t *)from + *done, n);
        *done += n;
    }
    return OK;
}
