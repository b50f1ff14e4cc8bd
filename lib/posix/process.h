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
const struct proc_page *proc_page(void);
/* The process's number. */
long proc_number(void);

/*
 * Asks `proc`: the words are the answer's afterwards. Handles are moved, or still there if it
 * fails before they arrived. An interrupted call is repeated. NOT_FOUND: the process is not known.
 */
err_t proc_ask(uint64_t op, uint64_t word[MESSAGE_WORDS]);
err_t proc_ask_with(uint64_t op, uint64_t word[MESSAGE_WORDS], const struct handle_send *send,
                    unsigned count);
/* One that is not repeated: INTERRUPTED. */
err_t proc_ask_once(uint64_t op, uint64_t word[MESSAGE_WORDS]);

/* ---- what a fork's child changes, when it is the only thread and no lock is held ---- */

/* Calls and other threads of the parent hold nothing: only numbers and the working directory do.
 * Numbers that were reserved are free. */
void descriptors_after_fork(void);
/* What is pending is the parent's. */
void signals_after_fork(void);

/* ---- what exec keeps (state.c) ---- */

/* What is kept of signals. */
struct signals_kept {
    uint64_t ignored;  /* bit s - 1 for signal s */
    uint64_t mask;     /* ... of the thread */
    uint64_t sequence; /* of `proc`'s page, up to which they were taken */
};
void signals_keep(struct signals_kept *to);
void signals_restore(const struct signals_kept *from);

/* Acts on signals that are pending: every call ends with it. */
void signals_look(void);
/* Raises one for the calling process itself. */
long signal_own(int signal);
/* Whether it does nothing to the calling thread. */
bool signal_ignored_or_blocked(int signal);
/* Raises one in the process's own group and acts on it. 0, or -errno if the call is over. */
long signal_group(int signal);

/* ---- background.c ---- */

/*
 * A terminal refused a call because the process is in the background: SIGTTIN, it would read, or
 * SIGTTOU, it would change something. 0: the call is tried again, with TTY_ANYWAY if `*insist`; or
 * -errno.
 */
long background(int signal, bool *insist);
