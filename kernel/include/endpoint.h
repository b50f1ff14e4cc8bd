/* SPDX-License-Identifier: MIT */
/*
 * An endpoint is where a server receives; a session is a client's connection to it. Calls wait in
 * priority order in the callers' own call records. Notices and calls take turns, so that neither
 * keeps the other waiting. See docs/invariants.md for the states of a call.
 */
#pragma once
#include "notice.h"
#include "object.h"
#include "tree.h"

struct signal;
struct slot;
struct memory;
struct thread;

struct endpoint {
    struct object object;
    struct tree queue;     /* calls: struct call.queue */
    struct list receivers; /* waiting threads, first come first served */
    struct list notices;   /* struct notice.queue */
    struct list sources;   /* struct notice.source: all that may tell something here */
    struct signal *signal; /* bound */
    bool notice_last;      /* the last message received was a notice */
    struct tree sessions;  /* struct session.node; key: identity */
    uint64_t next_identity;
};

struct session {
    struct object object;
    struct endpoint *endpoint; /* NULL: the endpoint is gone */
    uint64_t badge;
    struct tree_node node;
    struct notice closed;
};

bool endpoint_destroy(struct object *o); /* PREEMPTIBLE */
bool session_destroy(struct object *o);
/* The bound signal has bits: tell a receiver. */
void endpoint_signalled(struct endpoint *e);

/* Calls. */
/* A page fault of the current thread becomes a call to the pager: BLOCKED; or INTERRUPTED.
 * BAD_ADDRESS if the pager just refused this page or was too slow: the fault stands (FAULT_BUS). */
err_t call_page(struct thread *t, struct memory *m, uint64_t offset, vaddr_t address,
                uint32_t access);
/* The last handle to a session is gone: its notice is told. False while that is under way. */
bool session_unused(struct object *o);
/* The holder gives up a reply slot: the call that it answers, if still in flight, ends PEER_DIED.
 */
void reply_close(struct slot *s);
/* Ends a call in flight wherever it is; the caller's system call returns `e`. */
void call_end(struct thread *caller, err_t e);
