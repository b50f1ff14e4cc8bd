/* SPDX-License-Identifier: MIT */
/*
 * Scheduling policy, free of everything else so that it builds on the host with a fake clock.
 *
 * One queue per CPU. The highest priority runs; at one priority, processor time is shared between
 * accounts by weight (least virtual time first; virtual time advances by time / weight), and inside
 * an account its threads take turns. The running entity is not in the queue. An account's virtual
 * time is kept per CPU and never lags the queue's by more than one slice when it becomes ready, so
 * that sleeping earns no credit.
 */
#pragma once
#include "list.h"
#include "tree.h"
#include "types.h"

#define SCHED_PRIORITIES 256
#define SCHED_CPUS 8
#define SCHED_SLICE 4000000ull /* nanoseconds that a thread runs before another of its account */
#define SCHED_WEIGHT_MAX 10000u

struct sched_account {
    uint32_t weight;         /* 1..SCHED_WEIGHT_MAX */
    uint32_t inverse_weight; /* SCHED_WEIGHT_MAX / weight, at least 1; so that charging needs no division */
    uint64_t virtual_time[SCHED_CPUS];
};

struct sched_entity {
    uint8_t priority;              /* effective; change only while not queued */
    bool queued;
    struct sched_account *account; /* who is charged; change only while not queued */
    /* The policy's own links. */
    struct tree_node node;      /* of the first entity of an account at a level: in the level's tree */
    struct sched_entity *next, *prev; /* ring of ready entities of one account at one level */
};

struct sched_level {
    struct tree accounts; /* first entity of each account that is ready here; key: virtual time */
};

struct sched_queue {
    int top;      /* highest priority that has a ready entity, -1: none. Read by the fast path. */
    unsigned cpu; /* index into virtual_time */
    uint64_t ready; /* entities queued */
    uint64_t bitmap[SCHED_PRIORITIES / 64];
    uint64_t virtual_time; /* of the account last picked */
    struct sched_level levels[SCHED_PRIORITIES];
};

void sched_init(struct sched_queue *q, unsigned cpu);
/* Adds a ready entity, as the last of its account, or the first (a preempted one keeps its turn). */
void sched_enqueue(struct sched_queue *q, struct sched_entity *e, bool first);
void sched_dequeue(struct sched_queue *q, struct sched_entity *e);
/* Takes out the entity to run next; NULL: none. */
struct sched_entity *sched_pick(struct sched_queue *q);
/* `account` ran for `elapsed` nanoseconds on this queue's CPU. */
static inline void sched_charge(struct sched_queue *q, struct sched_account *a, uint64_t elapsed) {
    a->virtual_time[q->cpu] += elapsed * a->inverse_weight;
}
/* Should `running` give way to what is ready now (called at wake-ups and at the end of its slice)? */
bool sched_should_yield(const struct sched_queue *q, const struct sched_entity *running, bool slice_over);
/* The next CPU for an entity that becomes ready: its last one unless that is busier than another
 * allowed one. `load[i]`: ready entities of CPU i plus one if it runs one of priority >= `priority`. */
unsigned sched_choose_cpu(unsigned last, uint64_t affinity, unsigned cpus, const unsigned *load);
