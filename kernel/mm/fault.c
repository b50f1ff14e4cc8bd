/* SPDX-License-Identifier: MIT */
/*
 * Page faults, and everything else that needs a user page to be there. A fault fills one page-table
 * entry with as much access as the mapping and the sharing of the page allow.
 */
#include "abi/upcall.h"
#include "arch/pagetable.h"
#include "arch/user.h"
#include "cpu.h"
#include "endpoint.h"
#include "pages.h"
#include "process.h"
#include "thread.h"

#define CACHING (MAP_UNCACHED | MAP_WRITE_COMBINE)
#define AROUND  16ul /* pages; divides LEAF_PAGES */

static err_t refuse(struct fault *f, unsigned kind) {
    f->kind = kind;
    return ERROR(BAD_ADDRESS);
}

bool mapping_enter(struct mapping *m, vaddr_t va, const struct page_slot *s) {
    uint32_t grant = m->flags & (MEMORY_ACCESS | CACHING);
    if (page_shared(s) ||
        (m->memory->kind == MEMORY_KIND_PAGER && !(page_leaf(s)->dirty & page_bit(s))))
        grant &= ~MEMORY_WRITE;
    return pt_enter(m->space, va, s->page, grant);
}

/* Who reads one page of a program reads others near it: those that are there get their entries with
 * it. Not where pages are written, which takes a fault of its own. */
static void enter_around(struct mapping *m, vaddr_t va, const struct page_slot *s) {
    uint64_t at = (uint64_t)(s - page_leaf(s)->slots), before = (at & (AROUND - 1)) << PAGE_SHIFT;
    vaddr_t lowest = va - min_u64(va - m->node.key, va & (PT_LEAF_BYTES - 1));
    uint64_t end = min_u64(m->end, (va | (PT_LEAF_BYTES - 1)) + 1);
    vaddr_t start = va - min_u64(before, va - lowest);
    paddr_t page[AROUND];
    unsigned n = 0;
    end = min_u64(end, va - before + (AROUND << PAGE_SHIFT));
    s -= (va - start) >> PAGE_SHIFT;
    for (vaddr_t next = start; next < end; next += PAGE_BYTES)
        page[n++] = s++->page;
    pt_enter_absent(m->space, start, page, n, m->flags & MEMORY_ACCESS);
}

/* A page that is no object's, or a device's. */
static bool enter_fixed(struct mapping *m, vaddr_t va) {
    uint32_t grant = m->flags & (MEMORY_ACCESS | CACHING);
    if (!m->memory)
        return pt_enter(m->space, va, m->block_page, grant);
    grant |= grant & CACHING ? 0 : MAP_UNCACHED;
    return pt_enter(m->space, va, m->memory->device + m->offset + (va - m->node.key), grant);
}

err_t mapping_resolve(struct mapping *m, vaddr_t va, uint32_t access, struct fault *f) {
    struct page_slot *s;
    bool entered;
    if (unlikely(access & ~m->flags))
        return refuse(f, m->flags & MAP_GONE ? FAULT_UNMAPPED : FAULT_ACCESS);
    if (unlikely(!m->memory || m->memory->kind == MEMORY_KIND_DEVICE)) {
        entered = enter_fixed(m, va);
    } else {
        uint64_t offset = m->offset + (va - m->node.key);
        err_t e = page_get(m->memory, offset >> PAGE_SHIFT, access & MEMORY_WRITE, &s, f);
        if (!err_ok(e))
            return e;
        entered = mapping_enter(m, va, s);
        if (entered && !(m->flags & MEMORY_WRITE))
            enter_around(m, va, s);
    }
    if (likely(entered))
        return OK;
    f->dry = m->space->pool;
    f->kind = FAULT_MEMORY;
    return ERROR(NO_MEMORY);
}

err_t space_resolve(struct space *s, vaddr_t address, uint32_t access, struct fault *f) {
    struct mapping *m = space_find(s, address);
    return likely(m) ? mapping_resolve(m, address & -PAGE_BYTES, access, f)
                     : refuse(f, FAULT_UNMAPPED);
}

err_t space_fault(struct thread *t, vaddr_t address, uint32_t access, unsigned *kind) {
    struct fault f = {.kind = FAULT_NONE};
    err_t e = space_resolve(t->process->space, address, access, &f);
    if (likely(err_ok(e))) {
        t->page_failed = false;
        return e;
    }
    if (err_is(e, ERR_NO_MEMORY))
        e = pool_dry(f.dry, t);
    else if (err_is(e, ERR_NOT_FOUND))
        e = call_page(t, f.memory, f.offset, address, access);
    *kind = f.kind;
    return e;
}

/* For system calls, which run again when the wait is over. */
static err_t fault_in_call(struct thread *t, vaddr_t address, uint32_t access) {
    unsigned kind;
    err_t e = space_fault(t, address, access, &kind);
    if (err_ok(e) || is_again(e) || is_blocked(e) || err_is(e, ERR_INTERRUPTED))
        return e;
    return ERROR(BAD_ADDRESS);
}

err_t space_hold(struct thread *t, vaddr_t address, uint64_t length, bool write) {
    struct space *s = t->process->space;
    uint32_t access = write ? MEMORY_WRITE : MEMORY_READ;
    if (!user_range_ok(address, length))
        return ERROR(BAD_ADDRESS);
    s->process = t->process;
    for (vaddr_t va = address & -PAGE_BYTES; va < address + length; va += PAGE_BYTES) {
        if (pt_user_pointer(s, va, access))
            continue;
        err_t e = fault_in_call(t, va, access);
        if (!err_ok(e))
            return e;
        if (work_spent(10) && va + PAGE_BYTES < address + length)
            return AGAIN;
    }
    return OK;
}

err_t user_read(void *to, vaddr_t from, uint64_t length) {
    struct thread *t = cpu_self()->current;
    if (!user_range_ok(from, length))
        return ERROR(BAD_ADDRESS);
    for (uint64_t done = 0;;) {
        done += arch_copy_from_user((uint8_t *)to + done, from + done, length - done);
        if (likely(done == length))
            return OK;
        err_t e = fault_in_call(t, from + done, MEMORY_READ);
        if (!err_ok(e))
            return e;
    }
}

err_t user_write(vaddr_t to, const void *from, uint64_t length) {
    struct thread *t = cpu_self()->current;
    if (!user_range_ok(to, length))
        return ERROR(BAD_ADDRESS);
    for (uint64_t done = 0;;) {
        done += arch_copy_to_user(to + done, (const uint8_t *)from + done, length - done);
        if (likely(done == length))
            return OK;
        err_t e = fault_in_call(t, to + done, MEMORY_WRITE);
        if (!err_ok(e))
            return e;
    }
}
