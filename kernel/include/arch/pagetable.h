/* SPDX-License-Identifier: MIT */
/*
 * Port contract: page tables. All pages are PAGE_BYTES here; the kernel's own big pages are the
 * port's business. Tables are charged to the pool given. Nothing here flushes a TLB except where
 * said. `access` is MEMORY_READ | _WRITE | _EXECUTE plus caching MAP_UNCACHED, MAP_WRITE_COMBINE.
 */
#pragma once
#include "types.h"

struct pool;
struct space;

/* An empty user half with the kernel half in place; 0 if the pool has no room. */
paddr_t pt_create(struct pool *pool);
/* Frees a table whose user half is empty of tables (see pt_prune). */
void pt_destroy(paddr_t root, struct pool *pool);
/* Sets an entry, and makes the tables for it; false: no room. Counts into space->table_pages and
 * resident. An entry that it replaces is flushed on this CPU. */
bool pt_enter(struct space *s, vaddr_t va, paddr_t page, uint32_t access);
/* Sets those of `n` entries from `va` on that are not set, to pages that are not 0. All are in one
 * table, which exists. */
void pt_enter_absent(struct space *s, vaddr_t va, const paddr_t *page, unsigned n, uint32_t access);
/* Removes entries, the first one in [va, end) and those that follow without a gap in the same
 * table. None: 0, `end`. */
struct pt_run {
    vaddr_t end; /* behind them */
    uint64_t count;
};
struct pt_run pt_clear(struct space *s, vaddr_t va, vaddr_t end);
/* Takes write access away from all entries in [start, end); without that of dirty state. */
void pt_write_protect_range(struct space *s, vaddr_t start, vaddr_t end);
/* Inline in machine/pagetable.h, for copies and the fast path's window check: pt_user_pointer, the
 * kernel pointer to the byte at `va` if present for the user with that access, else NULL; and its
 * parts pt_leaf, pt_left, pt_allows and pt_page, to go from entry to entry of one table. */
#include "machine/pagetable.h"
/*
 * First address >= va and < end that may have a present entry, skipping empty tables; else end.
 * Lets sparse ranges be walked in time proportional to what is there.
 */
vaddr_t pt_next(const struct space *s, vaddr_t va, vaddr_t end);
/* Frees tables that are empty within [start, end) after their entries were cleared and flushed.
 * PREEMPTIBLE: false if there is more to do. */
bool pt_prune(struct space *s, vaddr_t start, vaddr_t end);

/* Flush on this CPU. */
void tlb_flush_page(vaddr_t va);
/* Flush the whole of `space` (or `n` pages at va) on all CPUs that have it loaded and wait for it.
 */
void tlb_shootdown(struct space *s, vaddr_t va, uint64_t n);
