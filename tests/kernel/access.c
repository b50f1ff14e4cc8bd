/* SPDX-License-Identifier: MIT */
/* Without the jit right no address space executes what it may have written. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define READ    MEMORY_READ
#define WRITE   (MEMORY_READ | MEMORY_WRITE)
#define EXECUTE (MEMORY_READ | MEMORY_EXECUTE)
#define HERE    0x10000000ul
#define THERE   0x20000000ul

static struct pool_cap plain; /* without jit */
static struct memory_cap m;

static err_t map(struct process_cap p, struct memory_cap memory, uint64_t at, uint32_t access) {
    return sys_process_map(p, memory, at, 0, PAGE_SIZE, access);
}

static err_t map_once(uint32_t access) {
    err_t e = map(SELF_PROCESS, m, HERE, access);
    return err_ok(e) ? sys_process_unmap(SELF_PROCESS, HERE, PAGE_SIZE) : e;
}

static void set_up(void) {
    if (!plain.h)
        expect_ok(sys_handle_duplicate(ANY(pool), RIGHTS_ALL & ~RIGHT_POOL_JIT, 0, &plain.h));
    expect_ok(sys_memory_create(plain, 2 * PAGE_SIZE, MEMORY_ACCESS, &m));
}

/* Whatever became of the mapping that could write, and at whatever address. */
static void written(void) {
    expect_passed(set_up());
    expect_error_in(map(SELF_PROCESS, m, HERE, WRITE | EXECUTE), NO_RIGHT, 6);
    expect_ok(map_once(WRITE));
    expect_error_in(map_once(EXECUTE), NO_RIGHT, 6);
    expect_error_in(map(SELF_PROCESS, m, THERE, EXECUTE), NO_RIGHT, 6);
    expect_error(sys_process_map(SELF_PROCESS, m, HERE, PAGE_SIZE, PAGE_SIZE, EXECUTE), NO_RIGHT);
    expect_ok(map(SELF_PROCESS, m, HERE, READ));
    expect_error_in(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, EXECUTE), NO_RIGHT, 4);
    expect_ok(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, WRITE));
    expect_ok(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, READ));
    expect_error_in(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, EXECUTE), NO_RIGHT, 4);
    expect_equal(invariants_broken(false), 0);
}

static void executed(void) {
    expect_passed(set_up());
    expect_ok(map_once(EXECUTE));
    expect_error_in(map_once(WRITE), NO_RIGHT, 6);
    expect_ok(map(SELF_PROCESS, m, HERE, READ));
    expect_error_in(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, WRITE), NO_RIGHT, 4);
    expect_ok(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, EXECUTE));
}

/* By another handle, in a copy, or supplied to an object that has no mapping yet. */
static void detours(void) {
    struct memory_cap copy, other, writer;
    expect_passed(set_up());
    expect_ok(sys_handle_duplicate(ANY(m), ~RIGHT_MEMORY_EXECUTE & 0xffff, 0, &writer.h));
    expect_ok(map(SELF_PROCESS, writer, HERE, WRITE));
    *(volatile char *)HERE = 1;
    expect_ok(sys_process_unmap(SELF_PROCESS, HERE, PAGE_SIZE));
    expect_error_in(map_once(EXECUTE), NO_RIGHT, 6);
    expect_ok(sys_memory_clone(m, plain, 0, PAGE_SIZE, &copy));
    expect_error_in(map(SELF_PROCESS, copy, HERE, EXECUTE), NO_RIGHT, 6);
    expect_ok(sys_memory_create(plain, PAGE_SIZE, MEMORY_ACCESS, &other));
    expect_ok(sys_memory_supply(other, m, 0, 0, PAGE_SIZE));
    expect_error_in(map(SELF_PROCESS, other, HERE, EXECUTE), NO_RIGHT, 6);
    expect_passed(set_up());
    expect_ok(map_once(EXECUTE));
    expect_error_in(sys_memory_supply(m, other, 0, 0, PAGE_SIZE), NO_RIGHT, 1);
    expect_ok(sys_memory_clone(m, plain, 0, PAGE_SIZE, &copy));
    expect_ok(map(SELF_PROCESS, copy, THERE, WRITE)); /* as a loader does with data */
}

/* A loader fills what others execute, in any number of them. */
static void loader(void) {
    struct process_cap p[3];
    expect_passed(set_up());
    expect_ok(map_once(WRITE));
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_process_create(pool, &p[i]));
        expect_ok(map(p[i], m, HERE, EXECUTE));
    }
    expect_ok(map_once(WRITE));
    expect_error(map(p[0], m, THERE, WRITE), NO_RIGHT);
    for (unsigned i = 0; i < 2; i++)
        expect_ok(sys_handle_close(ANY(p[i])));
    expect_ok(sys_handle_close(ANY(m))); /* p[2] still has it */
    expect_equal(invariants_broken(true), 0);
    expect_ok(sys_handle_close(ANY(p[2])));
    expect_equal(invariants_broken(true), 0);
}

/* A clone knows what its original did. */
static void child_executes(void *argument) {
    (void)argument;
    expect_error_in(map(SELF_PROCESS, m, HERE, EXECUTE), NO_RIGHT, 6);
    expect_error_in(sys_process_protect(SELF_PROCESS, THERE, PAGE_SIZE, EXECUTE), NO_RIGHT, 4);
}

static void cloned(void) {
    struct child c;
    expect_passed(set_up());
    expect_ok(map_once(WRITE));
    expect_ok(map(SELF_PROCESS, m, THERE, READ | MAP_PRIVATE_COPY));
    expect(child_spawn(&c, pool, child_executes, NULL) && child_join(&c));
}

static void jit(void) {
    struct memory_cap free;
    expect_passed(set_up());
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_ACCESS, &free));
    expect_ok(map(SELF_PROCESS, free, HERE, WRITE));
    expect_ok(map(SELF_PROCESS, free, THERE, EXECUTE));
    expect_ok(sys_process_protect(SELF_PROCESS, HERE, PAGE_SIZE, WRITE | EXECUTE));
}

/* The record is paid for, and without room for it nothing is mapped. */
static void no_room(void) {
    struct process_cap p;
    struct pool_cap small;
    if (!have_test_calls())
        return;
    expect_passed(set_up());
    expect_ok(sys_pool_create(pool, 64 * PAGE_SIZE, 0, &small));
    expect_ok(sys_process_create(small, &p));
    for (uint64_t n = 1; n <= 2; n++) {
        fail_nth(small, n);
        expect_error(map(p, m, HERE, WRITE), NO_MEMORY);
    }
    expect_ok(map(p, m, HERE, READ));
    fail_nth(small, 1); /* changing access needs no more */
    expect_ok(sys_process_protect(p, HERE, PAGE_SIZE, WRITE));
    fail_nth(small, 0);
    expect_error(map(p, m, THERE, EXECUTE), NO_RIGHT);
    expect_equal(invariants_broken(true), 0);
    expect_ok(sys_pool_destroy(small));
    expect_equal(invariants_broken(true), 0);
}

const struct test tests_access[] = {
    TEST("access.written", written), TEST("access.executed", executed),
    TEST("access.detours", detours), TEST("access.loader", loader),
    TEST("access.cloned", cloned),   TEST("access.jit", jit),
    TEST("access.no-room", no_room),
};
TESTS(access);
