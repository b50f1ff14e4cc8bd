/* SPDX-License-Identifier: MIT */
/* Futexes: private and shared, masks, requeue, deadlines, interrupts, limits. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define SLEEPERS 16u

static uint32_t word, target;

struct sleeper {
    struct worker worker;
    uint32_t *word;
    uint64_t mask;
    err_t result;
};

static void sleep_main(void *argument) {
    struct sleeper *s = argument;
    s->result = sys_futex_wait(s->word, *s->word, in_ms(PATIENCE_MS), s->mask);
}

static bool sleep_start(struct sleeper *s, uint32_t *at, uint64_t mask) {
    *s = (struct sleeper){.word = at, .mask = mask};
    return worker_start(&s->worker, PRIORITY, sleep_main, s) && settled(s->worker.thread);
}

static bool ends_with(struct sleeper *s, enum err_code code) {
    return worker_join(&s->worker) && s->result.code == code;
}

static unsigned asleep(struct sleeper *s, unsigned n) {
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++)
        count += thread_state(s[i].worker.thread) == THREAD_WAITING;
    return count;
}

static void arguments(void) {
    uint64_t n, moved;
    char *odd = (char *)&word + 1;
    expect_error_in(sys_futex_wait(odd, 0, 1, FUTEX_ALL), BAD_ARGUMENT, 1);
    expect_error_in(sys_futex_wait(&word, 0, 1, 0), BAD_ARGUMENT, 4);
    expect_error_in(sys_futex_wait(&word, 0, 1, 1ull << 40), BAD_ARGUMENT, 4);
    expect_error(sys_futex_wait((void *)0x1000, 0, 1, FUTEX_ALL), BAD_ADDRESS);
    expect_error(sys_futex_wait((void *)~7ull, 0, 1, FUTEX_ALL), BAD_ADDRESS);
    expect_error(sys_futex_wait(&word, 1, 1, FUTEX_ALL), CHANGED);
    expect_error(sys_futex_wait(&word, 0, 1, FUTEX_ALL), TIMED_OUT);
    expect_error_in(sys_futex_wake(&word, 1, 0, &n), BAD_ARGUMENT, 3);
    expect_error(sys_futex_wake((void *)~7ull, 1, FUTEX_ALL, &n), BAD_ADDRESS);
    expect_ok(sys_futex_wake(&word, 1, FUTEX_ALL, &n));
    expect_equal(n, 0);
    expect_error(sys_futex_requeue(&word, 1, 1, &target, 5, &n, &moved), CHANGED);
    expect_error_in(sys_futex_requeue(&word, 1, 1, odd, 0, &n, &moved), BAD_ARGUMENT, 4);
    expect_error_in(sys_futex_requeue(&word, 1, 1, &target, 1ull << 40, &n, &moved), BAD_ARGUMENT,
                    5);
}

static void wake_counts(void) {
    static struct sleeper s[SLEEPERS];
    uint64_t n;
    for (unsigned i = 0; i < SLEEPERS; i++)
        expect(sleep_start(&s[i], &word, FUTEX_ALL));
    expect_ok(sys_futex_wake(&target, 100, FUTEX_ALL, &n));
    expect_equal(n, 0);
    expect_ok(sys_futex_wake(&word, 0, FUTEX_ALL, &n));
    expect_equal(n, 0);
    expect_ok(sys_futex_wake(&word, 1, FUTEX_ALL, &n));
    expect_equal(n, 1);
    expect(ends_with(&s[0], ERR_OK)); /* the first that came */
    expect_equal(asleep(s + 1, SLEEPERS - 1), SLEEPERS - 1);
    expect_ok(sys_futex_wake(&word, 5, FUTEX_ALL, &n));
    expect_equal(n, 5);
    expect_ok(sys_futex_wake(&word, ~0ull, FUTEX_ALL, &n));
    expect_equal(n, SLEEPERS - 6);
    for (unsigned i = 1; i < SLEEPERS; i++)
        expect(ends_with(&s[i], ERR_OK));
}

static void masks(void) {
    static struct sleeper s[4];
    uint64_t n;
    expect(sleep_start(&s[0], &word, 1) && sleep_start(&s[1], &word, 2));
    expect(sleep_start(&s[2], &word, 3) && sleep_start(&s[3], &word, FUTEX_ALL));
    expect_ok(sys_futex_wake(&word, 10, 4, &n));
    expect_equal(n, 1); /* who waits for any */
    expect(ends_with(&s[3], ERR_OK));
    expect_ok(sys_futex_wake(&word, 10, 2, &n));
    expect_equal(n, 2);
    expect(ends_with(&s[1], ERR_OK) && ends_with(&s[2], ERR_OK));
    expect_equal(thread_state(s[0].worker.thread), THREAD_WAITING);
    expect_ok(sys_futex_wake(&word, 10, FUTEX_ALL, &n));
    expect_equal(n, 1);
    expect(ends_with(&s[0], ERR_OK));
}

static void requeue(void) {
    static struct sleeper s[6];
    uint64_t woken, moved, n;
    for (unsigned i = 0; i < 6; i++)
        expect(sleep_start(&s[i], &word, i == 5 ? 8 : FUTEX_ALL));
    expect_ok(sys_futex_requeue(&word, 1, 3, &target, 0, &woken, &moved));
    expect(woken == 1 && moved == 3);
    expect(ends_with(&s[0], ERR_OK));
    expect_ok(sys_futex_wake(&word, 10, FUTEX_ALL, &n));
    expect_equal(n, 2); /* one that was left, and the one with a mask */
    expect(ends_with(&s[4], ERR_OK) && ends_with(&s[5], ERR_OK));
    expect_ok(sys_futex_wake(&target, 10, FUTEX_ALL, &n));
    expect_equal(n, 3);
    for (unsigned i = 1; i < 4; i++)
        expect(ends_with(&s[i], ERR_OK));
}

static void interrupted(void) {
    static struct sleeper s;
    uint64_t n;
    expect(sleep_start(&s, &word, FUTEX_ALL));
    expect_ok(sys_thread_interrupt(s.worker.thread));
    expect(ends_with(&s, ERR_INTERRUPTED));
    expect_ok(sys_futex_wake(&word, 1, FUTEX_ALL, &n));
    expect_equal(n, 0);
}

static void timed(void) {
    uint64_t begin = clock_nanoseconds();
    expect_error(sys_futex_wait(&word, 0, begin + 3000000, FUTEX_ALL), TIMED_OUT);
    expect(clock_nanoseconds() >= begin + 3000000);
}

/* Across processes: the same page, at whatever address. A private word is one's own. */
static uint32_t *common;

static void sleep_in_child(void *argument) {
    uint64_t mask = (uint64_t)argument;
    expect_ok(sys_futex_wait(common, 0, in_ms(PATIENCE_MS), mask));
}

static void shared(void) {
    struct child c;
    struct memory_cap m;
    uint32_t *elsewhere;
    uint64_t n, moved;
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &m));
    expect_ok(memory_map(m, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &common));
    expect_ok(memory_map(m, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &elsewhere));
    expect(child_spawn(&c, pool, sleep_in_child, (void *)(FUTEX_SHARED | FUTEX_ALL)));
    expect(settled(c.thread));
    expect_ok(sys_futex_wake(common, 1, FUTEX_ALL, &n));
    expect_equal(n, 0); /* private is not shared */
    expect_ok(sys_futex_wake(elsewhere + 1, 1, FUTEX_SHARED | FUTEX_ALL, &n));
    expect_equal(n, 0);
    expect_ok(sys_futex_requeue(elsewhere, 0, 1, common + 2, FUTEX_SHARED, &n, &moved));
    expect(n == 0 && moved == 1);
    expect_ok(sys_futex_wake(elsewhere + 2, 1, FUTEX_SHARED | FUTEX_ALL, &n));
    expect_equal(n, 1);
    expect(child_join(&c));
    expect(child_spawn(&c, pool, sleep_in_child, (void *)FUTEX_ALL) && settled(c.thread));
    expect_ok(sys_futex_wake(common, 1, FUTEX_SHARED | FUTEX_ALL, &n));
    expect_equal(n, 0);
    expect_ok(sys_futex_wake(common, 1, FUTEX_ALL, &n));
    expect_equal(n, 0); /* its space is another one */
    expect_ok(sys_process_kill(c.process, 0));
    expect_error(sys_futex_wait((void *)0x1000, 0, 1, FUTEX_SHARED | FUTEX_ALL), BAD_ADDRESS);
}

/* A mutex of several threads on all processors loses no wake-up and lets one in at a time. */
static uint32_t lock;
static volatile uint32_t inside;
static uint32_t rounds_done;

static void mutex_lock(void) {
    uint32_t free = 0;
    if (__atomic_compare_exchange_n(&lock, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(&lock, 2, __ATOMIC_ACQUIRE))
        (void)sys_futex_wait(&lock, 2, DEADLINE_NONE, FUTEX_ALL);
}

static void mutex_unlock(void) {
    uint64_t n;
    if (__atomic_exchange_n(&lock, 0, __ATOMIC_RELEASE) == 2)
        (void)sys_futex_wake(&lock, 1, FUTEX_ALL, &n);
}

static void contender(void *argument) {
    (void)argument;
    for (unsigned i = 0; i < 300; i++) {
        mutex_lock();
        expect_equal(inside++, 0);
        if (i % 16 == 0)
            sys_thread_yield();
        inside--;
        mutex_unlock();
        __atomic_fetch_add(&rounds_done, 1, __ATOMIC_RELAXED);
    }
}

static void mutex(void) {
    static struct worker w[4];
    for (unsigned i = 0; i < 4; i++)
        expect(worker_start(&w[i], PRIORITY, contender, NULL));
    for (unsigned i = 0; i < 4; i++)
        expect(worker_join(&w[i]));
    expect_equal(rounds_done, 1200);
}

/* thread_exit clears a word and wakes who waits there; worker_join is built on it. */
static void nothing(void *argument) {
    (void)argument;
}

static void exit_wakes(void) {
    static struct worker w;
    expect(worker_start(&w, PRIORITY - 1, nothing, NULL));
    while (w.alive)
        (void)sys_futex_wait(&w.alive, 1, in_ms(PATIENCE_MS), FUTEX_ALL);
    expect(worker_join(&w));
}

const struct test tests_futex[] = {
    TEST("futex.arguments", arguments),
    TEST("futex.wake-counts", wake_counts),
    TEST("futex.masks", masks),
    TEST("futex.requeue", requeue),
    TEST("futex.interrupted", interrupted),
    TEST("futex.timed", timed),
    TEST("futex.shared", shared),
    TEST("futex.mutex", mutex),
    TEST("futex.exit-wakes", exit_wakes),
};
TESTS(futex);
