/* SPDX-License-Identifier: MIT */
/*
 * Page tables of address spaces: four levels, of which the upper half is the kernel's and the same
 * everywhere. Entries that point to tables count what is in use below (machine/pagetable.h); other
 * CPUs change only accessed and dirty bits meanwhile, and losing an accessed bit does no harm.
 */
#include "arch/pagetable.h"

#include "arch/layout.h"
#include "machine/port.h"
#include "object.h"
#include "pool.h"
#include "string.h"

#define ENTRIES   512
#define TOP_SHIFT 39
#define TABLE     (PT_PRESENT | PT_WRITE | PT_USER)

_Static_assert(offsetof(struct space, table) == 0, "the walk's first load");

static unsigned index_at(vaddr_t va, unsigned shift) {
    return va >> shift & (ENTRIES - 1);
}

paddr_t pt_create(struct pool *pool) {
    uint64_t *root = pool_page_alloc(pool);
    if (!root)
        return 0;
    memcpy(root + ENTRIES / 2, (uint64_t *)phys_to_virt(kernel_table) + ENTRIES / 2,
           PAGE_BYTES / 2);
    return virt_to_phys(root);
}

void pt_destroy(paddr_t root, struct pool *pool) {
    flush_forget(root);
    pool_page_free(pool, phys_to_virt(root));
}

/* Makes the tables for `va` exist; false: no room. */
static __attribute__((noinline)) bool make_tables(struct space *s, vaddr_t va) {
    uint64_t *above = NULL, *e = pt_entry_of(s->table, va, TOP_SHIFT);
    for (unsigned shift = TOP_SHIFT - 9;; shift -= 9) {
        if (!(*e & PT_PRESENT)) {
            void *page = pool_page_alloc(s->pool);
            if (!page)
                return false;
            s->table_pages++;
            *e = virt_to_phys(page) | TABLE;
            if (above)
                *above += PT_COUNT_ONE;
        }
        if (shift == PAGE_SHIFT)
            return true;
        above = e;
        e = pt_entry_of(*e, va, shift);
    }
}

bool pt_find_leaf(struct space *s, vaddr_t va) {
    uint64_t *e = pt_entry_of(s->table, va, TOP_SHIFT);
    if (va >= USER_END)
        return false;
    for (unsigned shift = TOP_SHIFT - 9; shift > PAGE_SHIFT; shift -= 9) {
        if (!(*e & PT_PRESENT))
            return false;
        e = pt_entry_of(*e, va, shift);
    }
    if (!(*e & PT_PRESENT))
        return false;
    s->leaf = pt_page(*e);
    s->leaf_above = e;
    s->leaf_last = va | (PT_LEAF_BYTES - 1);
    return true;
}

static uint64_t entry_for(paddr_t page, uint32_t access) {
    uint64_t entry = page | PT_PRESENT | PT_USER | PT_ACCESSED;
    if (access & MEMORY_WRITE)
        entry |= PT_WRITE;
    if (!(access & MEMORY_EXECUTE))
        entry |= PT_NO_EXECUTE;
    if (access & MAP_UNCACHED)
        entry |= PT_UNCACHED;
    else if (access & MAP_WRITE_COMBINE)
        entry |= PT_WRITE_THROUGH;
    return entry;
}

bool pt_enter(struct space *s, vaddr_t va, paddr_t page, uint32_t access) {
    uint64_t *e = pt_leaf(s, va);
    if (unlikely(!e))
        return make_tables(s, va) && pt_enter(s, va, page, access);
    uint64_t old = __atomic_exchange_n(e, entry_for(page, access), __ATOMIC_ACQ_REL);
    if (unlikely(old)) {
        tlb_flush_page(va);
    } else {
        *s->leaf_above += PT_COUNT_ONE;
        s->resident++;
    }
    return true;
}

void pt_enter_absent(struct space *s, vaddr_t va, const paddr_t *page, unsigned n,
                     uint32_t access) {
    uint64_t *e = pt_leaf(s, va), entry = entry_for(0, access), made = 0;
    for (unsigned i = 0; i < n; i++)
        if (page[i] && !e[i]) {
            __atomic_store_n(&e[i], page[i] | entry, __ATOMIC_RELEASE);
            made++;
        }
    *s->leaf_above += made * PT_COUNT_ONE;
    s->resident += made;
}

void pt_write_protect_range(struct space *s, vaddr_t start, vaddr_t end) {
    while (start < end) {
        vaddr_t stop = min_u64(end, (start | (PAGE_BYTES * ENTRIES - 1)) + 1);
        uint64_t *e = pt_leaf(s, start);
        for (uint64_t n = (stop - start) >> PAGE_SHIFT; e && n; n--, e++)
            if (*e & PT_WRITE)
                __atomic_and_fetch(e, ~PT_WRITE, __ATOMIC_ACQ_REL);
        start = stop;
    }
}

struct place {
    uint64_t *entry, *above; /* `above` points to the table of `entry`; NULL at the top */
    unsigned shift;          /* how much the entry covers */
};

/* The way to `va` as far as tables have something in use, but not below entries of `lowest`. */
static inline struct place deepest(const struct space *s, vaddr_t va, unsigned lowest) {
    struct place p = {pt_entry_of(s->table, va, TOP_SHIFT), NULL, TOP_SHIFT};
#pragma GCC unroll 3
    while (p.shift > lowest) {
        if (!(*p.entry & PT_COUNT))
            break;
        p.above = p.entry;
        p.shift -= 9;
        p.entry = pt_entry_of(*p.entry, va, p.shift);
    }
    return p;
}

/* From an entry for `va` without use to the next one of its table that has some, or its end. */
static vaddr_t skip(const uint64_t *e, vaddr_t va, unsigned shift, vaddr_t end) {
    uint64_t left =
        min_u64(ENTRIES - index_at(va, shift), ((end - 1) >> shift) - (va >> shift) + 1);
    uint64_t n = 1;
    while (n + 4 <= left && !(e[n] | e[n + 1] | e[n + 2] | e[n + 3]))
        n += 4;
    while (n < left && !e[n])
        n++;
    return ((va >> shift) + n) << shift;
}

vaddr_t pt_next(const struct space *s, vaddr_t va, vaddr_t end) {
    while (va < end) {
        struct place p = deepest(s, va, PAGE_SHIFT);
        if (p.shift == PAGE_SHIFT && *p.entry)
            return va;
        va = skip(p.entry, va, p.shift, end);
    }
    return end;
}

struct pt_run pt_clear(struct space *s, vaddr_t va, vaddr_t end) {
    uint64_t *e = pt_leaf(s, va), n = 0;
    if (!e || !*e) {
        va = pt_next(s, va, end);
        if (va == end)
            return (struct pt_run){end, 0};
        e = pt_leaf(s, va);
    }
    uint64_t most = min_u64(pt_left(va), (end - va) >> PAGE_SHIFT);
    for (; n < most && e[n]; n++)
        __atomic_exchange_n(&e[n], 0, __ATOMIC_ACQ_REL);
    *s->leaf_above -= n * PT_COUNT_ONE;
    s->resident -= n;
    return (struct pt_run){va + n * PAGE_BYTES, n};
}

/* Cuts out the deepest table on the way to *va if it is empty; else 0, and *va moves on. */
static paddr_t cut_empty(struct space *s, vaddr_t *va, vaddr_t end) {
    struct place p = deepest(s, *va, PAGE_SHIFT + 9);
    if (!(*p.entry & PT_PRESENT) || *p.entry & PT_COUNT) {
        *va = skip(p.entry, *va, p.shift, end);
        return 0;
    }
    paddr_t table = *p.entry & PT_ADDRESS;
    __atomic_store_n(p.entry, 0, __ATOMIC_RELEASE);
    if (p.above)
        *p.above -= PT_COUNT_ONE;
    return table;
}

/* CPUs may still hold what they read of the way to a table, so it is freed after a flush; until
 * then the tables hang together by their first words, which are no present entries. */
static void free_cut(struct space *s, paddr_t list) {
    if (list)
        tlb_shootdown(s, 0, 0);
    while (list) {
        uint64_t *table = pt_page(list);
        paddr_t next = table[0];
        table[0] = 0;
        pool_page_free(s->pool, table);
        s->table_pages--;
        list = next;
    }
}

bool pt_prune(struct space *s, vaddr_t start, vaddr_t end) {
    paddr_t list = 0;
    bool spent = false;
    for (vaddr_t va = start; va < end && !spent;) {
        paddr_t table = cut_empty(s, &va, end);
        if (table) {
            *(uint64_t *)pt_page(table) = list;
            list = table;
        }
        spent = work_spent(table ? 5 : 1);
    }
    s->leaf_last = 0;
    free_cut(s, list);
    return !spent;
}
