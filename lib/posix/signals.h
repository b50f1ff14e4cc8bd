/* SPDX-License-Identifier: MIT */
/*
 * The inside of signals: which are pending, what is done about them, and the frames of handlers.
 *
 * While the library works its thread's upcalls are masked (block.upcall_mask, set by the first
 * instruction of each call): a handler begins when the thread is in the program's code, by an
 * upcall, or at the end of a call. An interrupt that comes in between ends the call's wait, or the
 * next one; since something else may have taken it, each wait of a call looks first
 * (signals_waiting). A wait that comes out of that as INTERRUPTED ends its call with -EINTR.
 */
#pragma once
#include <signal.h>

#include "abi/ipc.h"
#include "lib/posix/offsets.h"
#include "lib/posix/process.h"
#include "lib/sys/thread.h"

#define SIGNALS         ((int)PROC_SIGNALS)
#define SIGNAL_BIT(s)   (1ull << ((s)-1))
#define SIGNALS_CERTAIN (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)) /* never held back */
#define SIGNAL_CANCEL   33                                          /* of musl: pthread_cancel */
#define SIGNALS_STOP                                                                               \
    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define SIGNALS_NOTHING /* done about them by default */                                           \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGCONT))

/* Places in upcall_frame.general, and flags as a program begins with them. */
enum general {
    GENERAL_RAX,
    GENERAL_RBX,
    GENERAL_RCX,
    GENERAL_RDX,
    GENERAL_RSI,
    GENERAL_RDI,
    GENERAL_RBP,
    GENERAL_R8,
    GENERAL_R9,
    GENERAL_R10,
    GENERAL_R11,
    GENERAL_R12,
    GENERAL_R13,
    GENERAL_R14,
    GENERAL_R15,
};
#define FLAGS_PLAIN 0x202u

/* What the program sets for a signal: rt_sigaction's structure, in Linux' order. */
struct signal_action {
    uint64_t handler, flags, restorer, mask;
};

/* Of the last fault, as Linux tells it in each frame. */
struct signal_fault {
    uint64_t trap, error, address;
};

/* A thread's signals. What others read or change is changed under the lock of signal_set.c. */
struct thread_signals {
    struct thread_signals *next; /* of the process */
    long number;
    struct thread_cap thread; /* for others to interrupt it; HANDLE_NONE: it is the only one */
    uint64_t mask;            /* changed by the thread itself, read by others */
    uint64_t awaited;         /* what sigtimedwait waits for, beside what is not in the mask */
    struct signals_pending pending;
    /* The thread's own. */
    uint64_t kept_mask; /* to be the mask when the call is over, if keeps_mask */
    bool keeps_mask;
    uint64_t deadline; /* of the call that is under way; 0: none yet */
    struct signal_fault fault;
    stack_t alternate;
};

static inline struct thread_signals *signals_own(void) {
    return (struct thread_signals *)thread_block()->user[USER_SIGNALS];
}

/* A signal that was taken: what is told about it, and what is set for it. */
struct signal_taken {
    int number;
    struct signal_note note;
    struct signal_action action;
    uint64_t sequence; /* of `proc`'s page, when it was taken */
};

/* A call as signal.S puts it on the stack. */
struct call_frame {
    long number, argument[6];
    uint64_t r15, r14, r13, r12, rbx, rbp;
    uint64_t back; /* where the caller goes on; the stack pointer there is behind this */
};

/* ---- signal_set.c: what is pending, and what is set ---- */

void signals_lock(void);
void signals_unlock(void);
/* All threads, and what is pending for the process: under the lock. */
extern struct thread_signals *signal_threads;
extern struct signals_pending signals_shared;

/* Whether the thread must look: a signal for it may be pending. Without the lock. */
extern uint64_t signals_taken; /* sequence of the page up to which they were moved from there */
static inline uint64_t signals_pending_for(const struct thread_signals *own) {
    return __atomic_load_n(&own->pending.set, __ATOMIC_RELAXED) |
           __atomic_load_n(&signals_shared.set, __ATOMIC_RELAXED);
}
static inline bool signals_due(const struct thread_signals *own) {
    const struct proc_page *page = proc_page();
    return signals_pending_for(own) & ~own->mask || (page && page->sequence != signals_taken);
}
/* Takes a signal of `set` that is pending, the first in Linux' order; false: there is none. */
bool signal_take(uint64_t set, struct signal_taken *out);
/* Changes the mask, as sigprocmask. */
void signal_mask_set(uint64_t mask);
/* The mask for the time of this call alone, even if it is done again. */
void signal_mask_for_call(uint64_t mask);
/* Marks one: for a thread, or for the process (NULL); and interrupts who is to take it, if that is
 * not the caller (who may be NULL: a thread that takes none). With the lock. */
void signal_post(struct thread_signals *own, struct thread_signals *to, int signal,
                 const struct signal_note *note);
/* Interrupts others for what is pending and the caller does not take. With the lock. */
void signals_pass_on(const struct thread_signals *own);
/* ... for a thread that ends, and is not in the list any more. */
void signals_look_for_others(void);
/* What is set for a signal that is about to be acted on; SA_RESETHAND takes effect. */
struct signal_action signal_action_for(int signal);
static inline bool signal_handled(const struct signal_action *a) {
    return a->handler != (uint64_t)SIG_DFL && a->handler != (uint64_t)SIG_IGN;
}
bool signal_has_handler(int signal);
/* -EINVAL: a set is of another size; -EFAULT; else the set, without what cannot be held back. */
long signal_set_get(long at, long size, uint64_t *set);

/* ---- signal_threads.c ---- */

/* Others can interrupt the calling thread from now on. */
err_t signals_reach_caller(void);
/* Their handles, for exec. */
void threads_keep(struct signals_kept *to);
void threads_restore(const struct signals_kept *from);
/* The caller is the only thread of a copy of its process. */
void threads_after_fork(void);

/* ---- signal_deliver.c ---- */

/* Acts on what is pending for the caller until there is one with a handler: true. */
bool signal_next(struct signal_taken *out);
/* ... and has the handlers begin where `context` goes on. */
void signals_deliver(struct upcall_frame *context);
/* Ends the process as the signal does. */
_Noreturn void signal_end(int signal);
/* The end of a call with something to look at. True: the call is to be done again. May go to a
 * handler instead of returning. */
bool signals_after_call(const struct call_frame *f, long result);
/* ... of a call that came by the upcall `frame`, with its arguments; lib/linux. */
bool signals_after_foreign(struct upcall_frame *frame, const long *a, long result);

/* ---- signal_frame.c ---- */

/* Makes a frame for a handler on the user's stack: `context` begins the handler then. */
void signal_frame_push(struct upcall_frame *context, const struct signal_taken *s);
/* sigaltstack(2) of a thread whose stack pointer is `sp`. */
long signal_alternate(const long *a, uint64_t sp);
/* Saves the extended state below `sp` and its red zone; where, or 0: there is no room. */
uint64_t signal_state_below(uint64_t sp);
void signal_siginfo_put(siginfo_t *to, int signal, const struct signal_note *note);

/* ---- signal_fault.c: called by signal.S and touch.S on the upcall stack ---- */

_Noreturn void signal_upcall(struct upcall_frame *frame, uint64_t reason);
_Noreturn void signal_fixup(const struct upcall_frame *frame);

/* ---- call.c: called by signal.S ---- */

long posix_call(struct call_frame *f);
/* One call, without what signals make of it. */
long call_by_number(long n, const long *a);

/* ---- signal.S ---- */

void signal_upcall_entry(void);
/*
 * Goes on in a function on the stack of the thread's upcalls, with a copy of `size` bytes of its
 * argument: frames are made where a call's own stack is. No upcall is under way, since they are
 * masked and no call comes from one.
 */
_Noreturn void signal_off_stack(void (*run)(const void *argument), const void *argument,
                                size_t size);
_Noreturn void signal_leave(uint64_t stack, void (*run)(const void *), const void *argument);
/* Loads all registers, ends the mask and goes on. */
_Noreturn void signal_resume(const struct upcall_frame *context);
/* The extended state at an address of 64 bytes' alignment: saved, loaded. */
void signal_state_save(void *to);
void signal_state_load(const void *from);
/* After these the mask has ended and signal_resume has only words of the block to load. */
extern const char signal_resume_open[], signal_resume_end[];
