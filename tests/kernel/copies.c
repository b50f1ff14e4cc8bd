/* SPDX-License-Identifier: MIT */
/* Copy-on-write: of objects, of processes; who sees what, and who pays. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define RW    (MEMORY_READ | MEMORY_WRITE)
#define PAGES 100u

static volatile char *map_new(struct memory_cap m) {
    volatile char *at = NULL;
    err_t e = memory_map(m, PAGES * PAGE_SIZE, RW, &at);
    if (!err_ok(e))
        test_fail(__FILE__, __LINE__, "process_map: %s", error_name(e));
    return at;
}

/* Page i of an object begins with this. */
static char mark(unsigned salt, unsigned i) {
    return (char)(salt * 31 + i);
}

static void fill(volatile char *at, unsigned salt) {
    for (unsigned i = 0; i < PAGES; i++)
        at[i * PAGE_SIZE] = mark(salt, i);
}

static bool holds(volatile char *at, unsigned salt) {
    for (unsigned i = 0; i < PAGES; i++)
        if (at[i * PAGE_SIZE] != mark(salt, i))
            return false;
    return true;
}

static void both_ways(void) {
    struct memory_cap m, copy;
    struct memory_info info;
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    fill(a, 1);
    uint64_t used = pool_used(pool);
    expect_ok(sys_memory_clone(m, pool, 0, PAGES * PAGE_SIZE, &copy));
    expect(pool_used(pool) - used < 8 * PAGE_SIZE);
    volatile char *b = map_new(copy);
    expect(holds(b, 1));
    expect_ok(sys_memory_info(copy, &info));
    expect(info.resident == PAGES * PAGE_SIZE && info.shared == PAGES * PAGE_SIZE);
    fill(b, 2);
    expect(holds(a, 1) && holds(b, 2));
    expect_ok(sys_memory_info(m, &info));
    expect_equal(info.shared, 0);
    expect_ok(sys_handle_close(ANY(copy)));
    expect_ok(sys_memory_clone(m, pool, 0, PAGES * PAGE_SIZE, &copy));
    volatile char *c = map_new(copy);
    fill(a, 3);
    expect(holds(c, 1) && holds(a, 3) && holds(b, 2));
    expect_ok(sys_handle_close(ANY(m)));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)a, PAGES * PAGE_SIZE));
    expect(holds(c, 1) && holds(b, 2));
}

/* A range only; what was absent stays absent on both sides. */
static void ranges(void) {
    struct memory_cap m, copy;
    struct memory_info info;
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    a[70 * PAGE_SIZE] = 7;
    expect_error_in(sys_memory_clone(m, pool, 0, 0, &copy), BAD_ARGUMENT, 4);
    expect_error_in(sys_memory_clone(m, pool, 1, PAGE_SIZE, &copy), BAD_ARGUMENT, 3);
    expect_error_in(sys_memory_clone(m, pool, 99 * PAGE_SIZE, 2 * PAGE_SIZE, &copy), BAD_ARGUMENT,
                    3);
    expect_ok(sys_memory_clone(m, pool, 60 * PAGE_SIZE, 20 * PAGE_SIZE, &copy));
    expect_ok(sys_memory_info(copy, &info));
    expect(info.size == 20 * PAGE_SIZE && info.resident == PAGE_SIZE);
    volatile char *b = map_new(copy);
    expect_equal(b[10 * PAGE_SIZE], 7);
    a[61 * PAGE_SIZE] = 8;
    expect_equal(b[PAGE_SIZE], 0);
}

/* Copies of copies, in any order of their ends. */
static void chains(void) {
    struct memory_cap m[6];
    volatile char *at[6];
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m[0]));
    at[0] = map_new(m[0]);
    fill(at[0], 0);
    for (unsigned i = 1; i < 6; i++) {
        expect_ok(sys_memory_clone(m[i / 2], pool, 0, PAGES * PAGE_SIZE, &m[i]));
        at[i] = map_new(m[i]);
    }
    for (unsigned i = 0; i < 6; i++)
        expect(holds(at[i], 0));
    fill(at[2], 2);
    fill(at[0], 9);
    static const unsigned order[] = {0, 3, 1, 5};
    for (unsigned i = 0; i < 4; i++) {
        expect_ok(sys_handle_close(ANY(m[order[i]])));
        expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)at[order[i]], PAGES * PAGE_SIZE));
        expect(holds(at[2], 2) && holds(at[4], 0));
    }
    fill(at[4], 4);
    expect(holds(at[4], 4) && holds(at[2], 2));
}

/* The charge for a shared page passes to who is left; a copy is derived from its original's handle.
 */
static void who_pays(void) {
    struct pool_cap first, second;
    struct memory_cap m, copy;
    expect_ok(sys_pool_create(pool, 2 * PAGES * PAGE_SIZE, 0, &first));
    expect_ok(sys_pool_create(pool, 2 * PAGES * PAGE_SIZE, 0, &second));
    expect_ok(sys_memory_create(first, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    fill(a, 1);
    expect_ok(sys_memory_clone(m, second, 0, PAGES * PAGE_SIZE, &copy));
    volatile char *b = map_new(copy);
    expect(holds(b, 1) && pool_used(second) < 16 * PAGE_SIZE);
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)a, PAGES * PAGE_SIZE));
    expect_ok(sys_handle_close(ANY(m)));
    expect(pool_used(first) < 8 * PAGE_SIZE && pool_used(second) >= PAGES * PAGE_SIZE);
    expect_ok(sys_pool_destroy(first));
    expect(holds(b, 1));
}

/* Where the heir has no room the charge stays, and goes to the parent with its pool. */
static void poor_heir(void) {
    struct pool_cap first, second;
    struct memory_cap m, copy;
    expect_ok(sys_pool_create(pool, 2 * PAGES * PAGE_SIZE, 0, &first));
    expect_ok(sys_pool_create(pool, 16 * PAGE_SIZE, 0, &second));
    expect_ok(sys_memory_create(first, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    fill(a, 1);
    expect_ok(sys_memory_clone(m, second, 0, PAGES * PAGE_SIZE, &copy));
    volatile char *b = map_new(copy);
    expect_ok(sys_pool_destroy(first));
    expect(holds(b, 1));
    expect_ok(sys_handle_close(ANY(copy)));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)b, PAGES * PAGE_SIZE));
    expect_ok(sys_pool_destroy(second));
}

static void rights_of_copies(void) {
    struct memory_cap m, weak, copy, none;
    uint64_t what, identity;
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ, &m));
    expect_ok(sys_handle_duplicate(ANY(m), RIGHT_MEMORY_READ | RIGHT_MEMORY_CLONE, 0, &weak.h));
    expect_ok(sys_memory_clone(weak, pool, 0, PAGE_SIZE, &copy));
    expect_ok(sys_handle_info(ANY(copy), &what, &identity));
    what >>= 16;
    expect(what & RIGHT_MEMORY_WRITE && what & RIGHT_MEMORY_READ);
    expect(!(what & (RIGHT_MEMORY_JIT | RIGHT_MEMORY_PHYSICAL | RIGHT_MEMORY_EXECUTE)));
    expect_ok(sys_handle_revoke(ANY(m)));
    expect_error(sys_memory_resize(copy, PAGE_SIZE), BAD_HANDLE);
    expect_error(sys_memory_clone(weak, pool, 0, PAGE_SIZE, &none), BAD_HANDLE);
}

/* Clone of a process: private mappings are copied, others shared; one copy for all its mappings. */
static struct {
    volatile char *private, *again, *shared;
    volatile uint32_t *step;
} seen;

static void child_of_clone(void *argument) {
    (void)argument;
    expect(holds(seen.private, 1) && holds(seen.again, 1) && holds(seen.shared, 1));
    fill(seen.private, 2);
    expect(holds(seen.again, 2));
    fill(seen.shared, 3);
    *seen.step = 1;
    expect(eventually(seen.step, 2));
    expect(holds(seen.private, 2) && holds(seen.shared, 5));
}

static void process_copy(void) {
    struct memory_cap m, s;
    struct child c;
    expect((seen.step = shared_page()));
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m));
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &s));
    expect_ok(memory_map(m, PAGES * PAGE_SIZE, RW | MAP_PRIVATE_COPY, &seen.private));
    expect_ok(memory_map(m, PAGES * PAGE_SIZE, RW | MAP_PRIVATE_COPY, &seen.again));
    seen.shared = map_new(s);
    fill(seen.private, 1);
    fill(seen.shared, 1);
    expect(child_spawn(&c, pool, child_of_clone, NULL));
    expect(eventually(seen.step, 1));
    expect(holds(seen.private, 1) && holds(seen.again, 1) && holds(seen.shared, 3));
    fill(seen.private, 4);
    fill(seen.shared, 5);
    *seen.step = 2;
    expect(child_join(&c));
    expect(holds(seen.again, 4));
}

/* A page that a driver knows is never shared: a copy gets its own at once. */
static void disclosed(void) {
    struct memory_cap m, copy;
    struct memory_info info;
    uint64_t address, other;
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    fill(a, 1);
    expect_ok(sys_memory_physical(m, 0, &address));
    expect_ok(sys_memory_clone(m, pool, 0, PAGES * PAGE_SIZE, &copy));
    expect_ok(sys_memory_info(copy, &info));
    expect_equal(info.shared, (PAGES - 1) * PAGE_SIZE);
    volatile char *b = map_new(copy);
    expect(holds(b, 1));
    a[0] = 99;
    expect_ok(sys_memory_physical(m, 0, &other));
    expect_equal(other, address);
    expect_equal(b[0], mark(1, 0));
    expect_ok(sys_memory_physical(copy, PAGE_SIZE, &address)); /* own page from now on */
    b[PAGE_SIZE] = 55;
    expect_equal(a[PAGE_SIZE], mark(1, 1));
}

/* Page i of a view is that of the original, 0 where that has none; but in every step-th one is what
 * was written (step 0: in none). */
static bool shows(volatile char *at, unsigned first, unsigned pages, unsigned step, char written) {
    for (unsigned i = 0; i < pages; i++) {
        unsigned n = first + i;
        char wanted = n % 7 ? mark(1, n) : 0;
        if (at[i * PAGE_SIZE] != (!step || i % step ? wanted : written))
            return false;
    }
    return true;
}

static void write_every(volatile char *at, unsigned pages, unsigned step, char c) {
    for (unsigned i = 0; i < pages; i += step)
        at[i * PAGE_SIZE] = c;
}

/* Copies of 40 pages from `first` on, and of 30 of these: each time in other places of their trees,
 * with holes, and one page that a driver knows. All three are written to. */
static void copies_from(struct memory_cap m, volatile char *a, unsigned first) {
    struct memory_cap copy, inner;
    volatile char *b = NULL, *c = NULL;
    expect_ok(sys_memory_clone(m, pool, first * PAGE_SIZE, 40 * PAGE_SIZE, &copy));
    expect_ok(sys_memory_clone(copy, pool, 5 * PAGE_SIZE, 30 * PAGE_SIZE, &inner));
    expect_ok(memory_map(copy, 40 * PAGE_SIZE, RW, &b));
    expect_ok(memory_map(inner, 30 * PAGE_SIZE, RW, &c));
    expect(shows(b, first, 40, 0, 0) && shows(c, first + 5, 30, 0, 0));
    expect(!have_test_calls() || !invariants_broken(false));
    write_every(b, 40, 3, 98);
    expect(shows(b, first, 40, 3, 98) && shows(c, first + 5, 30, 0, 0));
    write_every(c, 30, 2, 97);
    expect(shows(b, first, 40, 3, 98) && shows(c, first + 5, 30, 2, 97));
    expect(shows(a, 0, PAGES, 0, 0));
    for (unsigned i = 0; i < PAGES; i++) /* each page of the original is its own again */
        a[i * PAGE_SIZE] = a[i * PAGE_SIZE];
    expect(shows(b, first, 40, 3, 98) && shows(c, first + 5, 30, 2, 97));
    expect(!have_test_calls() || !invariants_broken(false));
    expect_ok(sys_handle_close(ANY(copy)));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)b, 40 * PAGE_SIZE));
    expect(shows(c, first + 5, 30, 2, 97));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)c, 30 * PAGE_SIZE));
    expect_ok(sys_handle_close(ANY(inner)));
}

static void offsets(void) {
    static const unsigned from[] = {0, 1, 23, 24, 25, 37, 59, 60};
    struct process_info info;
    struct memory_cap m;
    uint64_t address, released, used = 0;
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &m));
    volatile char *a = map_new(m);
    for (unsigned i = 0; i < PAGES; i++)
        a[i * PAGE_SIZE] = i % 7 ? mark(1, i) : 0;
    for (unsigned i = 0; i < PAGES; i += 7)
        expect_ok(sys_memory_discard(m, i * PAGE_SIZE, PAGE_SIZE));
    expect_ok(sys_memory_physical(m, 61 * PAGE_SIZE, &address));
    for (unsigned i = 0; i < 8; i++) {
        expect_passed(copies_from(m, a, from[i]));
        expect_ok(sys_pool_release(pool, &released));
        expect_ok(sys_process_info(SELF_PROCESS, &info));
        if (i)
            expect_equal(pool_used(pool) - info.tables, used);
        used = pool_used(pool) - info.tables;
    }
}

const struct test tests_copies[] = {
    TEST("copies.both-ways", both_ways),  TEST("copies.ranges", ranges),
    TEST("copies.chains", chains),        TEST("copies.who-pays", who_pays),
    TEST("copies.poor-heir", poor_heir),  TEST("copies.rights", rights_of_copies),
    TEST("copies.process", process_copy), TEST("copies.disclosed", disclosed),
    TEST("copies.offsets", offsets),
};
TESTS(copies);
