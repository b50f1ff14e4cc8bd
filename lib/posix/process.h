/* SPDX-License-Identifier: MIT */
/*
 * The process as `proc` knows it (abi/proc.h). A program that `proc` does not know has number 1, no
 * parent and no children.
 */
#pragma once
#include "abi/ipc.h"
#include "abi/proc.h"
#include "lib/posix/posix.h"

/* ---- proc.c ---- */

/* The process has a page of `proc` at PROC_PAGE_ADDRESS: at its start, in a fork's child and after
 * exec. */
void proc_begin(void);
/* Its page, in which numbers may change at any time; NULL: it is not known. */
extern bool proc_known;
static inline const struct proc_page *proc_page(void) {
    return proc_known ? (const struct proc_page *)PROC_PAGE_ADDRESS : NULL;
}
/* The process's number. */
long proc_number(void);

/*
 * Asks `proc`: the words are the answer's afterwards. Handles are moved, or still there if it
 * fails before they arrived. An interrupted call is repeated. NOT_FOUND: the process is not known.
 */
err_t proc_ask(uint64_t op, uint64_t word[MESSAGE_WORDS]);
err_t proc_ask_with(uint64_t op, uint64_t word[MESSAGE_WORDS], const struct handle_send *send,
                    unsigned count);
/* Tells what the process is called; without `proc`, nobody. */
void proc_command(const char name[PROC_NAME_SIZE], const char *arguments, size_t length);
void proc_name(const char name[PROC_NAME_SIZE]);
/* One that is not repeated: INTERRUPTED. */
err_t proc_ask_once(uint64_t op, uint64_t word[MESSAGE_WORDS]);

/* ---- what a fork's child changes, when it is the only thread and no lock is held ---- */

/* Calls and other threads of the parent hold nothing: only numbers and the working directory do.
 * Numbers that were reserved are free. */
void descriptors_after_fork(void);
/* What is pending is the parent's, and so are its other threads. */
void signals_after_fork(void);
/* The program's code goes on without a return from a call. */
void signals_unmask(void);

/* ---- what exec keeps (state.c) ---- */

/* What is told about a signal: Linux' si_code, and what that means the rest to be: the process that
 * raised it and a value; of a fault, its address; of a child's end, as struct proc_raised. */
struct signal_note {
    int32_t code;
    uint32_t process;
    uint64_t value;
};

/* A signal is pending once, with what it said first. Signal s is bit s - 1. */
struct signals_pending {
    uint64_t set;
    struct signal_note note[PROC_SIGNALS + 1];
};

/* What is kept of signals: what is ignored, the mask and what is pending for the thread. */
struct signals_kept {
    uint64_t ignored, mask;
    uint64_t sequence; /* of `proc`'s page, up to which they were taken */
    uint64_t children; /* what `proc` was told about them */
    struct signals_pending pending;
    uint64_t alarm_deadline, alarm_interval; /* of setitimer */
    /* Handles of threads: of the one that goes on, and of others, to be closed. Those of more
     * threads than there is room for stay open. */
    handle_t own, others[63];
};
void signals_keep(struct signals_kept *to);
void signals_restore(const struct signals_kept *from);

/* ---- signals, for the calls that meet them ---- */

/* The program begins: upcalls come here when signals_unmask was called. */
void signals_begin(void);
/* Whether a signal is pending that the thread would act on: then a call does not begin to wait, and
 * ends with -EINTR. To be asked right before each wait. */
bool signals_waiting(void);
/* Raises one for the calling thread, which acts on it when the call ends; as Linux does itself. */
void signal_own(int signal);
/* Whether it would do nothing now to the calling thread. */
bool signal_ignored_or_blocked(int signal);
/* Raises one in the caller's group through `proc` and acts on it, should it stop or end the
 * process. 0; -EINTR: there is a handler for it, which the end of the call begins. */
long signal_group(int signal);
/* A deadline for the call that is under way, from a time that counts from its beginning: the same
 * each time that it is done again. 0 or -EINVAL. */
struct timespec;
long call_deadline(const struct timespec *relative, uint64_t *deadline);
/* The calling thread ends: false, it is the last of the process. */
bool signals_thread_end(void);

/* ---- background.c ---- */

/*
 * A terminal refused a call because the process is in the background: SIGTTIN, it would read, or
 * SIGTTOU, it would change something. 0: the call is tried again, with TTY_ANYWAY if `*insist`; or
 * -errno.
 */
long background(int signal, bool *insist);

/* ---- signal_frame.c ---- */

/* Bytes of stack that a handler needs to begin. */
uint64_t signal_frame_most(void);

/* ---- usage.c: processor time in nanoseconds ---- */

uint64_t usage_process(void);
uint64_t usage_thread(void);

/* ---- title.c ---- */

/* The program begins: others see its arguments, and the name by which it was started. */
void title_from_page(void);
/* Those that exec has put at `vector`. */
void title_from_vector(const uint64_t *vector);
