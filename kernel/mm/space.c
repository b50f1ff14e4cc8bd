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

struct mapping *space_find(struct space *s, vaddr_t address) {
    struct mapping *m = s->last;
    if (likely(m && address >= m->node.key && address < m->end))
        return m;
    m = mapping_of(tree_floor(&s->mappings, address));
    if (!m || address >= m->end)
        return NULL;
    s->last = m;
    return m;
}

/* The first mapping that has something at or after `address`. */
static struct mapping *find_from(struct space *s, vaddr_t address) {
    struct mapping *m = space_find(s, address);
    return m ? m : mapping_of(tree_ceiling(&s->mappings, address));
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

/* A mapping at its place in the tree, without anything else; NULL: no room. */
static struct mapping *take_place(struct space *s, vaddr_t start) {
    struct mapping *m = s->spare;
    s->spare = NULL;
    if (m && m->node.key == start)
        return m;
    if (m)
        tree_remove(&s->mappings, &m->node);
    else if (!(m = pool_alloc(s->pool, sizeof(*m))))
        return NULL;
    m->space = s;
    tree_insert(&s->mappings, &m->node, start);
    return m;
}

static void give_place(struct mapping *m) {
    m->space->last = NULL;
    if (m->space->spare == m)
        m->space->spare = NULL;
    tree_remove(&m->space->mappings, &m->node);
    pool_free(m->space->pool, m, sizeof(*m));
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
    if (s->table_pages && !pt_prune(s, USER_START, USER_END))
        return false;
    pt_destroy(s->table, s->pool);
    pool_free(s->pool, s, sizeof(*s));
    return true;
}

struct mapping *mapping_create(const struct mapping *like) {
    struct memory *m = like->memory;
    struct space *s = like->space;
    if (m && m->mapping_count == MEMORY_MAPPINGS_MAX)
        return NULL;
    struct mapping *new = take_place(s, like->node.key);
    if (!new)
        return NULL;
    if (m && m->dual && !history_add(s, m, like->flags)) {
        give_place(new);
        return NULL;
    }
    s->last = new;
    new->end = like->end;
    new->memory = m;
    new->offset = like->offset;
    new->flags = like->flags;
    new->allowed = like->allowed;
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

/* A run of entries, from the first one at or behind `va` on. */
static struct pt_run clear_some(struct space *s, vaddr_t va, vaddr_t end) {
    struct pt_run r = pt_clear(s, va, end);
    if (r.count)
        tlb_batch_add(s, r.end - r.count * PAGE_BYTES, r.count);
    return r;
}

static __attribute__((noinline)) bool clear_many(struct mapping *m) {
    vaddr_t va = m->node.key, from;
    tlb_batch_begin();
    do {
        struct pt_run r = clear_some(m->space, from = va, m->end);
        va = r.end;
        if (va < m->end && work_spent(step_work(from, va) + (unsigned)r.count / 16))
            break;
    } while (va < m->end);
    tlb_batch_end();
    return va == m->end;
}

static bool clear_entries(struct mapping *m) {
    if (m->end - m->node.key != PAGE_BYTES)
        return clear_many(m);
    clear_some(m->space, m->node.key, m->end);
    return true;
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
    if ((s->requests && !end_requests(m)) || !clear_entries(m))
        return false;
    m->flags |= MAP_EMPTY;
    /* While the mapping still holds it, so that this is found again. */
    if (memory && memory->object.holds == 1 && !memory->object.slots && !memory_drain(memory))
        return false;

    dependent_detach(&m->via);
    m->room = m->end;
    m->end = m->node.key;
    m->memory = NULL;
    if (memory) {
        link_remove(&m->of_memory);
        memory->mapping_count--;
        object_drop(&memory->object);
        if (!memory->object.dying)
            object_release(&memory->object);
    }
    if (s->spare)
        give_place(m);
    else
        s->spare = m;
    return true;
}

bool space_is_free(struct space *s, vaddr_t start, vaddr_t end) {
    struct mapping *last = s->spare;
    if (last && last->node.key == start && last->room >= end)
        return true;
    last = mapping_of(tree_floor(&s->mappings, end - 1));
    if (last && last == s->spare && start < last->room && start != last->node.key) {
        give_place(last);
        last = mapping_of(tree_floor(&s->mappings, end - 1));
    }
    return !last || last->end <= start;
}

err_t space_map_block(struct space *s, vaddr_t address, paddr_t page) {
    const uint32_t access = MEMORY_READ | MEMORY_WRITE;
    const struct mapping like = {.node.key = address,
                                 .end = address + PAGE_BYTES,
                                 .space = s,
                                 .block_page = page,
                                 .flags = access};
    if (!space_range_ok(address, PAGE_BYTES))
        return ERROR(BAD_ARGUMENT);
    if (!space_is_free(s, address, address + PAGE_BYTES))
        return ERROR(OVERLAP);
    struct mapping *m = mapping_create(&like);
    if (m && pt_enter(s, address, page, access))
        return OK;
    if (m)
        mapping_remove(m); /* at once: nothing has used it */
    return ERROR(NO_MEMORY);
}

void space_unmap_block(struct space *s, vaddr_t address) {
    struct mapping *m = space_find(s, address);
    if (m && !m->memory)
        mapping_remove(m);
}

/* Splits a mapping in two, and returns the second one; NULL: no room. */
static struct mapping *split(struct mapping *m, vaddr_t at) {
    struct mapping upper = *m;
    upper.node.key = at;
    upper.offset += at - m->node.key;
    struct mapping *made = mapping_create(&upper);
    m->end = made ? at : m->end;
    return made;
}

/* Splits the mapping of `address` at one of its sides unless that is an end of it. One that is
 * being removed goes as a whole. False: no room. */
static bool cut_at(struct space *s, vaddr_t address, vaddr_t at) {
    struct mapping *m = space_find(s, address);
    return !m || m->node.key == at || m->end == at || m->flags & MAP_GONE || split(m, at);
}

static bool cut(struct space *s, vaddr_t start, vaddr_t end) {
    const struct mapping *m = s->last;
    if (m && m->node.key == start && m->end == end)
        return true;
    return cut_at(s, start, start) && cut_at(s, end - 1, end);
}

static struct mapping *next_before(const struct mapping *m, vaddr_t end) {
    struct mapping *next = m->end < end ? mapping_of(tree_next(&m->node)) : NULL;
    return next && next->node.key < end ? next : NULL;
}

err_t space_unmap(struct space *s, vaddr_t address, uint64_t length) {
    struct mapping *m, *next;
    vaddr_t end = address + length;
    if (!space_range_ok(address, length))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (!cut(s, address, end))
        return ERROR(NO_MEMORY);
    for (m = find_from(s, address); m && m->node.key < end; m = next) {
        next = next_before(m, end);
        if (m->memory && (!mapping_remove(m) || (next && work_spent(2))))
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
    if (!space_range_ok(address, length))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    err_t e = protect_check(s, address, end, access);
    if (!err_ok(e))
        return e;
    if (!cut(s, address, end))
        return ERROR(NO_MEMORY);
    for (struct mapping *m = space_find(s, address); m; m = next_before(m, end))
        if (!protect_mapping(m, access))
            return AGAIN;
    return OK;
}

static void unmap_pages(struct space *s, vaddr_t start, vaddr_t end) {
    while (start < end)
        start = clear_some(s, start, end).end;
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
