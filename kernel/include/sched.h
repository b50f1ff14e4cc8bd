/* SPDX-License-Identifier: MIT */
/*
 * Scheduling policy, free of everything else so that it builds on the host with a fake clock.
 *
 * One queue per CPU. The highest priority runs; at one priority (a level), processor time is shared
 * between accounts by weight, and inside an account its threads take turns. Each level has a
 * virtual clock; an account that is ready there has a position on it, which advances by time /
 * weight whenever the account runs, and the account with the least position goes first. An account
 * that becomes ready is placed at most one of its slices behind the clock, so that sleeping earns
 * no credit, and at most two ahead of it, so that no debt can keep it waiting for long. The running
 * entity is not in the queue.
 */
#pragma once
#include "list.h"
#include "tree.h"
#include "types.h"

#define SCHED_PRIORITIES 256
#define SCHED_CPUS       8
#define SCHED_SLICE      4000000ull /* nanoseconds that a thread runs before another of its account */
#define SCHED_WEIGHT_MAX 10000u

#define SCHED_MEMORY 4 /* levels whose debts an account remembers, per CPU */

struct sched_entity;

struct sched_account {
    uint32_t weight;         /* 1..SCHED_WEIGHT_MAX */
    uint32_t inverse_weight; /* SCHED_WEIGHT_MAX / weight, at least 1; so that charging needs no
                                division */
    uint64_t virtual_time[SCHED_CPUS]; /* time used / weight, only ever growing */
    struct link *heads[SCHED_CPUS];    /* its first entity at each level where it is ready */
    /* Where it was on the levels that it left: virtual_time + offset. level: priority + 1; 0:
     * unused. */
    struct {
        uint64_t offset;
        uint16_t level;
    } left[SCHED_CPUS][SCHED_MEMORY];
};

struct sched_entity {
    uint8_t priority; /* effective; change only while not queued */
    bool queued;
    struct sched_account *account; /* who is charged; change only while not queued */
    /* The policy's own links. */
    struct sched_entity *next, *prev; /* ring of ready entities of one account at one level */
    /* Of the first entity of an account at a level: */
    struct tree_node node; /* in the level's tree; key: position, perhaps a stale, lower one */
    struct link head;      /* in account->heads */
    uint64_t offset;       /* position less the account's virtual time */
};

struct sched_level {
    struct tree accounts;  /* first entity of each account that is ready here */
    uint64_t virtual_time; /* highest position picked so far */
};

struct sched_queue {
    int top;        /* highest priority that has a ready entity, -1: none. Read by the fast path. */
    unsigned cpu;   /* index into the accounts' arrays */
    uint64_t ready; /* entities queued */
    /* The only ready entity, if none was ready when it came: it competes with nobody, so it has no
     * place in the level yet. */
    struct sched_entity *only;
    uint64_t bitmap[SCHED_PRIORITIES / 64];
    struct sched_level levels[SCHED_PRIORITIES];
};

/* Zeroed before. A weight out of range is brought into it. */
void sched_account_init(struct sched_account *a, uint32_t weight);
void sched_init(struct sched_queue *q, unsigned cpu);
/* There is more than one ready entity now. */
void sched_compete(struct sched_queue *q, struct sched_entity *e, bool first);
/* Adds a ready entity, as the last of its account, or the first (a preempted one keeps its turn).
 */
static inline void sched_enqueue(struct sched_queue *q, struct sched_entity *e, bool first) {
    e->queued = true;
    if (likely(q->ready++ == 0)) {
        q->only = e;
        q->top = e->priority;
    } else {
        sched_compete(q, e, first);
    }
}
void sched_dequeue(struct sched_queue *q, struct sched_entity *e);
/* Several are ready. */
struct sched_entity *sched_pick_best(struct sched_queue *q);
/* Takes out the entity to run next; NULL: none. */
static inline struct sched_entity *sched_pick(struct sched_queue *q) {
    struct sched_entity *e = q->only;
    if (unlikely(!e))
        return q->top < 0 ? NULL : sched_pick_best(q);
    e->queued = false;
    q->ready = 0;
    q->only = NULL;
    q->top = -1;
    return e;
}
/* `account` ran for `elapsed` nanoseconds on this queue's CPU. */
static inline void sched_charge(struct sched_queue *q, struct sched_account *a, uint64_t elapsed) {
    a->virtual_time[q->cpu] += elapsed * a->inverse_weight;
}
/* Should `running` give way to what is ready now (called at wake-ups and at the end of its slice)?
 */
bool sched_should_yield(const struct sched_queue *q, const struct sched_entity *running,
                        bool slice_over);
/* The next CPU for an entity that becomes ready: its last one unless that is busier than another
 * allowed one. `load[i]`: ready entities of CPU i plus one if it runs one of priority >=
 * `priority`. */
unsigned sched_choose_cpu(unsigned last, uint64_t affinity, unsigned cpus, const unsigned *load);
