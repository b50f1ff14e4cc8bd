/* SPDX-License-Identifier: MIT */
/* In which order an endpoint hands out what waits there, who the caller is, and waiting for calls.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

static void by_priority(void) {
    static const unsigned priority[] = {100, 120, 110, 120, 90, 110};
    static const unsigned order[] = {1, 3, 2, 5, 0, 4};
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c[6];
    struct message m = {0};
    expect(connect(&e, &s, 1));
    for (unsigned i = 0; i < 6; i++) {
        expect(caller_make(&c[i], s, i));
        expect_ok(sys_thread_schedule(c[i].worker.thread, priority[i], ~0ull));
        expect(caller_go(&c[i]));
    }
    for (unsigned i = 0; i < 6; i++) {
        expect_ok(receive_call(e, &m));
        expect_equal(m.op & OP_CODE, order[i]);
        expect_ok(answer(m.reply, 0, 0));
    }
    for (unsigned i = 0; i < 6; i++)
        expect(caller_ends(&c[i], ERR_OK));
}

/* A change of priority changes the place in the queue. */
static void priority_changes(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c[3];
    struct message m = {0};
    expect(connect(&e, &s, 1));
    for (unsigned i = 0; i < 3; i++)
        expect(caller_start(&c[i], s, i));
    expect_ok(sys_thread_schedule(c[2].worker.thread, PRIORITY + 1, ~0ull));
    expect_ok(sys_thread_schedule(c[0].worker.thread, PRIORITY - 1, ~0ull));
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(receive_call(e, &m));
        expect_equal(m.op & OP_CODE, 2 - i);
        expect_ok(answer(m.reply, 0, 0));
    }
    for (unsigned i = 0; i < 3; i++)
        expect(caller_ends(&c[i], ERR_OK));
}

/* Notices and calls take turns, so neither keeps the other waiting. */
static void turns(void) {
    struct endpoint_cap e;
    struct session_cap s, closed[3];
    struct caller c[3];
    struct message m = {0};
    enum message_kind kind, last = MESSAGE_GONE;
    unsigned calls = 0;
    expect(connect(&e, &s, 1));
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_endpoint_mint(e, 10 + i, SESSION_RIGHTS, HANDLE_NONE, &closed[i]));
        expect(caller_start(&c[i], s, i));
    }
    for (unsigned i = 0; i < 3; i++)
        expect_ok(sys_handle_close(ANY(closed[i])));
    for (unsigned i = 0; i < 6; i++) {
        expect_ok(poll(e, 0, &m, &kind));
        expect(kind != last && (kind == MESSAGE_CALL || kind == MESSAGE_CLOSED));
        last = kind;
        if (kind != MESSAGE_CALL)
            continue;
        calls++;
        expect_ok(answer(m.reply, 0, 0));
    }
    expect_equal(calls, 3);
    for (unsigned i = 0; i < 3; i++)
        expect(caller_ends(&c[i], ERR_OK));
}

static struct session_cap child_session;
static struct {
    uint64_t process, account, answer;
    char text[6000];
} * seen;

static void call_from_child(void *argument) {
    static char data[6000];
    struct message m = {.op = OP_READ_WINDOW | OP_WRITE_WINDOW};
    struct process_info info;
    (void)argument;
    expect_ok(sys_process_info(SELF_PROCESS, &info));
    seen->process = info.identity;
    seen->account = info.account;
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 3);
    thread_block()->read = (struct window){(uint64_t)data, sizeof data};
    thread_block()->write = (struct window){(uint64_t)data, sizeof data};
    expect_ok(session_call(child_session, &m));
    memcpy(seen->text, data, sizeof data);
    seen->answer = m.word[0];
}

/* Between processes: bytes go straight from one memory to the other, and the ids are the caller's.
 */
static void from_child(void) {
    static char data[6000];
    struct endpoint_cap e;
    struct memory_cap memory;
    struct child c;
    struct message m = {0};
    expect(connect(&e, &child_session, 5));
    expect(memory_make(2 * PAGE_SIZE, &memory, &seen));
    expect_ok(memory_map(memory, 2 * PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &seen));
    expect(child_spawn(&c, pool, call_from_child, NULL));
    expect_ok(receive_call(e, &m));
    expect_equal(thread_block()->caller_process, seen->process);
    expect_equal(thread_block()->caller_account, seen->account);
    expect_ok(sys_reply_copy_from(m.reply, 0, data, sizeof data));
    for (unsigned i = 0; i < sizeof data; i++)
        expect(data[i] == (char)(i * 3));
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 5);
    expect_ok(sys_reply_copy_to(m.reply, 0, data, sizeof data));
    expect_ok(answer(m.reply, 0, 4321));
    expect(child_join(&c));
    expect(!memcmp(data, seen->text, sizeof data) && seen->answer == 4321);
}

/* Several threads receive at one endpoint; each call reaches one of them. */
static struct endpoint_cap crowd;
static uint32_t crowd_served;

static void crowd_member(void *argument) {
    enum message_kind kind;
    struct message m = {0};
    (void)argument;
    expect_ok(receive(crowd, 0, &m, &kind));
    for (;;) {
        bool last = m.word[0] == 0;
        __atomic_fetch_add(&crowd_served, 1, __ATOMIC_RELAXED);
        m.word[0] = m.word[0] * 2;
        m.op = 0;
        if (last) {
            expect_ok(reply_send(m.reply, &m));
            return;
        }
        expect_ok(reply_and_receive(m.reply, crowd, &m, &kind));
    }
}

static void crowd_serves(void) {
    struct session_cap s;
    struct worker w[3];
    struct message m = {0};
    expect(connect(&crowd, &s, 1));
    for (unsigned i = 0; i < 3; i++)
        expect(worker_start(&w[i], PRIORITY, crowd_member, NULL) && settled(w[i].thread));
    for (unsigned i = 1; i < 300; i++) {
        m = (struct message){.word = {i}};
        expect_ok(session_call(s, &m));
        expect_equal(m.word[0], 2 * i);
    }
    for (unsigned i = 0; i < 3; i++)
        expect_ok(call(s, 0));
    for (unsigned i = 0; i < 3; i++)
        expect(worker_join(&w[i]));
    expect_equal(crowd_served, 302);
}

/* The receiver that takes a signal no longer receives: calls go to the others. */
static void leaves_crowd(void *argument) {
    enum message_kind kind;
    struct message m = {0};
    (void)argument;
    expect_ok(receive(crowd, 0, &m, &kind));
    if (kind == MESSAGE_SIGNAL)
        return;
    expect_equal(kind, MESSAGE_CALL);
    m.op = 0;
    expect_ok(reply_send(m.reply, &m));
}

static void crowd_left(void) {
    struct session_cap s;
    struct signal_cap signal;
    struct worker w[3];
    expect(connect(&crowd, &s, 1));
    expect_ok(sys_signal_create(pool, &signal));
    expect_ok(sys_endpoint_bind(crowd, signal));
    for (unsigned i = 0; i < 3; i++)
        expect(worker_start(&w[i], PRIORITY, leaves_crowd, NULL) && settled(w[i].thread));
    expect_ok(sys_signal_raise(signal, 1));
    expect(worker_join(&w[0]));
    expect(!have_test_calls() || !invariants_broken(false));
    for (unsigned i = 0; i < 2; i++)
        expect_ok(call(s, 0));
    expect(worker_join(&w[1]) && worker_join(&w[2]));
}

static void deadlines(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 1));
    uint64_t begin = clock_nanoseconds();
    thread_block()->deadline = begin + 5000000;
    expect_error(call(s, OP_DEADLINE), TIMED_OUT);
    expect(clock_nanoseconds() >= begin + 5000000);
    begin = clock_nanoseconds();
    thread_block()->deadline = begin + 5000000;
    expect_error(endpoint_receive(e, OP_DEADLINE, &m, &kind), TIMED_OUT);
    expect(clock_nanoseconds() >= begin + 5000000);
    thread_block()->deadline = 0;
    expect_error(call(s, OP_DEADLINE), TIMED_OUT);
}

const struct test tests_order[] = {
    TEST("order.by-priority", by_priority),
    TEST("order.priority-changes", priority_changes),
    TEST("order.turns", turns),
    TEST("order.from-child", from_child),
    TEST("order.crowd", crowd_serves),
    TEST("order.crowd-left", crowd_left),
    TEST("order.deadlines", deadlines),
};
TESTS(order);
