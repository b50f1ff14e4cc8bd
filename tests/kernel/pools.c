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
static void revoked(void) {
    struct pool_cap lent, child, grandchild;
    uint64_t used = pool_used(pool);
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
    expect_equal(pool_used(pool), used);
}

const struct test tests_pools[] = {
    TEST("pools.special-rights", special_rights),
    TEST("pools.revoked", revoked),
};
TESTS(pools);
