/* SPDX-License-Identifier: MIT */
/* Threads that wait for a page of pager-backed memory, and what ends the wait. */
#include "lib/sys/room.h"
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define HERE  0x10000000ul
#define PAGES 16u

static struct endpoint_cap e;
static struct memory_cap m;
static struct pool_cap own; /* pays for the memory */

static bool by_call;

/* Touches page 1 of what is mapped, by an instruction or through a system call. */
static void touch_main(void *argument) {
    uint64_t page = HERE + PAGE_SIZE, n;
    (void)argument;
    if (!by_call) {
        (void)*(volatile char *)page;
        return;
    }
    expect_error(sys_trace_log((struct trace_cap){boot_page->trace}, (void *)page, 1, &n),
                 BAD_ADDRESS);
    (void)*(volatile char *)page;
}

static void set_up(void) {
    expect_ok(sys_pool_create(pool, 64 * PAGE_SIZE, 0, &own));
    expect_ok(sys_endpoint_create(pool, &e));
    expect_ok(sys_memory_create_pager(own, e, 7, PAGES * PAGE_SIZE, ~0ull, &m));
}

static err_t map(struct process_cap p, struct memory_cap memory, uint64_t at) {
    return sys_process_map(p, memory, at, 0, PAGES * PAGE_SIZE, MEMORY_READ);
}

static void expect_request(struct message *r) {
    enum message_kind kind;
    expect_ok(receive(e, 0, r, &kind));
    expect(kind == MESSAGE_PAGE && r->badge == 7);
    expect_equal(r->op, PAGE_SIZE);
}

/* What ends the wait: of a child that has the page asked for. */
static void end_by_unmap(struct child *c) {
    expect_ok(sys_process_unmap(c->process, HERE, PAGES * PAGE_SIZE));
}

static void end_by_part(struct child *c) {
    expect_ok(sys_process_unmap(c->process, HERE + 2 * PAGE_SIZE, PAGE_SIZE));
    expect_ok(sys_process_unmap(c->process, HERE, PAGE_SIZE));
    expect_equal(thread_state(c->thread), THREAD_WAITING);
    expect_ok(sys_process_unmap(c->process, HERE + PAGE_SIZE, PAGE_SIZE));
}

static void end_by_revoke(struct child *c) {
    (void)c;
    expect_ok(sys_handle_revoke(ANY(m)));
}

static void end_by_pool(struct child *c) {
    (void)c;
    expect_ok(sys_pool_destroy(own));
}

static void fault_ends(void (*end)(struct child *c), bool received, bool copied, unsigned fault) {
    struct memory_cap mapped;
    struct process_info info;
    struct message r = {0};
    struct child c;
    expect_passed(set_up());
    mapped = m;
    if (copied)
        expect_ok(sys_memory_clone(m, pool, 0, PAGES * PAGE_SIZE, &mapped));
    expect(child_make(&c, pool, touch_main, NULL));
    expect_ok(map(c.process, mapped, HERE));
    expect(child_go(&c) && settled(c.thread));
    if (received)
        expect_passed(expect_request(&r));
    expect_passed(end(&c));
    expect(child_wait(&c, &info));
    expect(info.reason == END_FAULT && info.code == fault && info.address == HERE + PAGE_SIZE);
    if (received)
        expect_error(answer(r.reply, 0, 0), CALLER_GONE);
    expect_equal(invariants_broken(true), 0);
    expect_ok(sys_handle_close(ANY(c.thread)));
    expect_ok(sys_handle_close(ANY(c.process)));
}

static void all(void (*end)(struct child *c), bool copied, unsigned fault) {
    for (unsigned i = 0; i < 4; i++) {
        by_call = i & 1;
        expect_passed(fault_ends(end, i & 2, copied, fault));
    }
}

static void by_unmap(void) {
    all(end_by_unmap, false, FAULT_UNMAPPED);
}

static void by_part(void) {
    all(end_by_part, false, FAULT_UNMAPPED);
}

static void by_revoke(void) {
    all(end_by_revoke, false, FAULT_UNMAPPED);
    all(end_by_revoke, true, FAULT_UNMAPPED);
}

static void by_pool(void) {
    all(end_by_pool, false, FAULT_UNMAPPED);
    all(end_by_pool, true, FAULT_BUS); /* the copy is another's */
}

static struct signal_cap done, again;

static void touch_twice(void *argument) {
    uint64_t bits;
    (void)argument;
    (void)*(volatile char *)(HERE + PAGE_SIZE);
    expect_ok(sys_signal_raise(done, 1));
    expect_ok(sys_signal_wait(again, 1, in_ms(PATIENCE_MS), &bits));
    (void)*(volatile char *)(HERE + PAGE_SIZE);
}

/* The pager refuses and then supplies before the thread looks again: the page is there, and when it
 * is gone again it is asked for again. */
static void late_supply(void) {
    struct memory_cap source;
    struct message r = {0};
    struct child c;
    uint64_t at;
    by_call = false;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &done));
    expect_ok(sys_signal_create(pool, &again));
    expect_ok(room_allocate(own, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &source, &at));
    expect(child_make(&c, pool, touch_twice, NULL));
    expect_ok(sys_thread_schedule(c.thread, PRIORITY - 1, 1)); /* it waits while we are busy */
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    expect_ok(map(c.process, m, HERE));
    expect(child_go(&c));
    expect_passed(expect_request(&r));
    *(volatile char *)at = 1;
    expect_ok(answer(r.reply, 1, 0));
    expect_ok(sys_memory_supply(m, source, PAGE_SIZE, 0, PAGE_SIZE));
    expect_ok(sys_endpoint_bind(e, done));
    struct message s = {0};
    enum message_kind kind;
    expect_ok(receive(e, 0, &s, &kind));
    expect_equal(kind, MESSAGE_SIGNAL);
    expect_ok(sys_memory_discard(m, PAGE_SIZE, PAGE_SIZE));
    expect_ok(sys_signal_raise(again, 1));
    expect_passed(expect_request(&r));
    *(volatile char *)at = 1;
    expect_ok(sys_memory_supply(m, source, PAGE_SIZE, 0, PAGE_SIZE));
    expect_ok(answer(r.reply, 0, 0));
    expect(child_join(&c));
}

const struct test tests_pager_ends[] = {
    TEST("pager-ends.unmap", by_unmap),          TEST("pager-ends.unmap-part", by_part),
    TEST("pager-ends.revoke", by_revoke),        TEST("pager-ends.pool", by_pool),
    TEST("pager-ends.late-supply", late_supply),
};
TESTS(pager_ends);
