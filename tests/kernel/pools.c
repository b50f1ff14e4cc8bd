/* SPDX-License-Identifier: MIT */
/* What a handle to a pool lets its holder do, and what happens to those who wait for its memory. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define SMALL   (16 * PAGE_SIZE)
#define SPECIAL (RIGHT_POOL_JIT | RIGHT_POOL_PHYSICAL)

static uint64_t rights_of(struct any_cap h) {
    uint64_t what = 0, identity;
    return err_ok(sys_handle_info(h, &what, &identity)) ? what >> 16 & 0xffff : 0;
}

/* The rights of memory that is bought with a pool. */
static uint64_t buys(struct pool_cap p) {
    struct memory_cap m;
    if (!err_ok(sys_memory_create(p, PAGE_SIZE, MEMORY_ACCESS, &m)))
        return 0;
    uint64_t rights = rights_of(ANY(m));
    sys_handle_close(ANY(m));
    return rights;
}

/* What a handle lacks, a pool that was carved out through it lacks, too, and so on. */
static void special_rights(void) {
    static const uint64_t lacking[] = {0, RIGHT_POOL_JIT, RIGHT_POOL_PHYSICAL, SPECIAL};
    for (unsigned i = 0; i < 4; i++) {
        struct pool_cap narrow, child, grandchild;
        expect_ok(sys_handle_duplicate(ANY(pool), RIGHTS_ALL & ~lacking[i], 0, &narrow.h));
        expect_ok(sys_pool_create(narrow, 2 * SMALL, 0, &child));
        expect_ok(sys_pool_create(child, SMALL, 0, &grandchild));
        expect_equal(rights_of(ANY(child)), rights_of(ANY(pool)) & ~lacking[i]);
        expect_equal(rights_of(ANY(grandchild)), rights_of(ANY(child)));
        expect_equal(!(buys(grandchild) & RIGHT_MEMORY_JIT), !!(lacking[i] & RIGHT_POOL_JIT));
        expect_equal(!(buys(grandchild) & RIGHT_MEMORY_PHYSICAL),
                     !!(lacking[i] & RIGHT_POOL_PHYSICAL));
        expect_ok(sys_handle_close(ANY(narrow))); /* takes nothing away */
        expect(buys(grandchild));
        expect_ok(sys_pool_destroy(child));
    }
}

/* Who takes a pool back takes back what was carved out of it, and gets the memory. */
static void take_back(void) {
    struct pool_cap lent, child, grandchild;
    expect_ok(sys_handle_duplicate(ANY(pool), RIGHTS_ALL, 0, &lent.h));
    expect_ok(sys_pool_create(lent, 2 * SMALL, 0, &child));
    expect_ok(sys_pool_create(child, SMALL, 0, &grandchild));
    expect(buys(grandchild));
    expect_ok(sys_handle_revoke(ANY(lent)));
    expect_equal(buys(child), 0);
    expect_equal(buys(grandchild), 0);
    expect(buys(lent));
    expect_ok(sys_handle_close(ANY(lent)));
    sys_thread_yield();
}

static void revoked(void) {
    expect_passed(take_back()); /* the pages that this code needs are there now */
    uint64_t used = pool_used(pool);
    expect_passed(take_back());
    expect_equal(pool_used(pool), used);
}

/* Who may only buy gets no more than it was given, by no way. */
static void bounded(void) {
    struct pool_cap p, narrow, child;
    struct signal_cap s;
    struct pool_info info;
    expect_ok(sys_pool_create(pool, 2 * SMALL, 0, &p));
    expect_ok(sys_handle_duplicate(ANY(p), RIGHT_POOL_BUY | RIGHT_INFO, 0, &narrow.h));
    expect_ok(sys_signal_create(pool, &s));
    expect_error_in(sys_pool_limit(narrow, 3 * SMALL), NO_RIGHT, 1);
    expect_error_in(sys_pool_bind(narrow, s, 1), NO_RIGHT, 1);
    expect_ok(sys_pool_create(narrow, SMALL, 0, &child));
    expect_error(sys_pool_limit(child, 2 * SMALL), NO_MEMORY);
    expect_ok(sys_pool_limit(child, SMALL + PAGE_SIZE));
    expect_ok(sys_pool_limit(child, 0));
    expect_ok(sys_pool_info(narrow, &info));
    expect_equal(info.limit, 2 * SMALL);
}

/*
 * Many threads of a process wait for room: each writes to a page of its own, and then waits for
 * ever. The pool pays for nothing else that changes meanwhile. They are above us on our processor.
 */
#define CROWD        150u
#define CROWD_ROOM   0x0d0000000000ull
#define CROWD_CODE   0x0b0000000000ull
#define CROWD_BLOCKS 0x0c0000000000ull
#define ROUNDS       12u

static struct {
    struct pool_cap pool;
    struct process_cap process;
    struct memory_cap memory;
    struct thread_cap thread[CROWD];
    uint64_t time[CROWD];
    uint64_t limit;
} crowd;

static const uint8_t crowd_code[] = {
    0xc6, 0x07,
    0x01, /* movb $1, (%rdi) */
    0xbe, 0x01,
    0x00, 0x00,
    0x00, /* mov $1, %esi: what the word is */
    0x48, 0xc7,
    0xc2, 0xff,
    0xff, 0xff,
    0xff, /* mov $DEADLINE_NONE, %rdx */
    0x41, 0xba,
    0xff, 0xff,
    0xff, 0xff, /* mov $FUTEX_ALL, %r10d */
    0xb8, SYSCALL_futex_wait,
    0x10, 0,
    0,          /* mov $SYSCALL_BASE + SYSCALL_futex_wait, %eax */
    0x0f, 0x05, /* syscall */
    0x0f, 0x0b, /* ud2 */
};

static void crowd_make(void) {
    struct memory_cap code;
    void *text;
    expect_ok(sys_pool_create(pool, 10u << 20, 0, &crowd.pool));
    expect_ok(sys_process_create(crowd.pool, &crowd.process));
    expect(memory_make(PAGE_SIZE, &code, &text));
    memcpy(text, crowd_code, sizeof crowd_code);
    expect_ok(sys_process_map(crowd.process, code, CROWD_CODE, 0, PAGE_SIZE,
                              MEMORY_READ | MEMORY_EXECUTE | MAP_PRESENT));
    expect_ok(sys_memory_create(crowd.pool, CROWD * PAGE_SIZE, MEMORY_ACCESS, &crowd.memory));
    expect_ok(sys_process_map(crowd.process, crowd.memory, CROWD_ROOM, 0, CROWD * PAGE_SIZE,
                              MEMORY_READ | MEMORY_WRITE));
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    for (unsigned i = 0; i < CROWD; i++) {
        expect_ok(sys_thread_create(crowd.process, CROWD_BLOCKS + i * PAGE_SIZE, PRIORITY + 1,
                                    &crowd.thread[i]));
        expect_ok(sys_thread_schedule(crowd.thread[i], PRIORITY + 1, 1));
    }
}

static void crowd_limit(uint64_t limit) {
    crowd.limit = limit;
    expect_ok(sys_pool_limit(crowd.pool, limit));
}

static void crowd_start(unsigned i) {
    expect_ok(sys_thread_start(crowd.thread[i], CROWD_CODE, 0, CROWD_ROOM + i * PAGE_SIZE));
    expect(settled(crowd.thread[i]));
}

/* All but three wait for room: those have what the others need beside a page of their own. */
static void crowd_fill(void) {
    struct signal_cap dry;
    expect_passed(crowd_make());
    expect_ok(sys_signal_create(pool, &dry));
    expect_ok(sys_pool_bind(crowd.pool, dry, 1));
    for (unsigned i = 0; i < CROWD; i += 64)
        expect_passed(crowd_start(i));
    expect_passed(crowd_limit(pool_used(crowd.pool)));
    for (unsigned i = 0; i < CROWD; i++)
        if (i % 64)
            expect_passed(crowd_start(i));
}

/* How many have their page. */
static unsigned crowd_served(void) {
    struct memory_info info = {.resident = 0};
    sys_memory_info(crowd.memory, &info);
    return (unsigned)(info.resident / PAGE_SIZE);
}

/* How many ran since this was last asked. */
static unsigned crowd_ran(void) {
    unsigned n = 0;
    for (unsigned i = 0; i < CROWD; i++) {
        struct thread_info info = {.cpu_time = 0};
        sys_thread_info(crowd.thread[i], &info);
        n += info.cpu_time != crowd.time[i];
        crowd.time[i] = info.cpu_time;
    }
    return n;
}

/* One more page, which they use up. */
static void crowd_page(void) {
    uint32_t never = 0;
    expect_passed(crowd_limit(crowd.limit + PAGE_SIZE));
    for (unsigned i = 0; i < PATIENCE_MS / 5; i++) {
        if (pool_used(crowd.pool) == crowd.limit)
            return;
        sys_futex_wait(&never, 0, in_ms(5), FUTEX_ALL);
    }
    test_fail(__FILE__, __LINE__, "nobody takes the page");
}

/* A page does not wake all of them, and none is forgotten. */
static void crowd_woken(void) {
    unsigned ran = 0;
    uint32_t never = 0;
    expect_passed(crowd_fill());
    crowd_ran();
    for (unsigned i = 0; i < ROUNDS; i++) {
        expect_passed(crowd_page());
        ran += crowd_ran();
    }
    if (ran > ROUNDS * CROWD * 19 / 20)
        test_fail(__FILE__, __LINE__, "%u pages woke %u threads", ROUNDS, ran);
    expect_passed(crowd_limit(crowd.limit + 2 * CROWD * PAGE_SIZE));
    for (unsigned i = 0; i < PATIENCE_MS / 5 && crowd_served() < CROWD; i++)
        sys_futex_wait(&never, 0, in_ms(5), FUTEX_ALL);
    expect_equal(crowd_served(), CROWD);
    expect_ok(sys_pool_destroy(crowd.pool));
}

/* Those who are woken and do not take the page do not keep it from the others. */
static void crowd_thinned(void) {
    expect_passed(crowd_fill());
    for (unsigned i = 0; i < CROWD; i++)
        if (i % 10 < 7)
            expect_ok(sys_thread_suspend(crowd.thread[i]));
    for (unsigned i = 0; i < ROUNDS; i++)
        expect_passed(crowd_page());
    expect_ok(sys_pool_destroy(crowd.pool));
}

/* Where one page is left and two are needed at once: who needs them waits, above us, and does not
 * try again and again. */
static void one_is_not_enough(void) {
    struct signal_cap dry;
    uint64_t bits;
    expect_passed(crowd_make());
    expect_ok(sys_signal_create(pool, &dry));
    expect_ok(sys_pool_bind(crowd.pool, dry, 1));
    expect_passed(crowd_limit(pool_used(crowd.pool) + PAGE_SIZE));
    expect_passed(crowd_start(0));
    for (unsigned i = 0; i < 8 && !crowd_served(); i++) {
        expect_ok(sys_signal_wait(dry, 1, in_ms(PATIENCE_MS), &bits));
        expect_passed(crowd_limit(crowd.limit + PAGE_SIZE));
    }
    expect_equal(crowd_served(), 1);
    expect_ok(sys_pool_destroy(crowd.pool));
}

/* And when nobody is told, the largest is ended. */
static void one_ends_the_largest(void) {
    struct process_info info = {.ended = 0};
    expect_passed(crowd_make());
    expect_passed(crowd_limit(pool_used(crowd.pool) + PAGE_SIZE));
    expect_ok(sys_thread_start(crowd.thread[0], CROWD_CODE, 0, CROWD_ROOM));
    struct child c = {.process = crowd.process};
    expect(child_wait(&c, &info));
    expect_equal(info.reason, END_POOL);
    expect_ok(sys_pool_destroy(crowd.pool));
}

/* Their pool is destroyed while they wait. */
static void crowd_ended(void) {
    expect_passed(crowd_fill());
    expect_passed(crowd_limit(crowd.limit + PAGE_SIZE));
    expect_ok(sys_pool_destroy(crowd.pool));
}

const struct test tests_pools[] = {
    TEST("pools.special-rights", special_rights),
    TEST("pools.revoked", revoked),
    TEST("pools.bounded", bounded),
    TEST("pools.one-page", one_is_not_enough, .seconds = 10, .limit = 16u << 20),
    TEST("pools.one-page-untold", one_ends_the_largest, .seconds = 10, .limit = 16u << 20),
    TEST("pools.crowd", crowd_woken, .limit = 16u << 20),
    TEST("pools.crowd-thinned", crowd_thinned, .limit = 16u << 20),
    TEST("pools.crowd-ended", crowd_ended, .limit = 16u << 20),
};
TESTS(pools);
