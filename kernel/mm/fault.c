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

static err_t refuse(struct fault *f, unsigned kind) {
    f->kind = kind;
    return ERROR(BAD_ADDRESS);
}

/* The page behind an address of a mapping, and how it may be entered. */
static err_t find_page(struct mapping *m, vaddr_t va, bool write, struct fault *f, paddr_t *page,
                       uint32_t *grant) {
    struct memory *o = m->memory;
    uint64_t offset = m->offset + (va - m->node.key);
    struct page_slot *s;
    *grant = m->flags & (MEMORY_ACCESS | CACHING);
    if (!o) {
        *page = m->block_page;
        return OK;
    }
    if (o->kind == MEMORY_KIND_DEVICE) {
        *page = o->device + offset;
        *grant |= *grant & CACHING ? 0 : MAP_UNCACHED;
        return OK;
    }
    err_t e = page_get(o, offset >> PAGE_SHIFT, write, &s, f);
    if (!err_ok(e))
        return e;
    *page = s->page;
    if (page_shared(s) || (o->kind == MEMORY_KIND_PAGER && !(page_leaf(s)->dirty & page_bit(s))))
        *grant &= ~MEMORY_WRITE;
    return OK;
}

err_t mapping_resolve(struct mapping *m, vaddr_t va, uint32_t access, struct fault *f) {
    uint32_t grant;
    paddr_t page;
    if (unlikely(access & ~m->flags))
        return refuse(f, m->flags & MAP_GONE ? FAULT_UNMAPPED : FAULT_ACCESS);
    err_t e = find_page(m, va, access & MEMORY_WRITE, f, &page, &grant);
    if (!err_ok(e))
        return e;
    if (unlikely(!pt_enter(m->space, va, page, grant))) {
        f->dry = m->space->pool;
        f->kind = FAULT_MEMORY;
        return ERROR(NO_MEMORY);
    }
    return OK;
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
