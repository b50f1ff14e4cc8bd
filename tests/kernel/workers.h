/* SPDX-License-Identifier: MIT */
/*
 * Threads of a test and processes beside it. A worker is a thread of the test's process, on a stack
 * in its static memory. A caller is a worker that makes one call. A child is a clone of the test's
 * process as it is now, that runs one function; its static variables are its own from then on.
 */
#pragma once
#include "test.h"

#define WORKERS      24u
#define WORKER_STACK 16384u

struct worker {
    struct thread_cap thread;
    struct thread_block *block;
    uint32_t alive; /* futex word, cleared by the kernel when the thread is gone */
    unsigned stack;
    void (*run)(void *argument);
    void *argument;
};

/* Made but not started, so that its block can be filled in. False: recorded as failed. */
bool worker_make(struct worker *w, unsigned priority, void (*run)(void *), void *argument);
bool worker_go(struct worker *w);
bool worker_start(struct worker *w, unsigned priority, void (*run)(void *), void *argument);
/* Waits for its end, and gives its handle and stack back. */
bool worker_join(struct worker *w);
/* Waits until a word has at least a value, without keeping a processor busy. */
bool eventually(const volatile uint32_t *word, uint32_t value);
/* Waits until a thread waits in the kernel. */
bool settled(struct thread_cap t);
enum thread_state_abi thread_state(struct thread_cap t);

struct caller {
    struct worker worker;
    struct session_cap session;
    struct message m; /* sent, then received */
    err_t result;
};

bool caller_make(struct caller *c, struct session_cap session, uint64_t op);
bool caller_go(struct caller *c);
/* Both, and waits until it waits for its answer. */
bool caller_start(struct caller *c, struct session_cap session, uint64_t op);
bool caller_join(struct caller *c);
/* Joins and looks at the result. */
bool caller_ends(struct caller *c, enum err_code code);

struct child {
    struct process_cap process;
    struct thread_cap thread;
};

/* Makes the child without starting it; handles may be given to it first. */
bool child_make(struct child *c, struct pool_cap p, void (*run)(void *), void *argument);
bool child_go(struct child *c);
bool child_spawn(struct child *c, struct pool_cap p, void (*run)(void *), void *argument);
/* Makes this process's static memory its own, and the page tables that it needs, so that later uses
 * take no page. */
void memory_own(void);
/* Waits for its end; true if it ended by exit(0). Closes its handles. */
bool child_join(struct child *c);
/* Waits for its end and tells how; leaves the handles. */
bool child_wait(struct child *c, struct process_info *info);

#define SESSION_RIGHTS                                                                             \
    (RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_REVOKE | RIGHT_INFO | RIGHT_SESSION_CALL |               \
     RIGHT_SESSION_SERVER)
/* An endpoint with one session to it, with all rights. */
bool connect(struct endpoint_cap *e, struct session_cap *s, uint64_t badge);
/* Receives within PATIENCE_MS. */
err_t receive(struct endpoint_cap e, uint64_t op, struct message *m, enum message_kind *kind);
/* Receives what is there already, else TIMED_OUT. */
err_t poll(struct endpoint_cap e, uint64_t op, struct message *m, enum message_kind *kind);
/* Receives a call. */
err_t receive_call(struct endpoint_cap e, struct message *m);
/* A call with words that nobody looks at. */
err_t call(struct session_cap s, uint64_t op);
err_t answer(struct reply_cap reply, uint64_t op, uint64_t word);

/* Memory of the test, mapped at an address of its own. */
bool memory_make(uint64_t bytes, struct memory_cap *m, void *address);
/* Maps a whole object; flags as of process_map. */
err_t memory_map(struct memory_cap m, uint64_t bytes, uint32_t flags, void *address);
/* Visible to children, too: the same memory in all clones. */
void *shared_page(void);
/* Does touching an address fault? For reading or writing; through a child of its own. */
bool touch_ends(struct pool_cap p, volatile void *address, bool write, uint64_t *code);
