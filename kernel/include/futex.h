/* SPDX-License-Identifier: MIT */
/* Futex queues: a fixed hash table of waiting threads, keyed by (space, address) or (object, offset). */
#pragma once
#include "types.h"

struct thread;
struct space;

void futex_init(void);
void futex_cancel(struct thread *t); /* takes a waiting thread out */
/* Wakes up to `count` waiters of a private word; for thread_exit. */
void futex_wake_private(struct space *s, vaddr_t word, unsigned count);
