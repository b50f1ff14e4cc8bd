/* SPDX-License-Identifier: MIT */
/*
 * The pages of a memory object: a radix tree of 64-way nodes. Its leaves have a page slot for each
 * of 64 pages. All slots that share a frame form a ring; one that is alone is its own neighbour. A
 * page of more than one sharer is never mapped writable. Nodes without a page are freed. The page
 * of a pager-backed object is mapped writable only when it is `dirty`.
 */
#pragma once
#include "frame.h"
#include "memory.h"
#include "pool.h"

#define LEAF_PAGES 64u
#define LEAF_BYTES 2048u /* size class of a leaf, and so its alignment */

struct page_slot {
    paddr_t page; /* 0: absent */
    struct page_slot *next, *prev;
};

struct page_leaf {
    struct memory *memory;
    uint64_t base;      /* number of its first page */
    uint64_t present;   /* bit per page */
    uint64_t dirty;     /* pager-backed: written since memory_dirty was asked */
    uint64_t disclosed; /* a driver knows the address: never shared, never taken back */
    struct page_slot slots[LEAF_PAGES];
};

static inline struct page_leaf *page_leaf(const struct page_slot *s) {
    return (struct page_leaf *)((uintptr_t)s & -(uintptr_t)LEAF_BYTES);
}
static inline uint64_t page_bit(const struct page_slot *s) {
    return 1ull << (s - page_leaf(s)->slots);
}
static inline bool page_shared(const struct page_slot *s) {
    return s->next != s;
}

/* The slot of a page, or NULL; it may be absent. */
struct page_slot *pages_find(const struct memory *m, uint64_t number);
/* The same, with the nodes made that are missing; NULL: no room. */
struct page_slot *pages_make(struct memory *m, uint64_t number);
/* The leaf of page `number`, or the next one that exists; NULL: none. */
struct page_leaf *pages_leaf_from(const struct memory *m, uint64_t number);
/* Frees the nodes on the way to a page that have no page left. */
void pages_prune(struct memory *m, uint64_t number);
/* Bits of the pages [first, last) in a leaf. */
uint64_t pages_mask(const struct page_leaf *l, uint64_t first, uint64_t last);

/* Gives an absent slot a frame of its own, charged to the object's pool. */
void page_put(struct page_slot *s, paddr_t page);
/* Puts an absent slot into the ring of another; what counts pages is up to the caller. */
static inline void page_link(struct page_slot *s, struct page_slot *other) {
    s->page = other->page;
    s->next = other->next;
    s->prev = other;
    s->next->prev = s;
    other->next = s;
}
/* Makes an absent slot share the frame of another. */
void page_join(struct page_slot *s, struct page_slot *other);
/* Makes a slot absent. No entry leads to its page after the current tlb_batch. */
void page_drop(struct page_slot *s);
/* Gives an absent slot a copy of a page, or zeros (0); false: no room. */
bool page_fill(struct page_slot *s, paddr_t from);
/* Ends sharing with a copy; inside a tlb_batch. False: no room. Counts its work: it visits each
 * mapping. */
bool page_own(struct page_slot *s);

/* Makes a page present and, if asked, writable. Results as of space_resolve. */
err_t page_get(struct memory *m, uint64_t number, bool write, struct page_slot **out,
               struct fault *f);
