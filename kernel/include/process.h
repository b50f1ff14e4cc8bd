/* SPDX-License-Identifier: MIT */
/*
 * A process: an address space, a handle table, a system-call filter and an upcall entry. It lives
 * until its last thread ended or it is killed; what is left then is the reason, for whoever holds a
 * handle. A dying process is torn down by whoever killed it and, so that this does not depend on
 * the killer, by its own first thread in kernel mode, or else by objects_settle.
 */
#pragma once
#include "abi/syscall.h"
#include "notice.h"
#include "object.h"
#include "slot.h"
#include "space.h"

enum process_state { PROCESS_BUILDING, PROCESS_ALIVE, PROCESS_DYING, PROCESS_ENDED };

struct process {
    struct object object;
    uint64_t identity;
    uint8_t state;
    bool started; /* it had a thread, and so holds itself until it is torn down */
    uint64_t
        claimed_by; /* the thread that copies into it or becomes it; it can only be ended then */
    struct space *space; /* its own allocation: become exchanges the pointers */
    struct slot_table slots;
    struct list threads;   /* struct thread.of_process */
    uint32_t thread_count; /* at most PROCESS_THREADS */
    uint32_t live_threads; /* started, not ended */
    struct syscall_filter filter;
    bool message_calls_allowed; /* the three of the fast path pass the filter */
    vaddr_t upcall_entry, upcall_fixup;
    struct notice ended; /* MESSAGE_ENDED */
    uint64_t cookie;
    uint64_t reason, code, address; /* of its end */
    uint64_t ticks;                 /* that threads ran that are gone */
};

#define PROCESS_THREADS 1024u

/* Neither ended nor claimed: its memory, handles and threads may be changed from outside. */
static inline bool process_usable(const struct process *p) {
    return p->state <= PROCESS_ALIVE && !p->claimed_by;
}

/* Its threads may set priorities up to `priority`. */
err_t process_create(struct pool *pool, uint64_t priority, struct process **out);
/* Forbids what `by` forbids. */
void process_narrow(struct process *p, const struct syscall_filter *by);
/* Begins the end: no thread of it runs user code any more. Finish with process_teardown. */
void process_end(struct process *p, unsigned reason, uint64_t code, vaddr_t address);
bool process_teardown(struct process *p); /* PREEMPTIBLE */
bool process_destroy(struct object *o);   /* PREEMPTIBLE */
bool process_settle(struct process *p);   /* PREEMPTIBLE: the teardown of one without threads */
bool process_unused(struct object *o);
