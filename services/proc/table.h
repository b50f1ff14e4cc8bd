/* SPDX-License-Identifier: MIT */
/*
 * The processes: who is whose child, member of which group and session, in which state. No part of
 * it makes a system call: what has to be done to the process itself is done by the functions of
 * services/proc/body.h, which tests replace. Nothing is allocated: the limits below are the size.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "abi/proc.h"
#include "services/proc/list.h"

#define PROCESSES_MAX   4096u
#define ACCOUNTS_MAX    256u /* with processes at one time */
#define DOMAINS_MAX     1024u
#define DOMAIN_DEPTH    16u
#define WAITS_MAX       4096u /* calls that wait, in all */
#define WAITS_ACCOUNT   1024u
#define WAITS_EACH      64u   /* of one process */
#define PROCESSES_USUAL 2048u /* of one account */

/* A number in use: of a process, of a group, of a session, or of several. */
struct number {
    struct number *next; /* with the same hash */
    uint32_t value, uses;
    struct process *process; /* NULL: it is gone, its group or session is left */
    uint64_t looked_at;      /* the end of a process for which the group was looked at last */
    struct list members;     /* of the group */
};

struct account {
    uint64_t id;
    uint32_t processes, waits; /* no processes: unused */
};

/* Processes see those of their own domain and of those inside it. */
struct domain {
    struct domain *outer;
    uint32_t uses, depth;
    uint64_t spent; /* processor time of all that ended in it and inside it, nanoseconds */
};

enum process_state { PROCESS_FREE, PROCESS_RUNS, PROCESS_STOPPED, PROCESS_ENDED };

struct process {
    uint64_t badge;              /* of its session, and cookie of its end */
    uint64_t kernel;             /* the kernel's identity of it; 0: not known, and not asked for */
    struct process *same_kernel; /* the next with the same hash of that */
    struct account *account;
    struct domain *domain;
    struct number *number, *group, *session;
    struct process *parent; /* NULL: process 1 */
    struct list children, sibling, member, waits;
    uint32_t wait_count;
    enum process_state state;
    uint32_t how, code; /* ended: enum proc_how, exit code or signal */
    uint32_t event;     /* a stop or continuation that nobody was told of: enum proc_how or 0 */
    uint32_t event_signal;
    uint32_t child_flags;          /* PROC_CHILDREN_* */
    bool killed;                   /* it is being ended: nothing is answered any more */
    bool executed;                 /* it has begun another program since the fork */
    uint64_t sequence, continued;  /* of the last signal, of the last SIGCONT */
    uint64_t time, time_of_waited; /* nanoseconds; `time` is known at the end */
    uint64_t started;              /* nanoseconds of the monotonic clock */
};

/* Once. The limit is that of one account; badges will have serials above `serial`. */
void table_start(uint32_t account_limit, uint64_t serial);
/* NULL: there is none of this badge. */
struct process *process_of_badge(uint64_t badge);
/* NULL: none that lives has this identity of the kernel's. */
struct process *process_of_kernel(uint64_t kernel);
/* Once for each process that has one. */
void process_known(struct process *p, uint64_t kernel);
/* NULL: no process has the number. */
struct process *process_of_number(uint64_t number);
struct number *number_find(uint64_t value);
/* Takes another number as what `*place` is used for. */
void number_change(struct number **place, struct number *to);
/* Its place in a table of PROCESSES_MAX. */
uint32_t process_index(const struct process *p);
struct process *process_first(void);
/* The next one in use behind `p`, or NULL. */
struct process *process_next(const struct process *p);
bool process_sees(const struct process *p, const struct process *other);
/* Its number for another one; 0: outside what that one sees. */
uint32_t process_number(const struct process *p, const struct process *for_whom);

/* The lowest numbers above one that `viewer` sees, in order: how many, at most `room`. */
unsigned process_list(const struct process *viewer, uint64_t above, uint32_t *to, unsigned room);

/* A child of `parent`, paid for by an account: LIMIT. */
err_t process_fork(struct process *parent, uint64_t account, uint64_t flags, struct process **out);
/* Forgets one, whose end is told to nobody any more. It has no children. */
void process_forget(struct process *p);
/* It ended: children go to process 1, the parent is told. `time`: of the processor. */
void process_end(struct process *p, uint32_t how, uint32_t code, uint64_t time);
/* Tells the parent that it stopped or continued. */
void process_tell(struct process *p);

/* Groups and sessions: NOT_FOUND (ESRCH), NO_RIGHT (EPERM), CHANGED (EACCES), BAD_ARGUMENT. */
err_t group_set(struct process *caller, uint64_t number, uint64_t group);
err_t session_make(struct process *caller);
/* Whether `parent` is who would continue the group of its child: in another group, of the same
 * session, and not process 1. */
bool group_held(const struct process *parent, const struct process *child);
/* Nobody would continue it: no living member has a living parent of that kind. */
bool group_orphaned(const struct number *group);
/* One of those who would has ended: if it was the last and members are stopped, all get SIGHUP and
 * SIGCONT. */
void group_release(const struct number *group);
/* The session of a group; NULL: no process is in it. */
const struct number *group_session(const struct number *group);
