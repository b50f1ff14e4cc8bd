/* SPDX-License-Identifier: MIT */
/* Memory whose absent pages are asked for at an endpoint: supplied, refused, late, orphaned. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define RW      (MEMORY_READ | MEMORY_WRITE)
#define PAGES   16u
#define BADGE   0xbadeull
#define FOREVER (100ull * 1000000000)

static struct endpoint_cap e;
static struct memory_cap m, source;
static volatile char *at, *fill;

static void set_up(uint64_t patience) {
    expect_ok(sys_endpoint_create(pool, &e));
    expect_ok(sys_memory_create_pager(pool, e, BADGE, PAGES * PAGE_SIZE, patience, &m));
    expect_ok(sys_memory_create(pool, PAGES * PAGE_SIZE, RW, &source));
    expect_ok(memory_map(m, PAGES * PAGE_SIZE, RW, &at));
    expect_ok(memory_map(source, PAGES * PAGE_SIZE, RW, &fill));
}

struct toucher {
    struct worker worker;
    unsigned page;
    bool write;
    char value;
};

static void touch(void *argument) {
    struct toucher *t = argument;
    if (t->write)
        at[t->page * PAGE_SIZE] = 77;
    t->value = at[t->page * PAGE_SIZE];
}

static bool touch_start(struct toucher *t, unsigned page, bool write) {
    t->page = page;
    t->write = write;
    return worker_start(&t->worker, PRIORITY, touch, t) && settled(t->worker.thread);
}

/* Receives a request and looks at it. */
static void expect_request(unsigned page, uint32_t access, struct reply_cap *reply) {
    struct message r = {0};
    enum message_kind kind;
    expect_ok(receive(e, 0, &r, &kind));
    expect_equal(kind, MESSAGE_PAGE);
    expect_equal(r.badge, BADGE);
    expect_equal(r.op, page * PAGE_SIZE);
    expect_equal(r.word[0], access);
    *reply = r.reply;
}

static void supply(unsigned page, char value) {
    fill[page * PAGE_SIZE] = value;
    expect_ok(sys_memory_supply(m, source, page * PAGE_SIZE, page * PAGE_SIZE, PAGE_SIZE));
}

static void supplied(void) {
    struct toucher t;
    struct reply_cap r;
    expect_passed(set_up(FOREVER));
    expect(touch_start(&t, 3, false));
    expect_passed(expect_request(3, MEMORY_READ, &r));
    expect_passed(supply(3, 5));
    expect_ok(answer(r, 0, 0));
    expect(worker_join(&t.worker));
    expect_equal(t.value, 5);
    expect(touch_start(&t, 4, true));
    expect_passed(expect_request(4, MEMORY_WRITE, &r));
    expect_passed(supply(4, 6));
    expect_ok(answer(r, 0, 0));
    expect(worker_join(&t.worker));
    expect_equal(t.value, 77);
}

/* An answer without the page: it is asked for again. */
static void asked_again(void) {
    struct toucher t;
    struct reply_cap r;
    expect_passed(set_up(FOREVER));
    expect(touch_start(&t, 1, false));
    for (unsigned i = 0; i < 3; i++) {
        expect_passed(expect_request(1, MEMORY_READ, &r));
        expect_ok(answer(r, 0, 0));
    }
    expect_passed(expect_request(1, MEMORY_READ, &r));
    expect_passed(supply(1, 9));
    expect_ok(answer(r, 0, 0));
    expect(worker_join(&t.worker));
    expect_equal(t.value, 9);
}

/* Several threads want the same page: each asks, one supply serves all. */
static void several(void) {
    struct toucher t[3];
    struct reply_cap r[3];
    expect_passed(set_up(FOREVER));
    for (unsigned i = 0; i < 3; i++)
        expect(touch_start(&t[i], 2, false));
    for (unsigned i = 0; i < 3; i++)
        expect_passed(expect_request(2, MEMORY_READ, &r[i]));
    expect_passed(supply(2, 3));
    for (unsigned i = 0; i < 3; i++)
        expect_ok(answer(r[i], 0, 0));
    for (unsigned i = 0; i < 3; i++) {
        expect(worker_join(&t[i].worker));
        expect_equal(t[i].value, 3);
    }
}

static void touch_child(void *argument) {
    *(volatile char *)((uint64_t)argument) = 1;
}

/* The child's end by a bus error. */
static void expect_bus(struct child *c) {
    struct process_info info;
    expect(child_wait(c, &info));
    expect(info.reason == END_FAULT);
    expect_equal(info.code, FAULT_BUS);
    expect_equal(info.address, (uint64_t)at + PAGE_SIZE);
}

static bool touch_in_child(struct child *c) {
    return child_spawn(c, pool, touch_child, (void *)(at + PAGE_SIZE));
}

static void refused(void) {
    struct child c;
    struct reply_cap r;
    expect_passed(set_up(FOREVER));
    expect(touch_in_child(&c));
    expect_passed(expect_request(1, MEMORY_WRITE, &r));
    expect_ok(answer(r, 1, 0));
    expect_passed(expect_bus(&c));
}

static void too_slow(void) {
    struct child c;
    struct reply_cap r;
    struct toucher t;
    expect_passed(set_up(20000000));
    expect(touch_in_child(&c)); /* nobody receives */
    expect_passed(expect_bus(&c));
    expect(touch_in_child(&c)); /* received, not answered */
    expect_passed(expect_request(1, MEMORY_WRITE, &r));
    expect_passed(expect_bus(&c));
    expect_error(answer(r, 0, 0), CALLER_GONE);
    expect(touch_start(&t, 2, false)); /* and in time */
    expect_passed(expect_request(2, MEMORY_READ, &r));
    expect_passed(supply(2, 1));
    (void)answer(r, 0, 0);
    expect(worker_join(&t.worker));
}

/* The pager's endpoint goes: absent pages fault, resident ones stay. */
static void endpoint_gone(void) {
    struct child c;
    expect_passed(set_up(FOREVER));
    expect_passed(supply(0, 8));
    expect_ok(sys_handle_keep(ANY(e), 0)); /* the child is not to have it */
    expect(touch_in_child(&c) && settled(c.thread));
    expect_ok(sys_handle_close(ANY(e)));
    expect_passed(expect_bus(&c));
    expect_equal(at[0], 8);
    expect(touch_in_child(&c));
    expect_passed(expect_bus(&c));
}

/* The pager's process dies: its successor is asked within what is left of the patience. */
static void first_pager(void *argument) {
    struct reply_cap r;
    (void)argument;
    expect_request(5, MEMORY_READ, &r);
}

static void successor(void) {
    struct toucher t;
    struct child c;
    struct reply_cap r;
    expect_passed(set_up(FOREVER));
    expect(child_make(&c, pool, first_pager, NULL));
    expect(touch_start(&t, 5, false));
    expect(child_go(&c) && child_join(&c));
    expect_passed(expect_request(5, MEMORY_READ, &r));
    expect_passed(supply(5, 4));
    expect_ok(answer(r, 0, 0));
    expect(worker_join(&t.worker));
    expect_equal(t.value, 4);
}

/* Dirty: what was written since it was last asked. */
static void dirty(void) {
    uint64_t bitmap = ~0ull, pages;
    expect_passed(set_up(FOREVER));
    for (unsigned i = 0; i < 8; i++)
        expect_passed(supply(i, 1));
    for (unsigned i = 0; i < 8; i++)
        expect_equal(at[i * PAGE_SIZE], 1);
    expect_ok(sys_memory_dirty(m, 0, PAGES * PAGE_SIZE, &bitmap, &pages));
    expect(pages == PAGES && bitmap == 0);
    at[2 * PAGE_SIZE] = 2;
    at[7 * PAGE_SIZE] = 2;
    expect_ok(sys_memory_dirty(m, 0, PAGES * PAGE_SIZE, &bitmap, &pages));
    expect_equal(bitmap, 0x84);
    expect_ok(sys_memory_dirty(m, 0, PAGES * PAGE_SIZE, &bitmap, &pages));
    expect_equal(bitmap, 0);
    at[2 * PAGE_SIZE] = 3;
    expect_ok(sys_memory_dirty(m, 2 * PAGE_SIZE, PAGE_SIZE, &bitmap, &pages));
    expect(pages == 1 && bitmap == 1);
    expect_error_in(sys_memory_dirty(source, 0, PAGE_SIZE, &bitmap, &pages), BAD_ARGUMENT, 1);
    expect_error_in(sys_memory_dirty(m, 1, PAGE_SIZE, &bitmap, &pages), BAD_ARGUMENT, 2);
}

/* A copy of it looks absent pages up in the original, which asks its pager. */
static void copy_of_paged(void) {
    struct memory_cap copy;
    struct toucher t;
    struct reply_cap r;
    volatile char *original;
    expect_passed(set_up(FOREVER));
    expect_passed(supply(0, 11));
    expect_ok(sys_memory_clone(m, pool, 0, PAGES * PAGE_SIZE, &copy));
    original = at;
    expect_ok(memory_map(copy, PAGES * PAGE_SIZE, RW, &at));
    expect_equal(at[0], 11);
    at[0] = 12;
    expect_equal(original[0], 11);
    expect(touch_start(&t, 6, true));
    expect_passed(expect_request(6, MEMORY_WRITE, &r));
    expect_passed(supply(6, 13));
    expect_ok(answer(r, 0, 0));
    expect(worker_join(&t.worker));
    expect_equal(t.value, 77);
    expect_equal(original[6 * PAGE_SIZE], 13);
}

/* System calls wait for pages, too; a server's copy does not: it is told. */
static void in_calls(void) {
    struct caller c;
    struct endpoint_cap server;
    struct session_cap s;
    struct message msg = {0};
    struct reply_cap r;
    char byte;
    expect_passed(set_up(FOREVER));
    expect(connect(&server, &s, 1));
    expect(caller_make(&c, s, OP_READ_WINDOW));
    c.worker.block->read = (struct window){(uint64_t)at + 9 * PAGE_SIZE, 1};
    expect(caller_go(&c)); /* waits for its window's page */
    expect_passed(expect_request(9, MEMORY_READ, &r));
    expect_passed(supply(9, 21));
    expect_ok(answer(r, 0, 0));
    expect_ok(receive_call(server, &msg));
    expect_ok(sys_reply_copy_from(msg.reply, 0, &byte, 1));
    expect_equal(byte, 21);
    expect_ok(sys_memory_discard(m, 9 * PAGE_SIZE, PAGE_SIZE));
    expect_error(sys_reply_copy_from(msg.reply, 0, &byte, 1), BAD_WINDOW);
    expect_ok(answer(msg.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
}

/* A thread that waits for a page is not interrupted out of it, but can be killed. */
static void killed(void) {
    struct child c;
    struct process_info info;
    struct message r = {0};
    enum message_kind kind;
    expect_passed(set_up(FOREVER));
    expect(touch_in_child(&c) && settled(c.thread));
    expect_ok(sys_thread_interrupt(c.thread));
    expect_equal(thread_state(c.thread), THREAD_WAITING);
    expect_ok(sys_process_kill(c.process, 3));
    expect(child_wait(&c, &info) && info.reason == END_KILL);
    expect_error(poll(e, 0, &r, &kind), TIMED_OUT);
}

/* A thread that ends waits for the page of the word that it clears, whoever interrupts it. */
static volatile bool came_back;

static void leave(void *argument) {
    (void)argument;
    sys_thread_exit(0, 0, (uint32_t *)(at + 3 * PAGE_SIZE));
    came_back = true;
}

static void exit_interrupted(void) {
    struct worker w;
    struct reply_cap r;
    uint64_t deadline = in_ms(PATIENCE_MS);
    expect_passed(set_up(FOREVER));
    expect(worker_start(&w, PRIORITY, leave, NULL) && settled(w.thread));
    expect_ok(sys_thread_interrupt(w.thread));
    expect_passed(expect_request(3, MEMORY_WRITE, &r));
    expect_passed(supply(3, 1));
    expect_ok(answer(r, 0, 0));
    while (thread_state(w.thread) != THREAD_ENDED && clock_nanoseconds() < deadline)
        sys_thread_yield();
    expect_equal(thread_state(w.thread), THREAD_ENDED);
    expect(!came_back && at[3 * PAGE_SIZE] == 0);
}

const struct test tests_pager[] = {
    TEST("pager.supplied", supplied),   TEST("pager.asked-again", asked_again),
    TEST("pager.several", several),     TEST("pager.refused", refused),
    TEST("pager.too-slow", too_slow),   TEST("pager.endpoint-gone", endpoint_gone),
    TEST("pager.successor", successor), TEST("pager.dirty", dirty),
    TEST("pager.copy", copy_of_paged),  TEST("pager.in-calls", in_calls),
    TEST("pager.killed", killed),       TEST("pager.exit-interrupted", exit_interrupted),
};
TESTS(pager);
