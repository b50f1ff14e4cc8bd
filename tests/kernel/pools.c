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

const struct test tests_pools[] = {
    TEST("pools.special-rights", special_rights),
    TEST("pools.revoked", revoked),
    TEST("pools.bounded", bounded),
};
TESTS(pools);
