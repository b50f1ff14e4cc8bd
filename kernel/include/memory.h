/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: a size and a sparse array of pages. Anonymous pages appear, zeroed, at first
 * touch and are charged to the object's pool. A copy-on-write child shares frames page by page: all
 * page slots that share a frame form a ring, so that a frame's charge can pass to a surviving
 * sharer in constant time (if that one's pool has no room, the charge stays, and goes to the parent
 * pool when its pool is destroyed). Absent pages of a pager-backed object are asked for at an
 * endpoint; absent pages of its copy-on-write children are looked up in it.
 */
#pragma once
#include "abi/memory.h"
#include "notice.h"
#include "object.h"
#include "space.h"

struct endpoint;
struct thread;

/* The first three are enum memory_kind_abi. A copy is anonymous but for its absent pages. */
enum memory_kind { MEMORY_KIND_ANONYMOUS, MEMORY_KIND_PAGER, MEMORY_KIND_DEVICE, MEMORY_KIND_COPY };

#define MEMORY_BYTES_MAX    (1ul << 47)
#define MEMORY_MAPPINGS_MAX 1024u /* of one object: what takes a page away looks at all of them */

struct memory {
    struct object object;
    uint64_t identity; /* key of shared futexes, never used again; 0: none yet. futex.c */
    uint8_t kind;
    uint8_t height; /* of the page tree, see pages.h */
    bool dual;      /* handles may write and execute it: spaces keep a history */
    uint32_t mapping_count;
    uint64_t size;         /* bytes, page aligned */
    uint64_t resident;     /* pages present */
    uint64_t shared;       /* of them, those with other sharers */
    void *root;            /* page tree */
    struct link *mappings; /* struct mapping.of_memory */
    struct link *history;  /* struct history.of_memory */
    paddr_t device;        /* device: physical start */
    /* Copy of pager-backed memory: where absent pages are looked up; held; NULL: gone. */
    struct memory *source;
    uint64_t source_offset;  /* bytes */
    struct link source_link; /* in source->children */
    struct link *children;
    /* Pager-backed. */
    struct notice pager_source; /* bound to the pager; not bound: it is gone, absent pages fault */
    uint64_t badge;
    nanos_t patience;      /* how long a fault waits for the pager */
    struct link *requests; /* threads that wait for it: struct call.of_memory */
    /* The copies that process clones are making of it, and the same seen from a copy. */
    struct link *clones;     /* struct memory.origin_link */
    struct memory *origin;   /* NULL: gone, or no longer of interest */
    struct link origin_link; /* in origin->clones */
    struct space *clone_for; /* the space that it is made for */
    struct link clone_link;  /* in clone_for->clones */
    bool unfinished;         /* memory_clone is making it */
    uint64_t progress; /* next page of a preempted memory_clone into it, or map with MAP_PRESENT */
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

/* Between parts of mm and obj/memory.c. Page numbers count from the object's start. */
err_t memory_create_pager(struct pool *pool, struct endpoint *pager, uint64_t badge, uint64_t size,
                          nanos_t patience, struct memory **out);
/* A copy-on-write child of `m` without pages; absent ones are looked up at `offset` and on if m is
 * pager-backed or itself such a copy. */
err_t memory_create_copy(struct pool *pool, struct memory *m, uint64_t offset, uint64_t size,
                         struct memory **out);
/*
 * Shares pages [*first, last) of `m`, as far as present, with `child`, where their numbers are less
 * by `shift`. Child pages that are present stay. OK, NO_MEMORY or AGAIN, with progress in *first.
 */
err_t memory_share(struct memory *child, struct memory *m, uint64_t *first, uint64_t last,
                   uint64_t shift);
/* The copy that a clone of spaces is making of `m` for `to`, or NULL. */
struct memory *memory_clone_for(const struct memory *m, const struct space *to);
/* Forgets whose copy it is. */
void memory_clone_end(struct memory *child);
/* PREEMPTIBLE: frees pages [first, last) and takes them out of every space. */
bool memory_free_pages(struct memory *m, uint64_t first, uint64_t last);
/* PREEMPTIBLE: does all the long work of destroying an object that only the caller holds, so that
 * object_release then takes no time. */
bool memory_drain(struct memory *m);
static inline uint64_t memory_pages(const struct memory *m) {
    return m->size >> PAGE_SHIFT;
}
