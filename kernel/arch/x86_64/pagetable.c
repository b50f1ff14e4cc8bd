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

static uint64_t *table_at(uint64_t entry) {
    return phys_to_virt(entry & PT_ADDRESS);
}

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

bool pt_prepare(struct space *s, vaddr_t va) {
    uint64_t *above = NULL, *e = table_at(s->table) + index_at(va, TOP_SHIFT);
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
        e = table_at(*e) + index_at(va, shift);
    }
}

/* The entry that points to the last-level table for `va`, or NULL. */
static uint64_t *directory_entry(const struct space *s, vaddr_t va) {
    uint64_t *e = table_at(s->table) + index_at(va, TOP_SHIFT);
    for (unsigned shift = TOP_SHIFT - 9; shift > PAGE_SHIFT; shift -= 9) {
        if (!(*e & PT_PRESENT))
            return NULL;
        e = table_at(*e) + index_at(va, shift);
    }
    return *e & PT_PRESENT ? e : NULL;
}

void pt_set(struct space *s, vaddr_t va, paddr_t page, uint32_t access) {
    uint64_t *above = directory_entry(s, va);
    uint64_t *e = pt_entry_of(*above, va, PAGE_SHIFT);
    uint64_t entry = page | PT_PRESENT | PT_USER | PT_ACCESSED;
    if (access & MEMORY_WRITE)
        entry |= PT_WRITE;
    if (!(access & MEMORY_EXECUTE))
        entry |= PT_NO_EXECUTE;
    if (access & MAP_UNCACHED)
        entry |= PT_UNCACHED;
    else if (access & MAP_WRITE_COMBINE)
        entry |= PT_WRITE_THROUGH;
    if (!*e)
        *above += PT_COUNT_ONE;
    __atomic_store_n(e, entry, __ATOMIC_RELEASE);
}

paddr_t pt_clear(struct space *s, vaddr_t va, bool *dirty) {
    uint64_t *above = directory_entry(s, va);
    uint64_t *e = above ? pt_entry_of(*above, va, PAGE_SHIFT) : NULL;
    if (!e || !*e)
        return 0;
    uint64_t old = __atomic_exchange_n(e, 0, __ATOMIC_ACQ_REL);
    *above -= PT_COUNT_ONE;
    if (dirty)
        *dirty = old & PT_DIRTY;
    return old & PT_ADDRESS;
}

/* The last-level entry of a user address, or NULL if a table on the way is absent. */
static uint64_t *leaf_entry(const struct space *s, vaddr_t va) {
    uint64_t *above = directory_entry(s, va);
    return above ? pt_entry_of(*above, va, PAGE_SHIFT) : NULL;
}

bool pt_find_leaf(struct space *s, vaddr_t va) {
    uint64_t *e = va < USER_END ? leaf_entry(s, va & -PT_LEAF_BYTES) : NULL;
    if (!e)
        return false;
    s->leaf = e;
    s->leaf_last = va | (PT_LEAF_BYTES - 1);
    return true;
}

void pt_write_protect_range(struct space *s, vaddr_t start, vaddr_t end) {
    while (start < end) {
        vaddr_t stop = min_u64(end, (start | (PAGE_BYTES * ENTRIES - 1)) + 1);
        uint64_t *e = leaf_entry(s, start);
        for (uint64_t n = (stop - start) >> PAGE_SHIFT; e && n; n--, e++)
            if (*e & PT_WRITE)
                __atomic_and_fetch(e, ~PT_WRITE, __ATOMIC_ACQ_REL);
        start = stop;
    }
}

paddr_t pt_find(const struct space *s, vaddr_t va, uint32_t *access) {
    uint64_t *e = leaf_entry(s, va);
    if (!e || !*e)
        return 0;
    uint32_t a = MEMORY_READ;
    if (*e & PT_WRITE)
        a |= MEMORY_WRITE;
    if (!(*e & PT_NO_EXECUTE))
        a |= MEMORY_EXECUTE;
    if ((*e & PT_UNCACHED) == PT_UNCACHED)
        a |= MAP_UNCACHED;
    else if (*e & PT_WRITE_THROUGH)
        a |= MAP_WRITE_COMBINE;
    if (access)
        *access = a;
    return *e & PT_ADDRESS;
}

/* The deepest entry for `va` that is there or is absent; *shift: how much it covers. */
static uint64_t *deepest(const struct space *s, vaddr_t va, unsigned *shift) {
    uint64_t *e = table_at(s->table) + index_at(va, TOP_SHIFT);
    *shift = TOP_SHIFT;
    while (*shift > PAGE_SHIFT && *e & PT_COUNT) {
        *shift -= 9;
        e = table_at(*e) + index_at(va, *shift);
    }
    return e;
}

/* From an entry for `va` without use to the next one of its table that has some, or its end. */
static vaddr_t skip(const uint64_t *e, vaddr_t va, unsigned shift, vaddr_t end) {
    uint64_t left =
        min_u64(ENTRIES - index_at(va, shift), ((end - 1) >> shift) - (va >> shift) + 1);
    uint64_t n = 1;
    while (n < left && !e[n])
        n++;
    return ((va >> shift) + n) << shift;
}

vaddr_t pt_next(const struct space *s, vaddr_t va, vaddr_t end) {
    while (va < end) {
        unsigned shift;
        uint64_t *e = deepest(s, va, &shift);
        if (shift == PAGE_SHIFT && *e)
            return va;
        va = skip(e, va, shift, end);
    }
    return end;
}

/* Cuts out the deepest table on the way to *va if it is empty; else 0, and *va moves on. */
static paddr_t cut_empty(struct space *s, vaddr_t *va, vaddr_t end) {
    uint64_t *above = NULL, *e = table_at(s->table) + index_at(*va, TOP_SHIFT);
    unsigned shift = TOP_SHIFT;
    while (*e & PT_COUNT && shift > PAGE_SHIFT + 9) {
        above = e;
        shift -= 9;
        e = table_at(*e) + index_at(*va, shift);
    }
    if (!(*e & PT_PRESENT) || *e & PT_COUNT) {
        *va = skip(e, *va, shift, end);
        return 0;
    }
    paddr_t table = *e & PT_ADDRESS;
    __atomic_store_n(e, 0, __ATOMIC_RELEASE);
    if (above)
        *above -= PT_COUNT_ONE;
    return table;
}

/* CPUs may still hold what they read of the way to a table, so it is freed after a flush; until
 * then the tables hang together by their first words, which are no present entries. */
static void free_cut(struct space *s, paddr_t list) {
    if (list)
        tlb_shootdown(s, 0, 0);
    while (list) {
        uint64_t *table = table_at(list);
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
            *table_at(table) = list;
            list = table;
        }
        spent = work_spent(table ? 5 : 1);
    }
    s->leaf_last = 0;
    free_cut(s, list);
    return !spent;
}
