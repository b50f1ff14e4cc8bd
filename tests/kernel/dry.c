/* SPDX-License-Identifier: MIT */
/* A pool that runs dry: who is told, who waits, who is ended, what is taken back. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define RW    (MEMORY_READ | MEMORY_WRITE)
#define SMALL (1ull << 20)
#define PAGES 2048u /* more than the pool has */

static struct pool_cap small;
static struct memory_cap ballast; /* of small */
static volatile char *space;
static volatile uint32_t *told; /* [0] pages touched, [1] the other child's steps */

static void set_up(void) {
    struct memory_cap m;
    expect((told = shared_page()));
    expect_ok(sys_pool_create(pool, SMALL, 0, &small));
    expect_ok(sys_memory_create(small, PAGES * PAGE_SIZE, RW, &m));
    expect_ok(memory_map(m, PAGES * PAGE_SIZE, RW | MAP_PRIVATE_COPY, &space));
}

static void touch_all(void *argument) {
    unsigned n = (unsigned)(uint64_t)argument;
    for (unsigned i = 0; i < n; i++) {
        space[i * PAGE_SIZE] = 1;
        told[0] = i + 1;
    }
}

static void count_steps(void *argument) {
    (void)argument;
    for (;;) {
        told[1]++;
        uint32_t never = 0;
        sys_futex_wait(&never, 0, in_ms(1), FUTEX_ALL);
    }
}

/* Nobody is told: the largest process that the pool bought ends; the others go on. */
static void largest_ends(void) {
    struct child big, little;
    struct process_info info;
    expect_passed(set_up());
    expect(child_spawn(&little, small, count_steps, NULL) && eventually(&told[1], 3));
    expect(child_spawn(&big, small, touch_all, (void *)(uint64_t)PAGES));
    expect(child_wait(&big, &info));
    expect_equal(info.reason, END_POOL);
    expect(told[0] > 100 && told[0] < SMALL / PAGE_SIZE);
    uint32_t steps = told[1];
    expect(eventually(&told[1], steps + 5));
    expect_ok(sys_pool_destroy(small));
}

static bool told_dry(struct signal_cap s) {
    uint64_t bits = 0;
    err_t e = sys_signal_wait(s, 4, in_ms(PATIENCE_MS), &bits);
    if (err_ok(e) && bits == 4)
        return true;
    test_fail(__FILE__, __LINE__, "no word of the dry pool: %s", error_name(e));
    return false;
}

/* The holder is told and makes room: the thread goes on where it was. */
static void holder_makes_room(void) {
    struct child c;
    struct signal_cap s;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)600));
    for (unsigned i = 1; i <= 2; i++) {
        expect(told_dry(s) && settled(c.thread));
        uint32_t reached = told[0];
        expect(reached < 600);
        expect_ok(sys_pool_limit(small, SMALL + i * SMALL));
        if (i == 1)
            expect(eventually(&told[0], reached + 100));
        else
            break;
    }
    expect(child_join(&c));
    expect_equal(told[0], 600);
}

/* The holder of an enclosing pool is told where the inner one has nobody. */
static void outer_told(void) {
    struct child c;
    struct signal_cap s;
    struct pool_cap outer = {HANDLE_NONE}, test_pool = pool;
    expect_ok(sys_pool_create(pool, 2 * SMALL, 0, &outer));
    pool = outer;
    set_up();
    pool = test_pool;
    expect(!test_failed());
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(outer, s, 4));
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)PAGES));
    expect(told_dry(s) && settled(c.thread));
    expect_ok(sys_thread_interrupt(c.thread)); /* no upcall entry: it still waits */
    expect_equal(thread_state(c.thread), THREAD_WAITING);
    expect_ok(sys_process_kill(c.process, 9));
    struct process_info info;
    expect(child_wait(&c, &info));
    expect(info.reason == END_KILL && info.code == 9);
}

static void end_signal(struct signal_cap s) {
    expect_ok(sys_handle_revoke(ANY(s))); /* children have copies */
    expect_ok(sys_handle_close(ANY(s)));
}

/* Whose signal goes makes no room: it is as if nobody had been told. */
static void holder_goes(void) {
    struct child c;
    struct signal_cap s;
    struct process_info info;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)PAGES));
    expect(told_dry(s) && settled(c.thread));
    expect_passed(end_signal(s));
    expect(child_wait(&c, &info));
    expect_equal(info.reason, END_POOL);
}

/* The next holder, and that of an enclosing pool, is told of those who wait already. */
static void holder_changes(void) {
    struct child c;
    struct signal_cap s[3];
    struct pool_cap outer = {HANDLE_NONE}, test_pool = pool;
    expect_ok(sys_pool_create(pool, 2 * SMALL, 0, &outer));
    pool = outer;
    set_up();
    pool = test_pool;
    expect(!test_failed());
    for (unsigned i = 0; i < 3; i++)
        expect_ok(sys_signal_create(pool, &s[i]));
    expect_ok(sys_pool_bind(outer, s[0], 4));
    expect_ok(sys_pool_bind(small, s[1], 4));
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)PAGES));
    expect(told_dry(s[1]) && settled(c.thread));
    expect_passed(end_signal(s[1]));
    expect(told_dry(s[0]) && settled(c.thread));
    expect_ok(sys_pool_bind(outer, s[2], 4));
    expect(told_dry(s[2]) && settled(c.thread));
    expect_ok(sys_pool_destroy(small));
    struct process_info info;
    expect_error(sys_process_info(c.process, &info), BAD_HANDLE);
}

/* What somebody else in the pool gives back is room, too. */
static void others_give_back(void) {
    struct child c;
    struct signal_cap s;
    volatile char *at;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect_ok(sys_memory_create(small, 64 * PAGE_SIZE, RW, &ballast));
    expect_ok(memory_map(ballast, 64 * PAGE_SIZE, RW | MAP_PRESENT, &at));
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)PAGES));
    expect(told_dry(s) && settled(c.thread));
    uint32_t reached = told[0];
    expect_ok(sys_memory_discard(ballast, 0, 32 * PAGE_SIZE));
    expect(eventually(&told[0], reached + 20));
    expect(told_dry(s) && settled(c.thread));
    expect_ok(sys_pool_destroy(small));
}

/* A system call that needs a page of the caller's waits as its instruction would. */
static void call_waits(void *argument) {
    struct pool_info info;
    (void)argument;
    for (unsigned i = 0; i < 600; i++) {
        expect_ok(sys_pool_info(small, (void *)(space + i * PAGE_SIZE)));
        told[0] = i + 1;
    }
    expect_ok(sys_pool_info(small, &info));
}

static void calls_wait(void) {
    struct child c;
    struct signal_cap s;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect(child_spawn(&c, small, call_waits, NULL));
    expect(told_dry(s) && settled(c.thread));
    expect(told[0] < 600);
    expect_ok(sys_pool_limit(small, 4 * SMALL));
    expect(child_join(&c));
    expect_equal(told[0], 600);
}

static struct session_cap to_first, to_second;

/* Offers ever more of its memory until there is no room for it, and then calls somebody else. */
static void offer_much(void *argument) {
    err_t e = OK;
    (void)argument;
    for (uint64_t at = 0; err_ok(e); at += WINDOWS_MAX) {
        thread_block()->write = (struct window){(uint64_t)space + at, WINDOWS_MAX};
        e = call(to_first, OP_WRITE_WINDOW);
    }
    expect(err_is(e, ERR_INTERRUPTED));
    expect_ok(call(to_second, 0));
}

/* The windows of a call that ended while it waited for room are not those of the next call. */
static void windows_do_not_stay(void) {
    struct endpoint_cap first, second;
    struct child c;
    struct signal_cap s;
    struct message m = {0};
    enum message_kind kind;
    uint64_t bits = 0;
    char byte = 1;
    expect_passed(set_up());
    expect(connect(&first, &to_first, 1) && connect(&second, &to_second, 2));
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect(child_spawn(&c, small, offer_much, NULL));
    while (!err_ok(sys_signal_wait(s, 4, in_ms(5), &bits)))
        while (err_ok(poll(first, 0, &m, &kind)))
            expect_ok(reply_send(m.reply, &(struct message){0}));
    expect(settled(c.thread));
    expect_ok(sys_thread_interrupt(c.thread));
    expect_ok(endpoint_receive(second, 0, &m, &kind)); /* no deadline: on the fast path */
    expect(kind == MESSAGE_CALL && m.badge == 2);
    expect_equal(thread_block()->write_length, 0);
    expect_error(sys_reply_copy_to(m.reply, 0, &byte, 1), BAD_WINDOW);
    expect_ok(reply_send(m.reply, &(struct message){0}));
    expect(child_join(&c));
    expect_ok(sys_pool_destroy(small));
}

static struct endpoint_cap first;

static void call_first(void *argument) {
    (void)argument;
    expect_ok(call(to_first, 0));
}

/* Passes a call on with data from a page that is not there yet. */
static void forward_page(void *argument) {
    struct message m = {0};
    (void)argument;
    expect_ok(receive_call(first, &m));
    told[0] = 1;
    expect(eventually(&told[1], 1));
    thread_block()->read = (struct window){(uint64_t)space, 100};
    m.op = OP_READ_WINDOW;
    told[0] = 2;
    expect_ok(reply_forward(m.reply, to_second, &m));
}

/* Who forwards and has no room for its own page waits for that, and holds nothing meanwhile: what
 * it gave back when it comes to wait would wake it at once, for ever. */
static void forwarders_wait(void) {
    struct endpoint_cap second;
    struct child caller, forwarder;
    struct signal_cap s;
    struct message m = {0};
    volatile char *at;
    expect_passed(set_up());
    expect(connect(&first, &to_first, 1) && connect(&second, &to_second, 2));
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_pool_bind(small, s, 4));
    expect(child_spawn(&forwarder, small, forward_page, NULL));
    expect(child_spawn(&caller, small, call_first, NULL));
    expect(eventually(&told[0], 1) && settled(forwarder.thread));
    while (err_ok(sys_memory_create(small, PAGE_SIZE, RW, &ballast)))
        if (!err_ok(memory_map(ballast, PAGE_SIZE, RW | MAP_PRESENT, &at)))
            break;
    told[1] = 1;
    expect(told_dry(s) && settled(forwarder.thread));
    expect(told[0] == 2);
    expect_ok(sys_pool_limit(small, 2 * SMALL));
    expect_ok(receive_call(second, &m));
    expect_ok(answer(m.reply, 0, 0));
    expect(child_join(&caller) && child_join(&forwarder));
    expect_ok(sys_pool_destroy(small));
}

/* Clean pages of pager-backed memory are taken back before anybody suffers; written ones are not.
 */
static void clean_pages_go(void) {
    struct endpoint_cap e;
    struct memory_cap paged, source;
    struct memory_info info;
    volatile char *at, *from;
    struct child c;
    uint64_t n = 64;
    expect_passed(set_up());
    expect_ok(sys_endpoint_create(pool, &e));
    expect_ok(sys_memory_create_pager(small, e, 0, n * PAGE_SIZE, DEADLINE_NONE, &paged));
    expect_ok(sys_memory_create(pool, n * PAGE_SIZE, RW, &source));
    expect_ok(memory_map(source, n * PAGE_SIZE, RW, &from));
    expect_ok(memory_map(paged, n * PAGE_SIZE, RW, &at));
    for (unsigned i = 0; i < n; i++)
        from[i * PAGE_SIZE] = 1;
    expect_ok(sys_memory_supply(paged, source, 0, 0, n * PAGE_SIZE));
    for (unsigned i = 0; i < 8; i++)
        at[i * PAGE_SIZE] = 2;
    expect(child_spawn(&c, small, touch_all, (void *)(uint64_t)PAGES));
    struct process_info end;
    expect(child_wait(&c, &end));
    expect_equal(end.reason, END_POOL); /* in the end */
    expect(told[0] > SMALL / PAGE_SIZE - n - 40);
    expect_ok(sys_memory_info(paged, &info));
    expect_equal(info.resident, 8 * PAGE_SIZE);
    for (unsigned i = 0; i < 8; i++)
        expect_equal(at[i * PAGE_SIZE], 2);
}

/* Calls that allocate for themselves say so instead. */
static void calls_refuse(void) {
    struct memory_cap m;
    struct process_cap p;
    struct signal_cap s;
    unsigned n = 0;
    expect_ok(sys_pool_create(pool, 64 * PAGE_SIZE, 0, &small));
    expect_ok(sys_memory_create(small, 200 * PAGE_SIZE, RW, &m));
    volatile char *at;
    expect_error(memory_map(m, 200 * PAGE_SIZE, RW | MAP_PRESENT, &at), NO_MEMORY);
    expect_error(sys_process_create(small, &p), NO_MEMORY);
    expect_ok(sys_memory_discard(m, 0, 200 * PAGE_SIZE));
    expect_ok(sys_process_create(small, &p));
    while (err_ok(sys_signal_create(small, &s)))
        n++;
    expect(n > 100);
    expect_error(sys_signal_create(small, &s), NO_MEMORY);
    expect_ok(sys_pool_limit(small, 65 * PAGE_SIZE));
    expect_ok(sys_signal_create(small, &s));
}

#define LIMIT_DRY (12ull << 20)

const struct test tests_dry[] = {
    TEST("dry.largest-ends", largest_ends, .limit = LIMIT_DRY),
    TEST("dry.holder-makes-room", holder_makes_room, .limit = LIMIT_DRY),
    TEST("dry.outer-told", outer_told, .limit = LIMIT_DRY),
    TEST("dry.holder-goes", holder_goes, .limit = LIMIT_DRY),
    TEST("dry.holder-changes", holder_changes, .limit = LIMIT_DRY),
    TEST("dry.others-give-back", others_give_back, .limit = LIMIT_DRY),
    TEST("dry.calls-wait", calls_wait, .limit = LIMIT_DRY),
    TEST("dry.windows-do-not-stay", windows_do_not_stay, .limit = LIMIT_DRY),
    TEST("dry.forwarders-wait", forwarders_wait, .limit = LIMIT_DRY),
    TEST("dry.clean-pages-go", clean_pages_go, .limit = LIMIT_DRY),
    TEST("dry.calls-refuse", calls_refuse, .limit = LIMIT_DRY),
};
TESTS(dry);
