/* SPDX-License-Identifier: MIT */
/*
 * The system calls that map, unmap and protect. A mapping depends on the memory handle it was made
 * with: the handle's rights bound its access for ever, and revoking the handle ends it.
 */
#include "pages.h"
#include "process.h"
#include "syscall.h"

static struct process *process_of(const struct slot *s) {
    return container_of(s->object, struct process, object);
}

static uint32_t access_of(uint16_t rights) {
    return (rights & RIGHT_MEMORY_READ ? MEMORY_READ : 0) |
           (rights & RIGHT_MEMORY_WRITE ? MEMORY_WRITE : 0) |
           (rights & RIGHT_MEMORY_EXECUTE ? MEMORY_EXECUTE : 0) |
           (rights & RIGHT_MEMORY_JIT ? MAP_JIT_ALLOWED : 0);
}

/* Everything that forbids it, but for want of room. A handle that allows both to write and to
 * execute has made its object dual. */
static err_t check(const struct mapping *like, uint32_t access) {
    const struct memory *m = like->memory;
    uint64_t length = like->end - like->node.key;
    if (!space_range_ok(like->node.key, length))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (like->offset & (PAGE_BYTES - 1) || like->offset > MEMORY_BYTES_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (m->kind == MEMORY_KIND_DEVICE &&
        (like->offset > m->size || length > m->size - like->offset))
        return ERROR_ARG(BAD_ARGUMENT, 5);
    if (m->kind != MEMORY_KIND_DEVICE && like->flags & (MAP_UNCACHED | MAP_WRITE_COMBINE))
        return ERROR_ARG(BAD_ARGUMENT, 6);
    if (access & ~like->allowed ||
        (m->dual && !history_permits(like->space, m, access, like->allowed)))
        return ERROR_ARG(NO_RIGHT, 6);
    return space_is_free(like->space, like->node.key, like->end) ? OK : ERROR_ARG(OVERLAP, 3);
}

/* Makes the pages themselves, from where the last attempt was preempted. */
static err_t make_pages(struct memory *m, uint64_t first, uint64_t last, bool write) {
    uint64_t n = m->progress > first && m->progress < last ? m->progress : first;
    struct page_slot *s;
    struct fault f;
    m->progress = 0;
    for (; n < last && n < memory_pages(m); n++) {
        err_t e = page_get(m, n, write, &s, &f);
        if (!err_ok(e))
            return e;
        if (work_spent(7)) {
            m->progress = n + 1;
            return AGAIN;
        }
    }
    return OK;
}

/* Enters what is there into the page table, as far as this call's share of work goes. */
static void enter_pages(struct mapping *m) {
    uint64_t n = m->offset >> PAGE_SHIFT;
    for (vaddr_t va = m->node.key; va < m->end; va += PAGE_BYTES, n++) {
        const struct page_slot *s = pages_find(m->memory, n);
        if (!s || !s->page || !mapping_enter(m, va, s) || work_spent(1))
            return;
    }
}

static err_t map(const struct mapping *like, uint32_t access) {
    struct memory *o = like->memory;
    uint64_t first = like->offset >> PAGE_SHIFT, n = (like->end - like->node.key) >> PAGE_SHIFT;
    bool populate = like->flags & MAP_PRESENT && access && o->kind == MEMORY_KIND_ANONYMOUS &&
                    !o->unfinished; /* else its progress is that of memory_clone */
    err_t e = check(like, access);
    if (err_ok(e) && populate)
        e = make_pages(o, first, first + n, access & MEMORY_WRITE);
    if (!err_ok(e))
        return e;
    struct mapping *m = mapping_create(like);
    if (m && populate)
        enter_pages(m);
    return m ? OK : ERROR(NO_MEMORY);
}

err_t sys_process_map(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    uint64_t flags = c->a[5];
    uint32_t access = flags & MEMORY_ACCESS;
    struct mapping like; /* all that is read of it is set */
    (void)t;
    like.node.key = c->a[2];
    like.end = c->a[2] + c->a[4];
    like.space = p->space;
    like.memory = container_of(c->slot[1]->object, struct memory, object);
    like.offset = c->a[3];
    like.flags = (uint32_t)flags;
    like.allowed = access_of(c->slot[1]->rights);
    like.via.via = c->slot[1];
    if (flags & ~(uint64_t)MAP_KNOWN || (access && !(access & MEMORY_READ)))
        return ERROR_ARG(BAD_ARGUMENT, 6);
    if (!process_usable(p))
        return ERROR_ARG(DEAD, 1);
    if (c->slot[1]->flags & SLOT_REVOKING)
        return ERROR_ARG(REVOKED, 2);
    return map(&like, access);
}

err_t sys_process_unmap(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    (void)t;
    return process_usable(p) ? space_unmap(p->space, c->a[1], c->a[2]) : ERROR_ARG(DEAD, 1);
}

err_t sys_process_protect(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    uint64_t access = c->a[3];
    (void)t;
    if (access & ~(uint64_t)MEMORY_ACCESS || (access && !(access & MEMORY_READ)))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!process_usable(p))
        return ERROR_ARG(DEAD, 1);
    return space_protect(p->space, c->a[1], c->a[2], (uint32_t)access);
}
