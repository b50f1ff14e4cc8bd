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

/* The last handle that was good for one purpose. */
struct recent {
    handle_t handle;
    uint64_t state;    /* that its slot had then; ~0, which none has: there was none */
    struct slot *slot; /* a place of the table, whatever is in it now */
};

enum thread_state {
    STATE_NEW,
    STATE_READY,   /* queued or running */
    STATE_CALLING, /* call.state says where */
    STATE_RECEIVING,
    STATE_WAITING, /* for a signal, a futex, memory */
    STATE_ENDED,
};

enum call_state { CALL_NONE, CALL_QUEUED, CALL_RECEIVED };

enum call_beside {
    CALL_WINDOWS = 1,   /* it may have some; else their lengths are 0 */
    CALL_FORWARDED = 2, /* `forwarded` may be there */
};

#define CALL_PLAIN(state)  ((uint32_t)(state))
#define CALL_PLAIN_WINDOWS (CALL_WINDOWS << 24) /* in a summary */

struct call {
    union {
        struct {
            uint8_t state; /* enum call_state */
            bool parked;
            bool page;      /* a page fault asked for at a pager, not a message */
            uint8_t beside; /* enum call_beside */
        };
        uint32_t summary; /* to be compared at once: CALL_PLAIN */
    };
    struct endpoint *endpoint; /* where it is queued or was received; NULL if that is gone */
    struct dependent via;      /* the session handle */
    uint64_t badge;            /* of the session; page: of the memory object */
    struct slot *reply;        /* RECEIVED: the slot that holds the right to answer */
    handle_t reply_handle;     /* its handle, in the table of `server` if there is one */
    struct thread *server;     /* RECEIVED, not parked: who serves it, at this thread's priority */
    struct tree_node donation; /* in server->donations; PRIORITY_KEY */
    struct tree_node queue;    /* QUEUED: in endpoint->queue; PRIORITY_KEY */
    struct window read, write; /* the caller's windows, as fetched at the call */
    struct forwarded *forwarded; /* what a forwarder sent along */
    /* The last page asked for; only compared, so the object may be gone. */
    const struct memory *page_memory;
    uint64_t page_offset;            /* bytes into the object */
    vaddr_t page_address;            /* where it was touched */
    struct link of_space, of_memory; /* page: in space->requests and page_memory->requests */
    uint32_t page_access;
    nanos_t page_deadline;
};

/* What keeps a thread from just running on; looked at on each way out of the kernel. */
enum attention {
    ATTEND_SUSPENDED = 1,
    ATTEND_INTERRUPT = 2,  /* an interrupt is pending */
    ATTEND_RESTART = 4,    /* run the system call in `regs` again before user code */
    ATTEND_DYING = 8,      /* its process ends: no more user code */
    ATTEND_FORWARDED = 16, /* handles that were sent along with its last call are to be closed */
    ATTEND_MIGRATE = 32,   /* it may no longer use this CPU */
    ATTEND_IDLE = 64,      /* it is an idle thread: there may be another one to run */
};

#define THREAD_PLAIN(state) ((uint32_t)(state)) /* and nothing else to think of */

enum wait_kind { WAIT_NONE, WAIT_SIGNAL, WAIT_FUTEX, WAIT_POOL };

struct futex_key {
    uint64_t first, second; /* space and address, or identity of the memory object and offset */
};

struct thread {
    struct regs regs; /* first: the entry code stores here */
    struct object object;
    struct arch_thread *arch; /* FPU area and the like; charged to the process's pool */
    struct process *process;
    struct thread_block *block; /* kernel address of the thread block */
    vaddr_t block_address;      /* user address of it */
    paddr_t table;              /* the page table of its space */
    struct sched_entity sched;
    union {
        struct {
            uint8_t state;     /* enum thread_state */
            uint8_t attention; /* enum attention */
            bool timed;        /* it has an alarm */
            bool filtered;     /* its process may not make the message calls of the fast path */
        };
        uint32_t summary; /* to be compared at once: THREAD_PLAIN */
    };
    uint8_t base_priority;
    bool idle;        /* a CPU's idle loop */
    bool undertaker;  /* tears its process down instead of running user code */
    bool page_failed; /* the pager refused the last page asked for, or was too slow */
    bool page_retry;  /* the pager died: its successor has the rest of the time */
    unsigned cpu;     /* runs, ran last or is queued there */
    uint64_t affinity;
    struct sched_account *account; /* its own; sched.account is its or that of the call it serves */
    struct call call;
    struct tree donations; /* struct call.donation: unanswered, unparked calls being served */
    uint64_t sender_process, sender_account; /* what receivers are told about it */
    struct recent session, endpoint;
    /* RECEIVING */
    struct slot *reply_slot; /* reserved for the next message; object NULL */
    handle_t next_reply;     /* its handle, once it is used */
    struct slot *spare;      /* more reserved slots, for received handles; linked by next */
    uint8_t spare_count;
    uint8_t accepting;    /* handles accepted */
    struct list receiver; /* in endpoint->receivers */
    /* WAITING */
    uint8_t wait_kind;
    uint64_t wait_mask;        /* signal, futex: bits; pool: bytes of room that it needs */
    struct futex_key wait_key; /* futex: what it waits for, or its last call was about */
    struct list wait_link;
    struct tree_node wait_node; /* futex: in its bucket; key: hash of wait_key */
    struct tree_node alarm;     /* deadline of whatever it waits for; in the CPU's timer tree */
    struct list of_process;     /* in process->threads */
    uint64_t identity;
    uint64_t ticks;    /* that it ran */
    handle_t progress; /* object under construction by a preempted call; see process_clone */
    struct slot self;  /* HANDLE_THREAD */
};

/* A field of a thread block, which its user may change meanwhile, is read with this, and exactly
 * once. */
#define READ_ONCE(field) (*(const volatile __typeof__(field) *)&(field))

static inline struct window window_read(const struct window *w) {
    return (struct window){READ_ONCE(w->address), READ_ONCE(w->length)};
}

#define THREAD_PRIORITY_CHAIN 64u /* threads that a change of priority reaches through calls */

err_t thread_create(struct process *p, vaddr_t block, unsigned priority, struct thread **out);
bool thread_destroy(struct object *o); /* PREEMPTIBLE */
bool thread_unused(struct object *o);

/* PREEMPTIBLE: the long part of ending a thread, which can be done before. */
bool thread_prepare_end(struct thread *t);
/* Never runs again: takes it out of everything and frees all but the object, which it no longer
 * holds. The thread runs on no other CPU; if on this one, the idle thread is current afterwards. */
void thread_end(struct thread *t);

/* Ends what `t` waits for, if anything, calls in flight too; `e` is what its system call returns.
 */
void thread_abort(struct thread *t, err_t e);
/* Ends a wait of kind WAITING or RECEIVING that is already unlinked from what it waited for; its
 * system call returns `e`. */
void thread_wake(struct thread *t, err_t e);
/* Makes a thread ready on the CPU that the policy chooses, and that CPU look again. */
void thread_ready(struct thread *t);
/* Begins a wait of the current thread with an absolute deadline (NANOS_NEVER: none), as the last in
 * a queue (NULL: the caller puts it where it is found), with its `wait_mask`. BLOCKED; or
 * INTERRUPTED at once if an interrupt is pending; or TIMED_OUT if the deadline has passed.
 * WAIT_POOL: the system call or instruction runs again. */
err_t thread_wait(struct thread *t, enum wait_kind kind, nanos_t deadline, uint64_t mask,
                  struct list *queue);
void thread_interrupt(struct thread *t);
/* Is an interrupt pending that ends a wait of this kind before it begins? WAIT_POOL: for a page
 * too. */
bool thread_interrupted(struct thread *t, enum wait_kind kind);
/* Is it waiting in a system call, or at a faulting instruction? */
static inline bool thread_in_syscall(const struct thread *t) {
    return !t->regs.full;
}
/* Sets the status (and so the error) that the thread's system call returns. */
static inline void thread_status(struct thread *t, err_t e) {
    t->regs.status = e.code | (uint64_t)e.argument << 16;
}
/* Sets the priority that it runs with to the highest of its own and its donors'. */
void thread_priority_update(struct thread *t);
