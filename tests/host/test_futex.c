/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/obj/futex.c kernel/obj/signal.c kernel/obj/timer.c kernel/lib/tree.c */
/*
 * Futexes against a naive model over random waits, wakes, requeues and cancellations, private and
 * shared, with masks. Words 2n and 2n + 1 are the same shared word if they are in the same object.
 */
#include "waits.h"

static uint64_t seed = 1;

/* The model: waiting threads in order of arrival, with the key that each waits on. */
static struct waiter {
    unsigned thread;
    uint64_t key, mask;
} model[THREADS];
static unsigned waiting;

static uint64_t key_of(unsigned word, bool shared) {
    return shared ? 1000 + 100 * shared_with[word] + word / 2 : word;
}

static unsigned model_count(uint64_t key, bool partial) {
    unsigned n = 0;

    for (unsigned i = 0; i < waiting; i++)
        n += model[i].key == key && (model[i].mask != FUTEX_ALL) == partial;
    return n;
}

static void model_remove(unsigned i) {
    memmove(&model[i], &model[i + 1], (--waiting - i) * sizeof(model[0]));
}

/* Full masks first, then partial ones, each in order of arrival. */
static unsigned model_wake(uint64_t key, unsigned count, uint64_t mask) {
    unsigned woken = 0;

    for (unsigned partial = 0; partial < 2; partial++)
        for (unsigned i = 0; i < waiting && woken < count;) {
            if (model[i].key != key || (model[i].mask != FUTEX_ALL) != partial ||
                !(model[i].mask & mask)) {
                i++;
                continue;
            }
            check(threads[model[i].thread].state == STATE_READY);
            check(err_ok(ended[model[i].thread]));
            model_remove(i);
            woken++;
        }
    return woken;
}

/* The moved go behind those who wait there already. */
static unsigned model_move(uint64_t from, uint64_t to, unsigned count) {
    unsigned moved = 0;

    if (from == to)
        return 0;
    for (unsigned i = 0, end = waiting; i < end && moved < count;) {
        struct waiter w = model[i];
        if (w.key != from || w.mask != FUTEX_ALL) {
            i++;
            continue;
        }
        model_remove(i);
        w.key = to;
        model[waiting++] = w;
        end--;
        moved++;
    }
    return moved;
}

static void random_wait(unsigned thread) {
    unsigned word = (unsigned)random_below(&seed, WORDS);
    bool shared = random_below(&seed, 2), stale = random_below(&seed, 5) == 0;
    uint64_t mask = random_below(&seed, 2) ? FUTEX_ALL : 1 + random_below(&seed, 15);
    struct call_args c = {0};
    err_t e = invoke(futex_wait, &threads[thread], &c, WORD_BASE + 4 * word, words[word] + stale,
                     NANOS_NEVER, mask | (shared ? FUTEX_SHARED : 0));

    if (stale) {
        check(err_is(e, ERR_CHANGED));
    } else if (mask != FUTEX_ALL && model_count(key_of(word, shared), true) == FUTEX_PARTIAL) {
        check(err_is(e, ERR_LIMIT));
    } else {
        check(is_blocked(e));
        model[waiting++] = (struct waiter){thread, key_of(word, shared), mask};
    }
}

static struct thread caller = {.process = &process}; /* it waits for nothing */

static void random_wake(void) {
    unsigned word = (unsigned)random_below(&seed, WORDS);
    bool shared = random_below(&seed, 2);
    uint64_t mask = random_below(&seed, 3) ? FUTEX_ALL : 1 + random_below(&seed, 15);
    uint64_t count = random_below(&seed, 10) ? random_below(&seed, 4) : UINT64_MAX;
    struct call_args c = {0};

    check(err_ok(invoke(futex_wake, &caller, &c, WORD_BASE + 4 * word, count,
                        mask | (shared ? FUTEX_SHARED : 0))));
    check(c.r[0] == model_wake(key_of(word, shared), count < 64 ? (unsigned)count : 64, mask));
}

static void random_requeue(void) {
    unsigned from = (unsigned)random_below(&seed, WORDS), to = (unsigned)random_below(&seed, WORDS);
    bool shared = random_below(&seed, 2);
    unsigned count = (unsigned)random_below(&seed, 3), more = (unsigned)random_below(&seed, 200);
    struct call_args c = {0};
    unsigned woken;

    check(err_is(invoke(futex_requeue, &caller, &c, WORD_BASE + 4 * from, count, more,
                        WORD_BASE + 4 * to, words[from] + 1ul),
                 ERR_CHANGED));
    check(err_ok(invoke(futex_requeue, &caller, &c, WORD_BASE + 4 * from, count, more,
                        WORD_BASE + 4 * to, words[from] | (shared ? FUTEX_SHARED : 0))));
    woken = model_wake(key_of(from, shared), count, FUTEX_ALL);
    more = more < 64 - woken ? more : 64 - woken;
    check(c.r[0] == woken);
    check(c.r[1] == model_move(key_of(from, shared), key_of(to, shared), more));
}

static void random_cancel(void) {
    unsigned i = (unsigned)random_below(&seed, waiting ? waiting : 1);

    if (!waiting)
        return;
    futex_cancel(&threads[model[i].thread]);
    futex_cancel(&threads[model[i].thread]); /* harmless */
    thread_wake(&threads[model[i].thread], ERROR(INTERRUPTED));
    model_remove(i);
}

static void test_random(void) {
    for (unsigned i = 0; i < WORDS; i++) {
        shared_with[i] = i < WORDS / 2;
        words[i] = i * 7;
    }
    for (unsigned i = 0; i < 400000; i++) {
        unsigned thread = (unsigned)random_below(&seed, THREADS);
        unsigned action = (unsigned)random_below(&seed, 20);
        if (threads[thread].state != STATE_WAITING)
            random_wait(thread);
        else if (action == 0)
            random_requeue();
        else if (action < 3)
            random_cancel();
        else if (action < 8)
            random_wake();
    }
    tap_test("random operations agree with a naive model");
}

static void test_arguments(void) {
    struct call_args c = {0};

    check(err_is(invoke(futex_wait, threads, &c, WORD_BASE + 2, 0, NANOS_NEVER, FUTEX_ALL),
                 ERR_BAD_ARGUMENT));
    check(err_is(invoke(futex_wait, threads, &c, USER_END, 0, NANOS_NEVER, FUTEX_ALL),
                 ERR_BAD_ADDRESS));
    check(err_is(invoke(futex_wait, threads, &c, WORD_BASE, 0, NANOS_NEVER, 0), ERR_BAD_ARGUMENT));
    check(err_is(invoke(futex_wait, threads, &c, WORD_BASE, 0, NANOS_NEVER, 1ul << 33),
                 ERR_BAD_ARGUMENT));
    check(err_is(invoke(futex_wait, threads, &c, WORD_BASE, 0, 0, FUTEX_ALL), ERR_TIMED_OUT));
    check(err_is(invoke(futex_wake, threads, &c, WORD_BASE, 1, FUTEX_SHARED), ERR_BAD_ARGUMENT));
    check(err_is(invoke(futex_requeue, threads, &c, WORD_BASE, 0, 0, WORD_BASE + 1, 0),
                 ERR_BAD_ARGUMENT));
    tap_test("arguments are refused by name");
}

static void test_exit_and_deadline(void) {
    struct call_args c = {0};

    while (waiting)
        random_cancel();
    for (unsigned i = 0; i < 3; i++)
        check(is_blocked(
            invoke(futex_wait, &threads[i], &c, WORD_BASE, 0, host_ticks + 100, FUTEX_ALL)));
    futex_wake_private(process.space, WORD_BASE, 1);
    check(err_ok(ended[0]) && threads[1].state == STATE_WAITING);
    host_ticks += 200;
    alarms_run();
    check(threads[1].state == STATE_READY && err_is(ended[1], ERR_TIMED_OUT));
    check(!threads[2].wait_node.linked && !cpus[0].alarms.root);
    tap_test("a thread's exit wakes one; deadlines take waiters out");
}

/* An object that is gone and one that stands at the same address later are different keys. */
static void test_identity(void) {
    struct call_args c = {0};

    shared_with[0] = 0;
    check(is_blocked(
        invoke(futex_wait, threads, &c, WORD_BASE, 0, NANOS_NEVER, FUTEX_ALL | FUTEX_SHARED)));
    memset(&memories[0], 0, sizeof(memories[0]));
    check(err_ok(invoke(futex_wake, threads, &c, WORD_BASE, 1, FUTEX_ALL | FUTEX_SHARED)));
    check(c.r[0] == 0 && threads[0].state == STATE_WAITING);
    futex_cancel(&threads[0]);
    tap_test("the key of a destroyed object is never used again");
}

int main(void) {
    waits_init();
    futex_init();
    test_random();
    test_arguments();
    test_exit_and_deadline();
    test_identity();
    return tap_done();
}
