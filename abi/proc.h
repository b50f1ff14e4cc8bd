/* SPDX-License-Identifier: MIT */
/*
 * The protocol of `proc`, the server that keeps what no process may decide alone: numbers, parents,
 * groups, sessions, who waits for whom, what signals are pending. A session of it is the identity
 * of one process and answers that process alone. See docs/man/5/proc.md.
 *
 * The low half of the operation word is an enum proc_op; the answer's is the error (abi/err.def).
 * Numbers of processes, groups and sessions are 1 to PROC_NUMBER_MAX; signals have Linux's numbers.
 */
#pragma once
#include <stdint.h>

#include "handle.h"

enum proc_op {
    PROC_FORK = 0x200, /* handles: process, its thread, both new; words: 0 entry, 1 stack pointer, 2
                          argument, 3 page or 0, 4 PROC_FORK_*. Answer: word 0 number */
    PROC_EXEC,         /* handles: process to become, the calling thread; word 0 page there or 0 */
    PROC_THREAD,       /* handle: the thread of the caller that signals interrupt from now on */
    PROC_WAIT, /* word 0 enum proc_who, 1 number, 2 PROC_WAIT_*. Answer: word 0 number, 0: nobody
                  yet; 1 enum proc_how; 2 exit code or signal; 3 its processor time and that of
                  those it waited for, nanoseconds */
    PROC_KILL, /* word 0 target as of kill(2), signed; 1 signal or 0; 2 code, signed, at most 0;
                  3 value */
    PROC_GET,  /* word 0 number, 0: the caller. Answer: word 0 number, 1 parent, 2 group, 3 session,
                  4 processor time of those that it waited for, nanoseconds; 5 PROC_ORPHANED or 0 */
    PROC_GROUP,    /* as setpgid(2): word 0 number, 1 group; 0 in each as there */
    PROC_SESSION,  /* as setsid(2). Answer: word 0 session */
    PROC_CHILDREN, /* word 0 PROC_CHILDREN_*: what is done about ends and stops of children */
    PROC_STOP,     /* word 0 signal; 1 page.sequence when it was taken. Answered when continued */
    PROC_NAME,     /* words 0 and 1: what the process calls itself, bytes, NUL behind them */
    PROC_COMMAND, /* word 0 length, 1 and 2 the name; read window: the arguments of its program, NUL
                     behind each */
    PROC_SWEEP,   /* process 1: a pool was destroyed; whose process went with it has ended */
    PROC_OPS,
};

#define PROC_NUMBER_MAX  0x3fffffu
#define PROC_NAME_SIZE   16u  /* bytes with the NUL */
#define PROC_COMMAND_MAX 240u /* bytes; what is longer is cut off */
/* The badge of process 1: whoever has the endpoint makes its session. */
#define PROC_FIRST 0x10001ull
/* Where `init` has the page of what it starts. */
#define PROC_PAGE_ADDRESS 0x7ff000300000ull

/* PROC_FORK: the child is the first of a new domain, which sees nothing of those around it. */
#define PROC_FORK_DOMAIN 1u

/* PROC_GET: nobody outside its group, but inside its session, is the parent of a member: so nobody
 * would continue the group if it stopped. */
#define PROC_ORPHANED 1u

enum proc_who { PROC_ANY, PROC_NUMBER, PROC_IN_GROUP /* 0: the caller's */ };

#define PROC_WAIT_NOW       1u  /* do not wait */
#define PROC_WAIT_STOPPED   2u  /* tell of stops */
#define PROC_WAIT_ENDED     4u  /* ... ends */
#define PROC_WAIT_CONTINUED 8u  /* ... continuations */
#define PROC_WAIT_KEEP      16u /* it can be told once more */
#define PROC_WAIT_ALL       31u

/* How a child changed: Linux's si_code of SIGCHLD. */
enum proc_how {
    PROC_EXITED = 1,
    PROC_KILLED = 2,
    PROC_DUMPED = 3,
    PROC_STOPPED = 5,
    PROC_CONTINUED = 6,
};

#define PROC_CHILDREN_REAP  1u /* nobody waits for them: forget them when they end */
#define PROC_CHILDREN_QUIET 2u /* no SIGCHLD at all */
#define PROC_CHILDREN_ENDS  4u /* no SIGCHLD for stops and continuations */
#define PROC_CHILDREN_ALL   7u

/*
 * The code with which a process ends itself (process_exit) when it dies by a signal, which is
 * added. With any other code it exits, and the low 8 bits tell how.
 */
#define PROC_END_BY_SIGNAL 0x70726f6300000000ull
#define PROC_END_DUMPED    0x80u

enum proc_signals {
    PROC_SIGHUP = 1,
    PROC_SIGILL = 4,
    PROC_SIGTRAP = 5,
    PROC_SIGBUS = 7,
    PROC_SIGFPE = 8,
    PROC_SIGKILL = 9,
    PROC_SIGSEGV = 11,
    PROC_SIGCHLD = 17,
    PROC_SIGCONT = 18,
    PROC_SIGSTOP = 19,
    PROC_SIGTSTP = 20,
    PROC_SIGTTIN = 21,
    PROC_SIGTTOU = 22,
    PROC_SIGSYS = 31,
    PROC_SIGNALS = 64, /* the highest */
};

/* The last time that a signal was raised. SIGCHLD: code is enum proc_how, value the exit code or
 * signal, process the child. */
struct proc_raised {
    uint64_t sequence; /* 0: never */
    int32_t code;
    uint32_t process; /* that raised it; 0: one outside the domain, or `proc` */
    uint64_t value;
};

/*
 * The page that each process has of `proc`, to be read only. Signal s is pending if
 * raised[s].sequence is above the value that it had when the process took s last. `sequence` is the
 * highest of them. `proc` writes the rest of a record before its sequence, and that before
 * `sequence`: who takes a signal reads sequence, record, sequence, until both are the same.
 */
struct proc_page {
    uint64_t sequence;
    handle_t session; /* with `proc` */
    uint32_t number, parent, group, session_number;
    struct proc_raised raised[PROC_SIGNALS + 1];
};
