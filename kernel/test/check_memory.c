/* SPDX-License-Identifier: MIT */
/* Memory objects and address spaces: pages, sharing, mappings, and what the page tables say. */
#include "arch/layout.h"
#include "arch/pagetable.h"
#include "check.h"
#include "pages.h"
#include "pool.h"

static void check_page(const struct memory *m, const struct page_slot *s) {
    const struct frame *f = frame_of(s->page);
    CHECK(f && f->kind == FRAME_USER && f->pool, s->page);
    CHECK(s->next->prev == s && s->next->page == s->page, s->page);
    CHECK(page_leaf(s)->memory == m, m);
    if (f && !page_shared(s) && !(f->flags & FRAME_STRAY))
        CHECK(f->pool == m->object.pool, f->pool);
}

void check_memory(const struct memory *m) {
    uint64_t resident = 0, shared = 0;
    uint32_t mappings = 0;
    const struct page_leaf *l;
    for (uint64_t n = 0; (l = pages_leaf_from(m, n)); n = l->base + LEAF_PAGES)
        for (unsigned i = 0; i < LEAF_PAGES; i++) {
            CHECK(!l->slots[i].page == !(l->present >> i & 1), l->base + i);
            if (!l->slots[i].page)
                continue;
            check_page(m, &l->slots[i]);
            resident++;
            shared += page_shared(&l->slots[i]);
        }
    CHECK(resident == m->resident, resident);
    CHECK(shared == m->shared, shared);
    for (const struct link *k = m->mappings; k; k = k->next, mappings++)
        CHECK(container_of(k, struct mapping, of_memory)->memory == m, m);
    CHECK(mappings == m->mapping_count && mappings <= m->object.holds, mappings);
    for (const struct link *k = m->children; k; k = k->next)
        CHECK(container_of(k, struct memory, source_link)->source == m, m);
}

/* An entry shows the page that the mapping's object has there, with no more access. */
static void check_entry(const struct mapping *m, vaddr_t va, paddr_t page, uint32_t access) {
    uint64_t offset = m->offset + (va - m->node.key);
    CHECK(!(access & ~m->flags & MEMORY_ACCESS), access);
    if (!m->memory) {
        CHECK(page == m->block_page, va);
        return;
    }
    if (m->memory->kind == MEMORY_KIND_DEVICE) {
        CHECK(page == m->memory->device + offset, va);
        return;
    }
    const struct page_slot *s = pages_find(m->memory, offset >> PAGE_SHIFT);
    CHECK(s && s->page == page, va);
    if (s && access & MEMORY_WRITE) {
        CHECK(!page_shared(s), va);
        CHECK(m->memory->kind != MEMORY_KIND_PAGER || page_leaf(s)->dirty & page_bit(s), va);
    }
}

static void check_mappings(const struct space *s) {
    vaddr_t end = USER_START;
    bool seen = !s->last;
    for (const struct tree_node *n = tree_first(&s->mappings); n; n = tree_next(n)) {
        const struct mapping *m = container_of(n, struct mapping, node);
        CHECK(m->node.key >= end && m->end <= USER_END, m->node.key);
        CHECK(m == s->spare ? m->end == m->node.key && !m->memory : m->end > m->node.key,
              m->node.key);
        CHECK(m->space == s, m->node.key);
        CHECK(!(m->flags & MEMORY_WRITE && m->flags & MEMORY_EXECUTE) ||
                  m->allowed & MAP_JIT_ALLOWED,
              m->node.key);
        CHECK(!m->memory || !m->memory->dual ||
                  !(m->flags & ~history_of(s, m->memory) & MEMORY_ACCESS),
              m->node.key);
        seen |= m == s->last;
        end = m == s->spare ? m->room : m->end;
    }
    CHECK(seen, (uintptr_t)s->last);
}

/* The table that was used last is still that of its addresses. */
static void check_leaf(struct space *s) {
    const uint64_t *leaf = s->leaf, *above = s->leaf_above;
    CHECK(!s->leaf_last ||
              (pt_find_leaf(s, s->leaf_last) && s->leaf == leaf && s->leaf_above == above),
          s->leaf_last);
}

/* The physical page of an entry and its access; 0: absent. */
static paddr_t entry_at(struct space *s, vaddr_t va, uint32_t *access) {
    uint64_t *e = pt_leaf(s, va);
    if (!e || !*e)
        return 0;
    uint32_t a = MEMORY_READ;
    if (*e & PT_WRITE)
        a |= MEMORY_WRITE;
    if (!(*e & PT_NO_EXECUTE))
        a |= MEMORY_EXECUTE;
    *access = a;
    return *e & PT_ADDRESS;
}

void check_space(struct space *s) {
    uint64_t resident = 0;
    uint32_t access;
    check_mappings(s);
    check_leaf(s);
    for (vaddr_t va = pt_next(s, USER_START, USER_END); va < USER_END;
         va = pt_next(s, va + PAGE_BYTES, USER_END)) {
        paddr_t page = entry_at(s, va, &access);
        const struct mapping *m = space_find(s, va);
        if (!page)
            continue;
        resident++;
        CHECK(m, va);
        if (m)
            check_entry(m, va, page, access);
    }
    CHECK(resident == s->resident, resident);
}
