/* SPDX-License-Identifier: MIT */
/*
 * Physical pages. One struct frame describes each page of RAM that the kernel manages. The
 * allocator only hands out and takes back; who pays is pool.h's business.
 */
#pragma once
#include "arch/layout.h" /* phys_to_virt, virt_to_phys */
#include "list.h"
#include "types.h"

struct pool;

enum frame_kind { FRAME_RESERVED, FRAME_FREE, FRAME_KERNEL, FRAME_SLAB, FRAME_USER };

struct frame {
    uint8_t kind;
    uint8_t flags;      /* FRAME_DISCLOSED, FRAME_STRAY */
    uint8_t size_class; /* slab */
    uint8_t fresh;      /* slab: objects from this one on were never used */
    uint32_t count;     /* slab: objects in use; page of slots: its number */
    struct pool *pool;  /* who pays */
    struct list list;   /* free list, slab list, quarantine, strays */
    void *free; /* slab: free objects, linked by their first words; page of slots: its table */
};

#define FRAME_DISCLOSED 1 /* a driver knows its physical address: quarantine on free */
#define FRAME_STRAY     2 /* user: in pool->strays; no memory object of that pool has it */

struct memory_range {
    paddr_t start, end; /* bytes, page aligned */
};

/*
 * Manages RAM `ranges`; `reserved` are parts of them that must not be handed out (kernel, modules,
 * boot data). Sorted and disjoint. The frame array is taken out of the largest range. Returns the
 * bytes free.
 */
uint64_t frame_init(const struct memory_range *ranges, size_t n,
                    const struct memory_range *reserved, size_t m);

/* A page with undefined contents, or 0. */
paddr_t frame_alloc(void);
void frame_free(paddr_t page);
/* Frees a whole list of frames at once; their kind is FREE already. */
void frame_free_list(struct list *frames, uint64_t n);
/* 2^order pages, naturally aligned, at boot only; 0 if there are none. */
paddr_t frame_alloc_boot(unsigned order);
uint64_t frame_free_count(void);

extern struct frame *frames; /* indexed by page number */
extern uint64_t frame_total;

/* NULL if the page is beyond managed RAM. */
static inline struct frame *frame_of(paddr_t page) {
    return likely(page >> PAGE_SHIFT < frame_total) ? &frames[page >> PAGE_SHIFT] : NULL;
}
static inline paddr_t frame_address(const struct frame *f) {
    return (paddr_t)(f - frames) << PAGE_SHIFT;
}
/* Is any of it RAM, of whatever kind? What device memory may not cover. */
bool frame_is_ram(paddr_t start, uint64_t bytes);
