/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: the tree of mappings and what changes it. Mappings of a space do not overlap. A
 * mapping that is being removed gives no access from the start and stays in the tree to the end, so
 * that whoever comes next continues where the last one was preempted.
 */
#include "space.h"

#include "arch/layout.h"
#include "arch/pagetable.h"
#include "endpoint.h"
#include "log.h"
#include "memory.h"
#include "pool.h"
#include "thread.h"

#define PROTECT_MAPPINGS_MAX 64u /* in the range of one protect: checking is not preempted */
#define PRUNE_BYTES          (2ul << 20) /* what is unmapped in smaller pieces keeps its tables */

_Static_assert(sizeof(struct mapping) <= 128, "size class of a mapping");

static struct mapping *mapping_of(struct tree_node *n) {
    return n ? container_of(n, struct mapping, node) : NULL;
}

struct mapping *space_find(const struct space *s, vaddr_t address) {
    struct mapping *m = mapping_of(tree_floor(&s->mappings, address));
    return m && address < m->end ? m : NULL;
}

/* The first mapping that has something at or after `address`. */
static struct mapping *find_from(const struct space *s, vaddr_t address) {
    struct mapping *m = space_find(s, address);
    return m ? m : mapping_of(tree_ceiling(&s->mappings, address));
}

static bool range_ok(vaddr_t address, uint64_t length) {
    return !((address | length) & (PAGE_BYTES - 1)) && length && user_range_ok(address, length);
}

err_t space_create(struct pool *pool, struct space **out) {
    struct space *s = pool_alloc(pool, sizeof(*s));
    if (!s)
        return ERROR(NO_MEMORY);
    s->pool = pool;
    s->table = pt_create(pool);
    if (!s->table) {
        pool_free(pool, s, sizeof(*s));
        return ERROR(NO_MEMORY);
    }
    *out = s;
    return OK;
}

bool space_destroy(struct space *s) {
    struct mapping *m;
    while ((m = mapping_of(tree_first(&s->mappings))))
        if (!mapping_remove(m))
            return false;
    if (!space_clone_end(s))
        return false;
    while (s->history.root) {
        history_free(container_of(s->history.root, struct history, node));
        if (work_spent(1))
            return false;
    }
    tlb_batch_flush();
    if (!pt_prune(s, USER_START, USER_END))
        return false;
    pt_destroy(s->table, s->pool);
    pool_free(s->pool, s, sizeof(*s));
    return true;
}

struct mapping *mapping_create(struct space *s, struct memory *m, vaddr_t start, vaddr_t end,
                               uint64_t offset, const struct mapping *like) {
    if (m && m->mapping_count == MEMORY_MAPPINGS_MAX)
        return NULL;
    struct mapping *new = pool_alloc(s->pool, sizeof(*new));
    if (!new)
        return NULL;
    if (m && !history_add(s, m, like->flags)) {
        pool_free(s->pool, new, sizeof(*new));
        return NULL;
    }
    new->end = end;
    new->space = s;
    new->memory = m;
    new->offset = offset;
    new->flags = like->flags;
    new->allowed = like->allowed;
    tree_insert(&s->mappings, &new->node, start);
    if (m) {
        link_insert(&m->mappings, &new->of_memory);
        m->mapping_count++;
        object_hold(&m->object);
    }
    new->via.kind = DEPENDENT_MAPPING;
    dependent_attach(&new->via, like->via.via);
    return new;
}

/* Looking for the next entry costs something too. */
static unsigned step_work(vaddr_t from, vaddr_t to) {
    return 1 + (unsigned)min_u64((to - from) >> PAGE_SHIFT, 1024) / 32;
}

static bool clear_entries(struct mapping *m) {
    struct space *s = m->space;
    vaddr_t va = pt_next(s, m->node.key, m->end), next;
    bool done = true;
    tlb_batch_begin();
    for (; va < m->end && done; va = next) {
        pt_clear(s, va, NULL);
        tlb_batch_add(s, va, 1);
        s->resident--;
        next = pt_next(s, va + PAGE_BYTES, m->end);
        done = next >= m->end || !work_spent(step_work(va, next));
    }
    tlb_batch_end();
    return done;
}

/* Threads that wait for a page behind the mapping touch it again, in vain. */
static bool end_requests(const struct mapping *m) {
    unsigned looked = 0;
    for (struct link *l = m->space->requests, *next; l; l = next, looked++) {
        struct thread *t = container_of(l, struct thread, call.of_space);
        next = l->next;
        if (t->call.page_address - m->node.key >= m->end - m->node.key)
            continue;
        call_end(t, ERROR(REVOKED));
        if (work_spent(3))
            return false;
    }
    work_spent(looked / 16);
    return true;
}

bool mapping_remove(struct mapping *m) {
    struct memory *memory = m->memory;
    struct space *s = m->space;
    m->flags = (m->flags & ~MEMORY_ACCESS) | MAP_GONE;
    if (!end_requests(m) || !clear_entries(m))
        return false;
    m->flags |= MAP_EMPTY;
    /* While the mapping still holds it, so that this is found again. */
    if (memory && memory->object.holds == 1 && !memory->object.slots && !memory_drain(memory))
        return false;

    tree_remove(&s->mappings, &m->node);
    dependent_detach(&m->via);
    if (memory) {
        link_remove(&m->of_memory);
        memory->mapping_count--;
    }
    pool_free(s->pool, m, sizeof(*m));
    if (memory) {
        object_drop(&memory->object);
        if (!memory->object.dying)
            object_release(&memory->object);
    }
    return true;
}

static bool is_free(const struct space *s, vaddr_t start, uint64_t length) {
    struct mapping *last = mapping_of(tree_floor(&s->mappings, start + length - 1));
    return !last || last->end <= start;
}

err_t space_map_check(struct space *s, struct memory *m, vaddr_t address, uint64_t offset,
                      uint64_t length, uint32_t flags, uint32_t allowed) {
    if (!range_ok(address, length))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (offset & (PAGE_BYTES - 1) || offset > MEMORY_BYTES_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (m->kind == MEMORY_KIND_DEVICE && (offset > m->size || length > m->size - offset))
        return ERROR_ARG(BAD_ARGUMENT, 5);
    if (m->kind != MEMORY_KIND_DEVICE && flags & (MAP_UNCACHED | MAP_WRITE_COMBINE))
        return ERROR_ARG(BAD_ARGUMENT, 6);
    if (!history_permits(s, m, flags & MEMORY_ACCESS, allowed))
        return ERROR_ARG(NO_RIGHT, 6);
    return is_free(s, address, length) ? OK : ERROR_ARG(OVERLAP, 3);
}

err_t space_map(struct space *s, struct memory *m, vaddr_t address, uint64_t offset,
                uint64_t length, uint32_t flags, uint32_t allowed, struct slot *via) {
    struct mapping like = {.flags = flags, .allowed = allowed, .via.via = via};
    err_t e = space_map_check(s, m, address, offset, length, flags, allowed);
    if (!err_ok(e))
        return e;
    return mapping_create(s, m, address, address + length, offset, &like) ? OK : ERROR(NO_MEMORY);
}

err_t space_map_block(struct space *s, vaddr_t address, paddr_t page) {
    const struct mapping like = {.flags = MEMORY_READ | MEMORY_WRITE};
    if (!range_ok(address, PAGE_BYTES))
        return ERROR(BAD_ARGUMENT);
    if (!is_free(s, address, PAGE_BYTES))
        return ERROR(OVERLAP);
    if (!pt_prepare(s, address) ||
        !mapping_create(s, NULL, address, address + PAGE_BYTES, page, &like))
        return ERROR(NO_MEMORY);
    pt_set(s, address, page, MEMORY_READ | MEMORY_WRITE);
    s->resident++;
    return OK;
}

void space_unmap_block(struct space *s, vaddr_t address) {
    struct mapping *m = space_find(s, address);
    if (m && !m->memory)
        mapping_remove(m);
}

/* Makes a mapping begin at `at`, if one goes across it. False: no room. */
static bool split(struct space *s, vaddr_t at) {
    struct mapping *m = space_find(s, at);
    if (!m || m->node.key == at || m->flags & MAP_GONE)
        return true;
    vaddr_t end = m->end;
    m->end = at; /* they must not overlap */
    if (mapping_create(s, m->memory, at, end, m->offset + (at - m->node.key), m))
        return true;
    m->end = end;
    return false;
}

err_t space_unmap(struct space *s, vaddr_t address, uint64_t length) {
    struct mapping *m;
    vaddr_t end = address + length;
    if (!range_ok(address, length))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (!split(s, address) || !split(s, end))
        return ERROR(NO_MEMORY);
    for (vaddr_t at = address; (m = find_from(s, at)) && m->node.key < end;) {
        at = m->end;
        if (m->memory && (!mapping_remove(m) || work_spent(2)))
            return AGAIN;
    }
    if (length >= PRUNE_BYTES && !pt_prune(s, address, end))
        return AGAIN;
    return OK;
}

static err_t protect_check(struct space *s, vaddr_t at, vaddr_t end, uint32_t access) {
    for (unsigned n = 0; at < end; n++) {
        struct mapping *m = space_find(s, at);
        if (!m || m->flags & MAP_GONE || !m->memory)
            return ERROR_ARG(BAD_ADDRESS, 2);
        if (n == PROTECT_MAPPINGS_MAX)
            return ERROR_ARG(BAD_ARGUMENT, 3);
        if (!history_permits(s, m->memory, access, m->allowed))
            return ERROR_ARG(NO_RIGHT, 4);
        at = m->end;
    }
    return OK;
}

/* What entries are missing comes back by faults. PREEMPTIBLE. */
static bool protect_mapping(struct mapping *m, uint32_t access) {
    if (m->flags & ~access & MEMORY_ACCESS && !clear_entries(m))
        return false;
    m->flags = (m->flags & ~MEMORY_ACCESS) | access;
    history_add(m->space, m->memory, access); /* it has a record */
    return true;
}

err_t space_protect(struct space *s, vaddr_t address, uint64_t length, uint32_t access) {
    vaddr_t end = address + length;
    if (!range_ok(address, length))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    err_t e = protect_check(s, address, end, access);
    if (!err_ok(e))
        return e;
    if (!split(s, address) || !split(s, end))
        return ERROR(NO_MEMORY);
    for (struct mapping *m = space_find(s, address); m && m->node.key < end;
         m = mapping_of(tree_next(&m->node)))
        if (!protect_mapping(m, access))
            return AGAIN;
    return OK;
}

static void unmap_pages(struct space *s, vaddr_t start, vaddr_t end) {
    for (vaddr_t va = pt_next(s, start, end); va < end; va = pt_next(s, va + PAGE_BYTES, end)) {
        pt_clear(s, va, NULL);
        tlb_batch_add(s, va, 1);
        s->resident--;
    }
}

static void protect_pages(struct space *s, vaddr_t start, vaddr_t end) {
    pt_write_protect_range(s, start, end);
    tlb_batch_add(s, start, (end - start) >> PAGE_SHIFT);
}

static void for_all_spaces(struct memory *m, uint64_t offset, uint64_t length,
                           void (*f)(struct space *, vaddr_t, vaddr_t)) {
    for (struct link *l = m->mappings; l; l = l->next) {
        struct mapping *p = container_of(l, struct mapping, of_memory);
        uint64_t bytes = p->end - p->node.key;
        uint64_t from = offset > p->offset ? offset - p->offset : 0;
        if (p->flags & MAP_EMPTY || offset + length <= p->offset || from >= bytes)
            continue;
        f(p->space, p->node.key + from, p->node.key + min_u64(bytes, offset + length - p->offset));
    }
}

void memory_unmap_range(struct memory *m, uint64_t offset, uint64_t length) {
    for_all_spaces(m, offset, length, unmap_pages);
}

void memory_protect_range(struct memory *m, uint64_t offset, uint64_t length) {
    for_all_spaces(m, offset, length, protect_pages);
}

err_t space_locate(struct space *s, vaddr_t address, struct memory **memory, uint64_t *offset) {
    struct mapping *m = space_find(s, address);
    if (!m || !m->memory || m->flags & MAP_GONE)
        return ERROR(BAD_ADDRESS);
    *memory = m->memory;
    *offset = m->offset + (address - m->node.key);
    return OK;
}
