/* SPDX-License-Identifier: MIT */
/*
 * A pool is a memory budget: it pays, in whole pages, for the kernel objects, page tables, handle
 * tables and user pages bought with it. Limits are strict: a child's limit is set aside in its
 * parent, so a charge within the limit always finds a physical page. Small objects come from pages
 * that belong to one pool only, so a destroyed pool gives back whole pages.
 *
 * A pool created with a weight is an *account*: the unit that processor time is shared by.
 */
#pragma once
#include "object.h"
#include "sched.h"

struct frame;
struct process;
struct signal;
struct thread;

#define POOL_CLASSES 8 /* object sizes 32 << n, up to 4096 */

struct signal_binding {
    struct signal *signal; /* NULL: not bound */
    uint64_t bits;
    struct link link;  /* in signal->bindings */
    struct link *told; /* pools whose waiters count on it: struct pool.relies */
};

struct pool {
    struct object object;
    struct pool *parent; /* NULL: the root pool */
    uint64_t identity;
    uint64_t limit, used;            /* bytes; `used` counts limits of children */
    struct list objects;             /* all objects bought, struct object.bought */
    struct list slabs[POOL_CLASSES]; /* pages with free room, struct frame */
    struct list quarantine;          /* freed pages whose physical address a driver knows */
    uint64_t quarantined;            /* bytes */
    struct list strays; /* user pages charged here that only memory objects of other pools have */
    struct list dry_waiters; /* threads suspended for want of memory, struct thread.wait_link */
    struct signal_binding pressure;
    struct link
        relies; /* in the binding that was told last of dry_waiters, while that has a signal */
    struct pool *account; /* itself, or the innermost enclosing account */
    uint32_t weight;      /* of an account; 0: not one */
    uint32_t depth;       /* pools above it */
    struct sched_account sched;
    uint64_t ticks;      /* that its threads ran */
    uint64_t fail_after; /* test images: the n-th allocation from now fails; 0: never */
    /* The search for memory when it ran dry: what was looked at so far. */
    struct list scan;        /* a mark in `objects`, or unlinked */
    uint64_t scan_page;      /* the next page of the memory object behind the mark */
    struct process *largest; /* held */
};

#define POOL_DEPTH 16 /* pools above a pool: destroying recurses */

bool pool_destroy(struct object *o); /* PREEMPTIBLE */

/* One page for the kernel's own structures, zeroed, charged to the pool; NULL if it has no room. */
void *pool_page_alloc(struct pool *p);
void pool_page_free(struct pool *p, void *page);

/* A page with undefined contents as user memory, charged to the pool; 0 if it has no room. */
paddr_t pool_frame_alloc(struct pool *p);
/* No page-table entry leads to it after the current tlb_batch. Quarantines a disclosed page. */
void pool_frame_free(struct frame *f);
/* The charge for a user page becomes that of `to`, who was charged for it already. */
void pool_frame_pass(struct frame *f, struct pool *to);

/* Zeroed memory of `size` <= 4096 bytes, 32-byte aligned; NULL if the pool has no room. */
void *pool_alloc(struct pool *p, size_t size);
void pool_free(struct pool *p, void *memory, size_t size);

/* Charges or credits `bytes` without allocating. Charge fails beyond the limit. */
bool pool_charge(struct pool *p, uint64_t bytes);
void pool_credit(struct pool *p, uint64_t bytes); /* has objects_settle call pool_wake */

/*
 * The current thread needs memory that the pool does not have: takes clean pager-backed pages back;
 * else tells the holder and suspends the thread until room appears; or, with no pressure signal
 * bound here or in an enclosing pool, ends the largest process that the pool bought. BLOCKED, AGAIN
 * or INTERRUPTED; NO_MEMORY if there is nobody to tell and nothing to end: the fault stands.
 */
err_t pool_dry(struct pool *p, struct thread *t);

/* PREEMPTIBLE: those who wait for room look again, one after the other while there is enough. */
bool pool_wake(struct pool *p);

/* Takes clean pages of pager-backed memory back until there is room for `bytes`. PREEMPTIBLE: false
 * if there is none yet and more to look at. */
bool pool_reclaim(struct pool *p, uint64_t bytes);
void pool_scan_end(struct pool *p); /* forgets what pool_dry and pool_reclaim looked at so far */

err_t pool_create_root(uint64_t bytes, struct pool **out);
