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
struct signal;
struct thread;

#define POOL_CLASSES 8 /* object sizes 32 << n, up to 4096 */

struct signal_binding {
    struct signal *signal; /* NULL: not bound */
    uint64_t bits;
    struct link link; /* in signal->bindings */
};

struct pool {
    struct object object;
    struct pool *parent; /* NULL: the root pool */
    uint64_t identity;
    uint64_t limit, used; /* bytes; `used` counts limits of children */
    struct list objects;  /* all objects bought, struct object.bought */
    struct list slabs[POOL_CLASSES]; /* pages with free room, struct frame */
    struct list quarantine;          /* freed pages whose physical address a driver knows */
    uint64_t quarantined;            /* bytes */
    struct list dry_waiters;         /* threads suspended for want of memory, struct thread.wait_link */
    struct signal_binding pressure;
    struct pool *account; /* itself, or the innermost enclosing account */
    uint32_t weight;      /* of an account; 0: not one */
    struct sched_account sched;
    nanos_t cpu_time;
    uint64_t fail_after; /* test images: the n-th allocation from now fails; 0: never */
};

/* One page for the kernel's own structures, zeroed, charged to the pool; NULL if it has no room. */
void *pool_page_alloc(struct pool *p);
void pool_page_free(struct pool *p, void *page);

/* Zeroed memory of `size` <= 4096 bytes, 32-byte aligned; NULL if the pool has no room. */
void *pool_alloc(struct pool *p, size_t size);
void pool_free(struct pool *p, void *memory, size_t size);

/* Charges or credits `bytes` without allocating. Charge fails beyond the limit. */
bool pool_charge(struct pool *p, uint64_t bytes);
void pool_credit(struct pool *p, uint64_t bytes); /* also wakes dry_waiters */

/*
 * The current thread needs memory that the pool does not have: tells the holder and suspends the
 * thread until room appears, or, with no pressure signal bound here or in an enclosing pool, ends
 * the largest process in the pool. BLOCKED or AGAIN.
 */
err_t pool_dry(struct pool *p, struct thread *t);

err_t pool_create_root(uint64_t bytes, struct pool **out);
