/* SPDX-License-Identifier: MIT */
/*
 * The scheduling policy of sched.h. Always true between calls: `top` is the highest level with a
 * ready entity; each level's tree has one node for each account that is ready there, that of its
 * first entity; the key of a node is never above the account's position, since positions only
 * advance. The exception is `only`, in no tree: the usual case, one thread at a time, takes a few
 * stores.
 *
 * What it promises, on one CPU, with S = SCHED_SLICE, r(x) = inverse weight of account x, for the
 * accounts that compete at one level while no higher level is ready, if a running entity is
 * replaced at the end of its slice:
 * - two accounts that are both ready from t0 to t1 receive time in proportion to 1 / r, each to
 *   within three of its slices;
 * - a ready account waits at most the sum over each other account b of (2 r(a) / r(b) + 2) S;
 * - inside an account with n ready entities, each runs once in n of the account's turns.
 * tests/host/test_sched.c checks these figures; none of them depends on what an account did before,
 * at this level or another.
 */
#include "sched.h"

#define TIME_ZERO  (1ull << 40) /* above two slices of the least weight */
#define TIME_LIMIT (1ull << 62) /* a level's clock is set back here: no key ever wraps */
#define STALE_MAX  8            /* stale keys put right per pick, which bounds its work */

void sched_account_init(struct sched_account *a, uint32_t weight) {
    a->weight = weight < 1 ? 1 : weight > SCHED_WEIGHT_MAX ? SCHED_WEIGHT_MAX : weight;
    a->inverse_weight = SCHED_WEIGHT_MAX / a->weight;
}

void sched_init(struct sched_queue *q, unsigned cpu) {
    *q = (struct sched_queue){.top = -1, .cpu = cpu};
    for (unsigned i = 0; i < SCHED_PRIORITIES; i++)
        q->levels[i].virtual_time = TIME_ZERO;
}

static inline struct sched_entity *entity_of(struct tree_node *n) {
    return container_of(n, struct sched_entity, node);
}

static inline int64_t slice_of(const struct sched_account *a) {
    return SCHED_SLICE * a->inverse_weight;
}

/* The first entity of e's account at e's level, or NULL. An account is ready at few levels. */
static inline struct sched_entity *head_of(const struct sched_queue *q,
                                           const struct sched_entity *e) {
    for (struct link *l = e->account->heads[q->cpu]; l; l = l->next) {
        struct sched_entity *head = container_of(l, struct sched_entity, head);
        if (head->priority == e->priority)
            return head;
    }
    return NULL;
}

static inline void head_insert(struct sched_queue *q, struct sched_entity *e, uint64_t position) {
    e->offset = position - e->account->virtual_time[q->cpu];
    link_insert(&e->account->heads[q->cpu], &e->head);
    tree_insert(&q->levels[e->priority].accounts, &e->node, position);
}

/*
 * Where an account that becomes ready at e's level stands. What it did there before counts; if that
 * is forgotten, it starts one slice ahead of the clock, since to be forgotten must not pay.
 */
static inline uint64_t position_enter(const struct sched_queue *q, const struct sched_entity *e) {
    const struct sched_account *a = e->account;
    uint64_t clock = q->levels[e->priority].virtual_time;
    unsigned place = e->priority % SCHED_MEMORY;
    int64_t slice = slice_of(a), ahead = slice;

    if (a->left[q->cpu][place].level == e->priority + 1)
        ahead = (int64_t)(a->virtual_time[q->cpu] + a->left[q->cpu][place].offset - clock);
    if (ahead > 2 * slice)
        ahead = 2 * slice;
    if (ahead < -slice)
        ahead = -slice;
    return clock + (uint64_t)ahead;
}

/* An account becomes ready at a level. */
static inline void account_enter(struct sched_queue *q, struct sched_entity *e) {
    e->next = e->prev = e;
    head_insert(q, e, position_enter(q, e));
    q->bitmap[e->priority / 64] |= 1ull << e->priority % 64;
    if (e->priority > q->top)
        q->top = e->priority;
}

static void level_enqueue(struct sched_queue *q, struct sched_entity *e, bool first) {
    struct sched_entity *head = head_of(q, e);

    if (likely(!head)) {
        account_enter(q, e);
        return;
    }
    e->next = head;
    e->prev = head->prev;
    head->prev->next = e;
    head->prev = e;
    if (first) {
        uint64_t key = head->node.key;
        tree_remove(&q->levels[e->priority].accounts, &head->node);
        link_remove(&head->head);
        head_insert(q, e, key);
        e->offset = head->offset;
    }
}

void sched_compete(struct sched_queue *q, struct sched_entity *e, bool first) {
    if (q->only) {
        level_enqueue(q, q->only, false);
        q->only = NULL;
    }
    level_enqueue(q, e, first);
}

static inline void level_emptied(struct sched_queue *q, unsigned priority) {
    q->bitmap[priority / 64] &= ~(1ull << priority % 64);
    if ((int)priority < q->top)
        return;
    q->top = -1;
    for (int i = SCHED_PRIORITIES / 64 - 1; i >= 0; i--)
        if (q->bitmap[i]) {
            q->top = i * 64 + 63 - __builtin_clzll(q->bitmap[i]);
            return;
        }
}

/* The last ready entity of an account leaves a level: its position is remembered. */
static inline void account_leave(struct sched_queue *q, struct sched_entity *e) {
    struct sched_account *a = e->account;
    unsigned place = e->priority % SCHED_MEMORY;

    a->left[q->cpu][place].offset = e->offset;
    a->left[q->cpu][place].level = e->priority + 1;
    if (!q->levels[e->priority].accounts.root)
        level_emptied(q, e->priority);
}

static void level_dequeue(struct sched_queue *q, struct sched_entity *e) {
    struct sched_entity *next = e->next;
    bool alone = next == e;

    if (!alone) {
        next->prev = e->prev;
        e->prev->next = next;
    }
    if (!e->node.linked)
        return;
    tree_remove(&q->levels[e->priority].accounts, &e->node);
    link_remove(&e->head);
    if (likely(alone)) {
        account_leave(q, e);
    } else {
        head_insert(q, next, e->node.key);
        next->offset = e->offset;
    }
}

void sched_dequeue(struct sched_queue *q, struct sched_entity *e) {
    e->queued = false;
    q->ready--;
    if (likely(e == q->only)) {
        q->only = NULL;
        q->top = -1;
        return;
    }
    level_dequeue(q, e);
}

/* The entity with the least position at a level, and that position as its key. */
static inline struct sched_entity *level_first(struct sched_queue *q, struct sched_level *level) {
    for (unsigned i = 0;; i++) {
        struct sched_entity *e = entity_of(tree_first(&level->accounts));
        uint64_t position = e->account->virtual_time[q->cpu] + e->offset;
        uint64_t limit = level->virtual_time + 2 * (uint64_t)slice_of(e->account);

        if (unlikely(position > limit)) {
            e->offset -= position - limit;
            position = limit;
        }
        if (likely(position <= e->node.key) || i == STALE_MAX)
            return e;
        tree_remove(&level->accounts, &e->node);
        tree_insert(&level->accounts, &e->node, position);
    }
}

/* Sets the clock of a level and all positions back by the same amount; once in days. */
static void level_rebase(struct sched_level *level) {
    uint64_t back = level->virtual_time - TIME_ZERO;

    for (struct tree_node *n = tree_first(&level->accounts); n; n = tree_next(n)) {
        n->key -= back;
        entity_of(n)->offset -= back;
    }
    level->virtual_time = TIME_ZERO;
}

struct sched_entity *sched_pick_best(struct sched_queue *q) {
    struct sched_level *level = &q->levels[q->top];
    struct sched_entity *e;

    if (unlikely(level->virtual_time > TIME_LIMIT))
        level_rebase(level);
    e = level_first(q, level);
    if (e->node.key > level->virtual_time)
        level->virtual_time = e->node.key;
    sched_dequeue(q, e);
    return e;
}

bool sched_should_yield(const struct sched_queue *q, const struct sched_entity *running,
                        bool slice_over) {
    return q->top > running->priority || (slice_over && q->top == running->priority);
}

unsigned sched_choose_cpu(unsigned last, uint64_t affinity, unsigned cpus, const unsigned *load) {
    unsigned best = last;
    bool allowed = last < cpus && (affinity >> last & 1);

    for (unsigned i = 0; i < cpus; i++) {
        if (!(affinity >> i & 1) || (allowed && load[i] >= load[best]))
            continue;
        best = i;
        allowed = true;
    }
    return allowed ? best : 0;
}
