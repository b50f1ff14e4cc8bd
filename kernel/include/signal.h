/* SPDX-License-Identifier: MIT */
/*
 * A signal is 64 sticky bits. Raising sets bits and wakes waiters in order of arrival, each taking
 * (clearing) the bits of its mask. A signal bound to an endpoint is received there instead, and has
 * no waiters. At most SIGNAL_WAITERS threads wait, so that raising takes bounded time.
 */
#pragma once
#include "object.h"
#include "pool.h"

struct endpoint;
struct thread;

#define SIGNAL_WAITERS 64u

struct signal {
    struct object object;
    uint64_t bits;
    struct list waiters;       /* struct thread.wait_link */
    struct endpoint *endpoint; /* bound */
    struct link *bindings;     /* struct signal_binding.link: timers, interrupts, pools */
};

bool signal_destroy(struct object *o); /* PREEMPTIBLE; waiters get REVOKED */
void signal_raise(struct signal *s, uint64_t bits);
void signal_binding_set(struct signal_binding *b, struct signal *s, uint64_t bits);
void signal_binding_clear(struct signal_binding *b);
/* PREEMPTIBLE: before it is cleared. Threads that wait for what its holder does look again. */
bool signal_binding_forget(struct signal_binding *b);
static inline void signal_binding_raise(struct signal_binding *b) {
    if (b->signal)
        signal_raise(b->signal, b->bits);
}
