/* SPDX-License-Identifier: MIT */
/* The life of pools, processes, threads and memory: made, used, ended, and what is left. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define KIB(n) ((uint64_t)(n) << 10)

static void pool_life(void) {
    struct pool_cap p, below;
    struct pool_info info;
    struct signal_cap s;
    uint64_t used = pool_used(pool);
    expect_ok(sys_pool_create(pool, KIB(64), 0, &p));
    expect(pool_used(pool) - used - KIB(64) <= PAGE_SIZE);
    expect_ok(sys_pool_info(p, &info));
    expect(info.limit == KIB(64) && info.used == 0 && info.quarantined == 0 && info.weight == 0);
    expect_ok(sys_signal_create(p, &s));
    expect_equal(pool_used(p), PAGE_SIZE);
    expect_ok(sys_pool_create(p, KIB(32), 7, &below));
    expect_error_in(sys_pool_create(p, KIB(32), 0, &below), NO_MEMORY, 0);
    expect_error_in(sys_pool_limit(p, KIB(32)), BUSY, 2);
    expect_ok(sys_pool_limit(p, KIB(128)));
    expect_ok(sys_pool_limit(p, KIB(48)));
    expect_ok(sys_pool_info(below, &info));
    expect(info.weight == 7 && info.limit == KIB(32));
    expect_ok(sys_pool_destroy(p));
    expect_error(sys_signal_raise(s, 1), BAD_HANDLE);
    expect_error(sys_pool_info(below, &info), BAD_HANDLE);
    expect_error(sys_pool_info(p, &info), BAD_HANDLE);
    expect_equal(pool_used(pool), used);
}

/* So much in it that its end takes several shares of work. */
static void pool_full(void) {
    uint64_t used = pool_used(pool);
    struct pool_cap p, again;
    struct signal_cap s;
    expect_ok(sys_pool_create(pool, KIB(256), 0, &p));
    expect_ok(sys_handle_duplicate(ANY(p), RIGHT_POOL_DESTROY, 0, &again.h));
    for (unsigned i = 0; i < 1000; i++)
        expect_ok(sys_signal_create(p, &s));
    uint64_t handles = handle_count(SELF_PROCESS);
    expect_ok(sys_pool_destroy(again));
    expect_error(sys_pool_destroy(again), BAD_HANDLE);
    expect_error(sys_pool_destroy(p), BAD_HANDLE);
    expect_error(sys_signal_raise(s, 1), BAD_HANDLE);
    expect_equal(handle_count(SELF_PROCESS), handles - 1002);
    expect(pool_used(pool) - used < KIB(256)); /* what is left are the pages of handles */
}

static void pool_limits(void) {
    struct pool_cap p = pool, next;
    unsigned depth = 0;
    expect_error_in(sys_pool_create(pool, 0, 0, &next), BAD_ARGUMENT, 2);
    expect_error_in(sys_pool_create(pool, PAGE_SIZE, 10001, &next), BAD_ARGUMENT, 3);
    expect_error(sys_pool_create(pool, LIMIT_USUAL + PAGE_SIZE, 0, &next), NO_MEMORY);
    expect_error(sys_pool_create(pool, ~0ull, 0, &next), NO_MEMORY);
    expect_error_in(sys_pool_destroy((struct pool_cap){boot_page->pool}), BUSY, 1);
    err_t e;
    while (err_ok(e = sys_pool_create(p, KIB(512) - KIB(16) * depth, 0, &next))) {
        expect(++depth < 20);
        p = next;
    }
    expect_error(e, LIMIT);
    expect_equal(depth, 15); /* the test's pool is below the root pool */
}

/* So that the page tables are there which stay. */
static void map_once(void) {
    struct memory_cap m;
    volatile char *at;
    expect(memory_make(PAGE_SIZE, &m, &at));
    *at = 1;
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)at, PAGE_SIZE));
    expect_ok(sys_handle_close(ANY(m)));
}

static void process_life(void) {
    struct process_cap p;
    struct process_info info;
    struct memory_cap m;
    char *at;
    expect_passed(map_once());
    uint64_t used = pool_used(pool);
    expect_ok(sys_process_create(pool, &p));
    expect_ok(sys_process_info(p, &info));
    expect(!info.ended && !info.threads && info.handles <= 1 && !info.resident && info.identity);
    expect_passed(memory_make(PAGE_SIZE, &m, &at));
    expect_ok(sys_process_map(p, m, 0x10000, 0, PAGE_SIZE, MEMORY_READ));
    expect_ok(sys_process_kill(p, 77));
    expect_ok(sys_process_info(p, &info));
    expect(info.ended && info.reason == END_KILL && info.code == 77 && !info.resident);
    expect_error_in(sys_process_map(p, m, 0x20000, 0, PAGE_SIZE, MEMORY_READ), DEAD, 1);
    struct thread_cap t;
    expect_error(sys_thread_create(p, 0x30000, PRIORITY, &t), DEAD);
    expect_ok(sys_process_kill(p, 78));
    expect_ok(sys_process_info(p, &info));
    expect_equal(info.code, 77);
    expect_ok(sys_handle_close(ANY(p)));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)at, PAGE_SIZE));
    expect_ok(sys_handle_close(ANY(m)));
    expect_equal(pool_used(pool), used);
}

static void exit_with(void *argument) {
    sys_process_exit((uint64_t)argument);
}

static void process_exit(void) {
    struct child c;
    struct process_info info;
    expect(child_spawn(&c, pool, exit_with, (void *)99) && child_wait(&c, &info));
    expect(info.reason == END_EXIT && info.code == 99 && info.cpu_time);
    expect_equal(thread_state(c.thread), THREAD_ENDED);
    expect_error(sys_thread_interrupt(c.thread), DEAD);
    expect_error(sys_thread_resume(c.thread), DEAD);
}

/* Enters the kernel all the time, in ways that need a space and a table of handles. */
static void call_for_ever(void *argument) {
    volatile uint32_t *word = argument;
    handle_t h;
    for (;;) {
        __atomic_fetch_add(word, 1, __ATOMIC_RELAXED);
        sys_futex_wake(word, 0, FUTEX_ALL, &h);
        if (err_ok(sys_handle_duplicate(ANY(SELF_THREAD), RIGHTS_ALL, 0, &h)))
            sys_handle_close((struct any_cap){h});
    }
}

/* A process ends while its thread is anywhere, on this processor or another. */
static void process_race(void) {
    volatile uint32_t *word = shared_page();
    expect(word);
    for (unsigned i = 0; i < 150; i++) {
        struct child c;
        uint64_t start = *word, until;
        expect(child_spawn(&c, pool, call_for_ever, (void *)word));
        while (*word == start)
            sys_thread_yield();
        until = clock_nanoseconds() + random_next() % 20000;
        while (clock_nanoseconds() < until)
            ;
        expect_ok(sys_process_kill(c.process, 1));
        expect_ok(sys_handle_close(ANY(c.process)));
        expect_ok(sys_handle_close(ANY(c.thread)));
    }
}

static void spin_for_ever(void *argument) {
    for (volatile bool *stop = argument; !*stop;)
        ;
}

/* A thread that runs on another processor leaves it a little after it was suspended. */
static err_t registers_soon(struct thread_cap t, struct thread_registers *r) {
    uint64_t deadline = in_ms(PATIENCE_MS);
    err_t e;
    while (err_is(e = sys_thread_registers_read(t, r), ERR_BUSY) && clock_nanoseconds() < deadline)
        ;
    return e;
}

static void thread_life(void) {
    static volatile bool stop;
    struct worker w;
    struct thread_registers r;
    struct thread_info info;
    expect(worker_make(&w, PRIORITY - 1, spin_for_ever, (void *)&stop));
    expect_equal(thread_state(w.thread), THREAD_NEW);
    expect_ok(sys_thread_info(w.thread, &info));
    expect(info.priority == PRIORITY - 1 && info.block == (uint64_t)w.block && info.identity);
    expect_equal(w.block->self, w.block);
    expect_error_in(sys_thread_start(w.thread, 1ull << 63, 0, 0), BAD_ARGUMENT, 2);
    expect(worker_go(&w));
    expect_error(sys_thread_start(w.thread, 0x10000, 0, 0), BUSY);
    expect_equal(thread_state(w.thread), THREAD_RUNNING);
    expect_error(sys_thread_registers_read(w.thread, &r), BUSY);
    expect_ok(sys_thread_suspend(w.thread));
    expect_equal(thread_state(w.thread), THREAD_SUSPENDED);
    expect_ok(registers_soon(w.thread, &r));
    expect(r.ip && r.sp && r.gs_base == (uint64_t)w.block);
    expect_ok(sys_thread_registers_write(w.thread, &r));
    r.ip = 1ull << 63;
    expect_error_in(sys_thread_registers_write(w.thread, &r), BAD_ARGUMENT, 2);
    stop = true;
    expect_equal(thread_state(w.thread), THREAD_SUSPENDED);
    expect_ok(sys_thread_resume(w.thread));
    expect(worker_join(&w));
}

static void thread_places(void) {
    struct thread_cap t;
    uint64_t here = (uint64_t)thread_block();
    expect_error_in(sys_thread_create(SELF_PROCESS, here, PRIORITY, &t), OVERLAP, 2);
    expect_error_in(sys_thread_create(SELF_PROCESS, here + 1, PRIORITY, &t), BAD_ARGUMENT, 2);
    expect_error_in(sys_thread_create(SELF_PROCESS, 0, PRIORITY, &t), BAD_ARGUMENT, 2);
    expect_error_in(sys_thread_create(SELF_PROCESS, 1ull << 47, PRIORITY, &t), BAD_ARGUMENT, 2);
    expect_error_in(sys_thread_create(SELF_PROCESS, 1ull << 40, 256, &t), BAD_ARGUMENT, 3);
}

/* The last thread of a process that ends, ends the process. */
static void end_thread(void *argument) {
    (void)argument;
    sys_thread_exit(0, 0, NULL);
}

static void thread_last(void) {
    struct child c;
    struct process_info info;
    expect(child_spawn(&c, pool, end_thread, NULL) && child_wait(&c, &info));
    expect(info.reason == END_EXIT && info.code == 0 && info.threads <= 1);
}

static void nothing(void *argument) {
    (void)argument;
}

/* What a thread needed is back when its handle is closed. */
static void thread_back(void) {
    struct worker w;
    expect(worker_start(&w, PRIORITY, nothing, NULL) && worker_join(&w));
    uint64_t used = pool_used(pool);
    for (unsigned i = 0; i < 20; i++) {
        expect(worker_start(&w, PRIORITY, nothing, NULL));
        expect(worker_join(&w));
    }
    expect_equal(pool_used(pool), used);
}

static void memory_life(void) {
    struct memory_cap m;
    struct memory_info info;
    volatile char *at;
    expect_passed(map_once());
    uint64_t used = pool_used(pool);
    expect_error_in(sys_memory_create(pool, 0, MEMORY_READ, &m), BAD_ARGUMENT, 2);
    expect_error_in(sys_memory_create(pool, 100, MEMORY_READ, &m), BAD_ARGUMENT, 2);
    expect_error_in(sys_memory_create(pool, 1ull << 60, MEMORY_READ, &m), BAD_ARGUMENT, 2);
    expect_error_in(sys_memory_create(pool, PAGE_SIZE, 8, &m), BAD_ARGUMENT, 3);
    expect(memory_make(16 * PAGE_SIZE, &m, &at));
    expect_ok(sys_memory_info(m, &info));
    expect(info.size == 16 * PAGE_SIZE && !info.resident && info.kind == MEMORY_ANONYMOUS);
    for (unsigned i = 0; i < 16; i++)
        expect_equal(at[i * PAGE_SIZE], 0);
    at[3 * PAGE_SIZE] = 5;
    expect_ok(sys_memory_info(m, &info));
    expect(info.resident == 16 * PAGE_SIZE && !info.shared);
    expect_ok(sys_memory_discard(m, 0, 8 * PAGE_SIZE));
    expect_ok(sys_memory_info(m, &info));
    expect_equal(info.resident, 8 * PAGE_SIZE);
    expect_equal(at[3 * PAGE_SIZE], 0);
    at[9 * PAGE_SIZE] = 6;
    expect_ok(sys_handle_close(ANY(m))); /* the mapping keeps it */
    expect_equal(at[9 * PAGE_SIZE], 6);
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)at, 16 * PAGE_SIZE));
    expect_equal(pool_used(pool), used);
}

const struct test tests_life[] = {
    TEST("life.pool", pool_life),
    TEST("life.pool-full", pool_full),
    TEST("life.pool-limits", pool_limits),
    TEST("life.process", process_life),
    TEST("life.process-exit", process_exit),
    TEST("life.process-race", process_race),
    TEST("life.thread", thread_life),
    TEST("life.thread-places", thread_places),
    TEST("life.thread-last", thread_last),
    TEST("life.thread-back", thread_back),
    TEST("life.memory", memory_life),
};
TESTS(life);
