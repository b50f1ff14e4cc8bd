/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/sched/sched.c kernel/lib/tree.c */
/*
 * The scheduling policy on a machine with a fake clock, against the bounds that
 * kernel/sched/sched.c states. `step` is the kernel's part: pick, run, charge, put back.
 */
#include <stdlib.h>
#include <string.h>

#include "sched.h"
#include "tap.h"

#define ACCOUNTS 8
#define ENTITIES 64
#define SLICE    ((int64_t)SCHED_SLICE)

static struct sched_queue queue;
static struct sched_account accounts[ACCOUNTS];
static struct sched_entity entities[ENTITIES];
static int64_t now, used[ACCOUNTS]; /* nanoseconds */
static uint64_t seed;

static void start(unsigned n, const unsigned *weights) {
    sched_init(&queue, 3);
    memset(accounts, 0, sizeof(accounts));
    memset(entities, 0, sizeof(entities));
    memset(used, 0, sizeof(used));
    now = 0;
    seed = 1;
    for (unsigned i = 0; i < n; i++)
        sched_account_init(&accounts[i], weights[i]);
}

static unsigned account_of(const struct sched_entity *e) {
    return (unsigned)(e->account - accounts);
}

static void ready(unsigned entity, unsigned account, uint8_t priority) {
    entities[entity].account = &accounts[account];
    entities[entity].priority = priority;
    sched_enqueue(&queue, &entities[entity], false);
}

static void run(struct sched_entity *e, int64_t time) {
    now += time;
    used[account_of(e)] += time;
    sched_charge(&queue, e->account, (uint64_t)time);
}

/* One turn of at most `most` nanoseconds; the entity is ready again, preempted if it ran for less.
 */
static struct sched_entity *step(int64_t most) {
    struct sched_entity *e = sched_pick(&queue);

    check(e);
    run(e, most < SLICE ? most : SLICE);
    sched_enqueue(&queue, e, most < SLICE);
    return e;
}

static int64_t rate(unsigned account) {
    return accounts[account].inverse_weight;
}

/* Are the gains of all accounts since `before` in proportion, to within three slices each? */
static bool fair(unsigned n, const int64_t *before) {
    for (unsigned a = 0; a < n; a++)
        for (unsigned b = 0; b < a; b++) {
            int64_t lead = (used[a] - before[a]) * rate(a) - (used[b] - before[b]) * rate(b);
            if (llabs(lead) > 3 * SLICE * (rate(a) + rate(b)))
                return false;
        }
    return true;
}

static void test_fairness(void) {
    static const unsigned weights[] = {100, 200, 50, 1000, 100, 10};
    int64_t before[ACCOUNTS];

    start(6, weights);
    for (unsigned i = 0; i < 30; i++) /* accounts with 1 to 10 threads */
        ready(i, i < 6 ? i : i < 15 ? 1 : i % 6, 100);
    for (unsigned window = 0; window < 400; window++) {
        unsigned steps = (unsigned)random_below(&seed, 500);
        memcpy(before, used, sizeof(before));
        while (steps-- > 0) {
            struct sched_entity *first = &entities[6 + steps % 9]; /* one of many of account 1 */
            step(1 + (int64_t)random_below(&seed, 2 * SCHED_SLICE));
            if (first->node.linked && first->next != first) { /* stopped and resumed */
                sched_dequeue(&queue, first);
                sched_enqueue(&queue, first, false);
            }
        }
        check(fair(6, before));
    }
    memset(before, 0, sizeof(before));
    check(fair(6, before));
    tap_test("accounts share by weight in every window");
}

/* Load of a higher priority, by competitors and by others, does not disturb the shares below. */
static void test_fairness_under_load(void) {
    static const unsigned weights[] = {100, 300, 50, 100};
    int64_t before[ACCOUNTS] = {0};

    start(4, weights);
    for (unsigned i = 0; i < 3; i++)
        ready(i, i, 100);
    for (unsigned i = 0; i < 20000; i++) {
        int64_t above = 0;
        if (i % 3 == 0) {
            ready(10, 3, 200);
            run(sched_pick(&queue), above = 2 * SLICE);
        }
        step(SLICE);
        used[3] = 0;
    }
    check(fair(3, before));
    tap_test("load above leaves shares below alone");
}

static void test_turns(void) {
    static const unsigned weights[] = {100};
    struct sched_entity *e;

    start(1, weights);
    for (unsigned i = 0; i < 5; i++)
        ready(i, 0, 7);
    for (unsigned i = 0; i < 50; i++)
        check(step(SLICE) == &entities[i % 5]);
    tap_test("threads of an account take turns");
    e = sched_pick(&queue);
    check(e == &entities[0]);
    run(e, SLICE / 2);
    sched_enqueue(&queue, e, true);
    check(step(SLICE) == e);
    check(step(SLICE) == &entities[1]);
    tap_test("a preempted thread keeps its turn");
}

static void test_sleep_earns_nothing(void) {
    static const unsigned weights[] = {100, 100, 100};
    int64_t before[ACCOUNTS];

    start(3, weights);
    for (unsigned i = 0; i < 3; i++)
        ready(i, i, 50);
    for (unsigned i = 0; i < 10; i++)
        step(SLICE);
    sched_dequeue(&queue, &entities[2]);
    for (unsigned i = 0; i < 10000; i++)
        step(SLICE);
    sched_enqueue(&queue, &entities[2], false);
    memcpy(before, used, sizeof(before));
    for (unsigned i = 0; i < 30; i++)
        step(SLICE);
    check(used[2] - before[2] <= 12 * SLICE);
    check(used[2] - before[2] >= 8 * SLICE);
    tap_test("sleeping earns no credit and loses none");
}

static void test_no_debt_for_running_alone(void) {
    static const unsigned weights[] = {100, 100};
    int64_t alone;

    start(2, weights);
    ready(0, 0, 50);
    for (unsigned i = 0; i < 10000; i++)
        run(sched_pick(&queue), SLICE), sched_enqueue(&queue, &entities[0], false);
    run(sched_pick(&queue), 1000 * SLICE); /* nobody asked for the processor */
    sched_enqueue(&queue, &entities[0], false);
    ready(1, 1, 50);
    alone = used[0];
    for (unsigned i = 0; i < 20; i++)
        step(SLICE);
    check(used[0] - alone >= 7 * SLICE && used[1] >= 7 * SLICE);
    tap_test("running alone makes no debt");
}

/*
 * Waiting: an honest thread of account 0 among accounts that sleep and wake at random, change their
 * priority and preempt at higher ones. Time that higher levels take is not counted.
 */
static int64_t wait_limit(unsigned n, unsigned account) {
    int64_t limit = 0;

    for (unsigned b = 0; b < n; b++)
        if (b != account)
            limit += 2 * SLICE * rate(account) / rate(b) + 2 * SLICE;
    return limit;
}

static void disturb(unsigned n) {
    unsigned i = 1 + (unsigned)random_below(&seed, 30);
    struct sched_entity *e = &entities[i];

    if (e->queued) {
        sched_dequeue(&queue, e);
        return;
    }
    e->account = &accounts[1 + i % (n - 1)];
    e->priority = (uint8_t)(random_below(&seed, 3) ? 100 : 96 + random_below(&seed, 12));
    sched_enqueue(&queue, e, random_below(&seed, 4) == 0);
}

static void waiting(unsigned n, const unsigned *weights) {
    int64_t waited = 0, worst = 0;

    start(n, weights);
    ready(0, 0, 100);
    for (unsigned i = 0; i < 300000; i++) {
        struct sched_entity *e = sched_pick(&queue);
        int64_t time = (int64_t)random_below(&seed, SCHED_SLICE + 1);
        bool below = e->priority <= 100;
        run(e, time);
        if (e == &entities[0])
            waited = 0;
        else if (below)
            waited += time;
        worst = waited > worst ? waited : worst;
        if (e == &entities[0] || random_below(&seed, 3))
            sched_enqueue(&queue, e, false);
        for (unsigned j = (unsigned)random_below(&seed, 3); j > 0; j--)
            disturb(n);
    }
    check(worst <= wait_limit(n, 0));
}

static void test_waiting(void) {
    static const unsigned equal[] = {100, 100, 100, 100, 100};
    static const unsigned mixed[] = {100, 1000, 50, 400, 100, 10};
    static const unsigned light[] = {1, 10, 5, 1};

    waiting(5, equal);
    waiting(6, mixed);
    waiting(4, light);
    tap_test("waiting is bounded, whatever the others do");
}

/* Steady state, equal weights: a round of all accounts takes one slice each. */
static void test_round(void) {
    static const unsigned weights[] = {7, 7, 7, 7, 7, 7, 7, 7};
    int64_t last[ACCOUNTS] = {0};

    start(8, weights);
    for (unsigned i = 0; i < 8; i++)
        ready(i, i, 0);
    for (unsigned i = 0; i < 4000; i++) {
        int64_t begin = now;
        unsigned a = account_of(step(SLICE));
        check(begin - last[a] <= 8 * SLICE);
        last[a] = now;
    }
    tap_test("equal accounts that are always ready wait one slice for each other account");
}

/* An account that sheds its debt by hopping through other priorities gets no more than its share.
 */
static void test_hopping(void) {
    static const unsigned weights[] = {100, 100};

    start(2, weights);
    ready(0, 0, 100);
    ready(1, 1, 100);
    for (unsigned i = 0; i < 20000; i++) {
        struct sched_entity *e = sched_pick(&queue);
        run(e, e == &entities[1] ? SLICE * 9 / 10 : SLICE);
        if (e == &entities[1])
            for (uint8_t p = 100; p <= 110; p++) { /* touch other levels, then come back */
                ready(2, 1, p > 100 ? p : 110);
                check(sched_pick(&queue) == &entities[2]);
                run(&entities[2], 1000);
            }
        sched_enqueue(&queue, e, false);
    }
    check(used[1] <= now * 55 / 100);
    tap_test("changing priorities sheds no debt");
}

/* Naive model: lists of entities per account and level, in turn order. */
static struct {
    struct sched_entity *list[ENTITIES];
    unsigned count;
} model[SCHED_PRIORITIES][ACCOUNTS];

static void model_add(struct sched_entity *e, bool first) {
    struct sched_entity **list = model[e->priority][account_of(e)].list;
    unsigned n = model[e->priority][account_of(e)].count++;

    if (first) {
        memmove(list + 1, list, n * sizeof(*list));
        n = 0;
    }
    list[n] = e;
}

static void model_remove(struct sched_entity *e) {
    struct sched_entity **list = model[e->priority][account_of(e)].list;
    unsigned i = 0, n = --model[e->priority][account_of(e)].count;

    while (list[i] != e)
        i++;
    memmove(list + i, list + i + 1, (n - i) * sizeof(*list));
}

static void model_compare(void) {
    int top = -1;
    uint64_t count = 0;

    for (int p = 0; p < SCHED_PRIORITIES; p++)
        for (unsigned a = 0; a < ACCOUNTS; a++)
            if (model[p][a].count) {
                top = p;
                count += model[p][a].count;
            }
    check(queue.top == top && queue.ready == count);
}

/* The position of each account at the top level, seen through the head's fields. */
static uint64_t least_position(void) {
    uint64_t least = UINT64_MAX;

    if (queue.only)
        return 0;
    for (unsigned a = 0; a < ACCOUNTS; a++)
        if (model[queue.top][a].count) {
            const struct sched_entity *head = model[queue.top][a].list[0];
            uint64_t limit =
                queue.levels[queue.top].virtual_time + 2 * SCHED_SLICE * (uint64_t)rate(a);
            uint64_t position = accounts[a].virtual_time[3] + head->offset;
            check(head->node.linked);
            position = position > limit ? limit : position;
            least = position < least ? position : least;
        }
    return least;
}

static void model_pick(void) {
    uint64_t least = queue.top < 0 ? 0 : least_position();
    int top = queue.top;
    struct sched_entity *e = sched_pick(&queue);

    check(!e == (top < 0));
    if (!e)
        return;
    check(e->priority == top && !e->queued);
    check(e == model[top][account_of(e)].list[0]);
    check(!least || e->account->virtual_time[3] + e->offset == least);
    model_remove(e);
    run(e, (int64_t)random_below(&seed, 3 * SCHED_SLICE));
}

static void test_random(void) {
    static const unsigned weights[] = {1, 10, 100, 100, 1000, 5000, 10000, 3};

    start(8, weights);
    for (unsigned i = 0; i < 300000; i++) {
        struct sched_entity *e = &entities[random_below(&seed, ENTITIES)];
        bool first = random_below(&seed, 4) == 0;
        if (random_below(&seed, i % 5000 < 1000 ? 2 : 3) == 0) { /* often nearly empty */
            model_pick();
        } else if (e->queued) {
            sched_dequeue(&queue, e);
            model_remove(e);
        } else {
            e->account = &accounts[random_below(&seed, ACCOUNTS)];
            e->priority = (uint8_t)(random_below(&seed, 6) * 51);
            sched_enqueue(&queue, e, first);
            model_add(e, first);
        }
        model_compare();
    }
    tap_test("random operations agree with a naive model; priorities are strict");
}

static void test_rebase(void) {
    static const unsigned weights[] = {1, 1, 1};
    int64_t before[ACCOUNTS] = {0};

    start(3, weights);
    queue.levels[9].virtual_time = (1ull << 62) - 5 * SCHED_SLICE * 10000;
    for (unsigned i = 0; i < 3; i++)
        ready(i, i, 9);
    for (unsigned i = 0; i < 100; i++)
        step(SLICE);
    check(queue.levels[9].virtual_time < 1ull << 62);
    check(fair(3, before));
    tap_test("a level's clock is set back without unfairness");
}

static void test_yield(void) {
    static const unsigned weights[] = {1};
    struct sched_entity running = {.priority = 10};

    start(1, weights);
    check(!sched_should_yield(&queue, &running, true));
    ready(0, 0, 10);
    check(!sched_should_yield(&queue, &running, false) &&
          sched_should_yield(&queue, &running, true));
    ready(1, 0, 11);
    check(sched_should_yield(&queue, &running, false));
    running.priority = 12;
    check(!sched_should_yield(&queue, &running, true));
    tap_test("yield to higher priorities at once, to equal ones at the end of a slice");
}

static void test_choose(void) {
    static const unsigned load[] = {2, 1, 0, 5};

    check(sched_choose_cpu(1, 0xf, 1, load) == 0);
    check(sched_choose_cpu(3, 0xf, 4, load) == 2);
    check(sched_choose_cpu(2, 0xf, 4, load) == 2);
    check(sched_choose_cpu(1, 0x3, 4, load) == 1);
    check(sched_choose_cpu(1, 0x9, 4, load) == 0);
    check(sched_choose_cpu(1, 0x8, 4, load) == 3);
    check(sched_choose_cpu(7, 0xf0, 4, load) == 0);
    tap_test("a processor is chosen among the allowed, the last one if none is less busy");
}

int main(void) {
    test_fairness();
    test_fairness_under_load();
    test_turns();
    test_sleep_earns_nothing();
    test_no_debt_for_running_alone();
    test_waiting();
    test_round();
    test_hopping();
    test_random();
    test_rebase();
    test_yield();
    test_choose();
    return tap_done();
}
