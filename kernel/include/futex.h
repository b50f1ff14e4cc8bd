/* SPDX-License-Identifier: MIT */
/*
 * Futex queues: a fixed hash table of trees of waiting threads, keyed by (space, address) or by
 * (identity of the memory object, offset).
 */
#pragma once
#include "types.h"

struct thread;
struct space;

void futex_init(void);
void futex_cancel(struct thread *t); /* takes a waiting thread out */
#define FUTEX_BATCH   64u /* threads woken or moved per call; who wants more calls again */
#define FUTEX_PARTIAL 64u /* threads that wait on one word with a mask that has not all bits */

/* Wakes up to `count` <= FUTEX_BATCH waiters of a private word; for thread_exit. */
void futex_wake_private(struct space *s, vaddr_t word, unsigned count);
