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
struct page_slot;

enum frame_kind { FRAME_FREE, FRAME_KERNEL, FRAME_SLAB, FRAME_TABLE, FRAME_USER, FRAME_RESERVED };

struct frame {
    uint8_t kind;
    uint8_t flags;      /* FRAME_DISCLOSED ... */
    uint8_t size_class; /* slab */
    uint8_t reserved;
    uint32_t count; /* slab: objects in use; user: memory objects that share it */
    struct pool *pool; /* who pays */
    union {
        struct list list; /* free list, slab list, quarantine */
        struct {
            struct page_slot *owner; /* user: one of the sharers */
        };
    };
    void *free; /* slab: free objects; slot pages: the owning process */
};

#define FRAME_DISCLOSED 1 /* a driver knows its physical address: quarantine on free */

struct memory_range {
    paddr_t start, end; /* bytes, page aligned */
};

/*
 * Manages RAM `ranges`; `reserved` are parts of them that must not be handed out (kernel, modules,
 * boot data). Sorted and disjoint. The frame array is taken out of the largest range. Returns the bytes free.
 */
uint64_t frame_init(const struct memory_range *ranges, size_t n, const struct memory_range *reserved, size_t m);

/* A page with undefined contents, or 0. */
paddr_t frame_alloc(void);
void frame_free(paddr_t page);
/* 2^order pages, naturally aligned, at boot only; 0 if there are none. */
paddr_t frame_alloc_boot(unsigned order);
uint64_t frame_free_count(void);

struct frame *frame_of(paddr_t page); /* NULL if the page is not managed RAM */
paddr_t frame_address(const struct frame *f);
bool frame_is_ram(paddr_t page); /* RAM of any kind, also reserved; what device memory may not cover */

