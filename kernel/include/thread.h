/* SPDX-License-Identifier: MIT */
/*
 * A thread: saved registers, a thread block, scheduling state, and the call that it may have in
 * flight. All kernel work for a thread that waits or was preempted is described here, since
 * there is one kernel stack per CPU. The call record is the caller's: a call needs no allocation.
 */
#pragma once
#include "abi/ipc.h"
#include "arch/regs.h"
#include "notice.h"
#include "object.h"
#include "sched.h"
#include "slot.h"

struct endpoint;
struct memory;
struct process;

enum thread_state {
    STATE_NEW,
    STATE_READY,   /* queued or running */
    STATE_CALLING, /* call.state says where */
    STATE_RECEIVING,
    STATE_WAITING, /* signal, futex, memory: waiting_for */
    STATE_ENDED,
};

enum call_state { CALL_NONE, CALL_QUEUED, CALL_RECEIVED };

struct call {
    uint8_t state;  /* enum call_state */
    bool parked;
    bool page;      /* a page fault asked for at a pager, not a message */
    struct endpoint *endpoint; /* where it is queued or was received; NULL if that is gone */
    struct dependent via;      /* the session handle */
    uint64_t badge;            /* of the session; page: of the memory object */
    struct slot *reply;        /* RECEIVED: the slot that holds the right to answer */
    struct thread *server;     /* RECEIVED, not parked: who serves it, at this thread's priority */
    struct tree_node donation; /* in server->donations; key: 255 - priority */
    struct tree_node queue;    /* QUEUED: in endpoint->queue; key: 255 - priority */
    struct window read, write; /* the caller's windows, as fetched at the call */
    uint64_t cookie;           /* parked: for MESSAGE_GONE */
    struct forwarded *forwarded; /* what a forwarder sent along while the call is queued */
    uint64_t page_offset;      /* page: bytes into the object */
    struct memory *page_memory;
};

/* What keeps a thread from just running on; looked at on each way out of the kernel. */
enum attention {
    ATTEND_SUSPENDED = 1,
    ATTEND_INTERRUPT = 2, /* an interrupt is pending */
    ATTEND_RESTART = 4,   /* run the system call in `regs` again before user code */
    ATTEND_DYING = 8,     /* its process ends: no more user code */
};

enum wait_kind { WAIT_NONE, WAIT_SIGNAL, WAIT_FUTEX, WAIT_POOL };

struct thread {
    struct regs regs; /* first: the entry code stores here */
    struct object object;
    struct arch_thread *arch; /* FPU area and the like; charged to the process's pool */
    struct process *process;
    struct thread_block *block; /* kernel address of the thread block */
    vaddr_t block_address;      /* user address of it */
    struct sched_entity sched;
    uint8_t state;    /* enum thread_state */
    uint8_t base_priority;
    uint8_t attention; /* enum attention */
    bool idle;         /* a CPU's idle loop */
    bool undertaker;   /* tears its process down instead of running user code */
    bool page_failed;  /* the pager refused the last page asked for */
    unsigned cpu;     /* runs, ran last or is queued there */
    uint64_t affinity;
    struct call call;
    struct tree donations; /* struct call.donation: unanswered, unparked calls being served */
    /* RECEIVING */
    struct endpoint *receiving;
    struct slot *reply_slot; /* reserved for the next message; object NULL */
    struct slot *spare;      /* more reserved slots, for received handles; linked by next */
    uint8_t spare_count;
    uint8_t accepting;       /* handles accepted */
    struct list receiver;    /* in endpoint->receivers */
    /* WAITING */
    uint8_t wait_kind;
    void *wait_object;
    uint64_t wait_mask;
    uint64_t wait_key[2];   /* futex */
    struct list wait_link;
    struct tree_node wait_node; /* futex: in its bucket; key: hash of wait_key */
    struct tree_node alarm; /* deadline of whatever it waits for; in the CPU's timer tree */
    struct list of_process; /* in process->threads */
    uint64_t identity;
    nanos_t cpu_time;
    handle_t progress;      /* object under construction by a preempted call; see process_clone */
    struct slot self;       /* HANDLE_THREAD */
};

err_t thread_create(struct process *p, vaddr_t block, unsigned priority, struct thread **out);
bool thread_destroy(struct object *o); /* PREEMPTIBLE */
bool thread_unused(struct object *o);

/* Ends whatever `t` waits for; it will return `e` from its system call. Not for calls in flight. */
void thread_wake(struct thread *t, err_t e);
/* Makes a thread ready on the CPU that the policy chooses, and that CPU look again. */
void thread_ready(struct thread *t);
/* Takes the current thread off its CPU; its state says why. */
void thread_block_current(struct thread *t);
/* Begins a wait of the current thread with an absolute deadline (NANOS_NEVER: none). BLOCKED; or
 * INTERRUPTED at once if an interrupt is pending; or TIMED_OUT if the deadline has passed. The caller
 * then links wait_link into the object's queue. */
err_t thread_wait(struct thread *t, enum wait_kind kind, void *object, nanos_t deadline);
void thread_end(struct thread *t);      /* never runs again */
void thread_interrupt(struct thread *t);
/* Sets the status (and so the error) that the thread's system call returns. */
static inline void thread_status(struct thread *t, err_t e) {
    t->regs.status = e.code | (uint64_t)e.argument << 16;
}
void thread_priority_changed(struct thread *t); /* recompute from base and donations, requeue */
