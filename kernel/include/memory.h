/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: a size and a sparse array of pages. Anonymous pages appear, zeroed, at first touch
 * and are charged to the object's pool. A copy-on-write child shares frames page by page: all
 * page slots that share a frame form a ring, so that a frame's charge can pass to a surviving sharer
 * in constant time (if that one's pool has no room, the charge stays, and goes to the parent pool when
 * its pool is destroyed). Absent pages of a pager-backed object are asked for at an endpoint.
 */
#pragma once
#include "abi/memory.h"
#include "notice.h"
#include "object.h"
#include "space.h"

struct endpoint;
struct thread;
struct page_node;

enum memory_kind { MEMORY_KIND_ANONYMOUS, MEMORY_KIND_PAGER, MEMORY_KIND_DEVICE };

struct memory {
    struct object object;
    uint64_t identity; /* key of shared futexes, never used again; 0: none yet. futex.c */
    uint8_t kind;
    uint8_t height;   /* of the page tree */
    uint64_t size;    /* bytes, page aligned */
    uint64_t resident; /* pages present */
    struct page_node *root;
    struct link *mappings; /* struct mapping.of_memory */
    paddr_t device;        /* device: physical start */
    /* Copy-on-write child of pager-backed memory: where absent pages are looked up. */
    struct memory *source;
    uint64_t source_offset;
    struct link source_link; /* in source->children */
    struct link *children;
    /* Pager-backed. */
    struct endpoint *pager; /* NULL: gone, absent pages fault */
    struct notice pager_source; /* in pager's list of sources, so that its end is known */
    uint64_t badge;
    nanos_t patience; /* how long a fault waits for the pager */
    struct memory *clone; /* during a process clone: the child's copy */
};

bool memory_destroy(struct object *o); /* PREEMPTIBLE */

/* Makes a device memory object; at boot only. */
err_t memory_create_device(struct pool *pool, paddr_t start, uint64_t size, struct memory **out);
/* Makes an anonymous object; for the kernel's own set-up of the first process. */
err_t memory_create_anonymous(struct pool *pool, uint64_t size, struct memory **out);
/* Adopts boot pages (physically contiguous) as the contents of an anonymous object. */
err_t memory_adopt(struct memory *m, paddr_t start, uint64_t bytes);
/* Present page `offset` of an anonymous object as kernel pointer, made on demand; NULL: no room. */
void *memory_page(struct memory *m, uint64_t offset);
