/* SPDX-License-Identifier: MIT */
/* What an endpoint is told: closed sessions, ends of processes, signals; and who is still there. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

static struct endpoint_cap e;
static struct session_cap s;

static void nothing(void *argument) {
    (void)argument;
}

/* A session that a child had, too, closes with the child's end. */
static void closed_with_child(void) {
    struct child c;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 42));
    expect(child_make(&c, pool, nothing, NULL));
    expect_ok(sys_handle_close(ANY(s)));
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect(child_go(&c));
    expect_ok(receive(e, 0, &m, &kind));
    expect(kind == MESSAGE_CLOSED && m.badge == 42);
    expect(child_join(&c));
}

/* One notice for each session, in order, also when a receiver waits. */
static void closed_in_order(void) {
    struct session_cap many[40];
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 0));
    for (unsigned i = 0; i < 40; i++)
        expect_ok(sys_endpoint_mint(e, i, SESSION_RIGHTS, HANDLE_NONE, &many[i]));
    for (unsigned i = 0; i < 40; i++)
        expect_ok(sys_handle_close(ANY(many[i])));
    for (unsigned i = 0; i < 40; i++) {
        expect_ok(poll(e, 0, &m, &kind));
        expect(kind == MESSAGE_CLOSED && m.badge == i);
    }
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
}

/* Revoke closes sessions, too: of all that hung below nothing stays but the notice. */
static void closed_by_revoke(void) {
    struct session_cap opened;
    struct caller c;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 1));
    expect(caller_start(&c, s, 0));
    expect_ok(receive_call(e, &m));
    expect_ok(sys_endpoint_mint(e, 2, SESSION_RIGHTS, m.reply.h, &opened));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_ok(sys_handle_revoke(ANY(s)));
    expect_ok(poll(e, 0, &m, &kind));
    expect(kind == MESSAGE_CLOSED && m.badge == 2);
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
}

static void fault(void *argument) {
    *(volatile char *)argument = 1;
}
static void bad_instruction(void *argument) {
    (void)argument;
    __asm__ volatile("ud2");
}
static void divide(void *argument) {
    (void)argument;
    __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0));
}
static void breakpoint(void *argument) {
    (void)argument;
    __asm__ volatile("int3");
}
static void exit_five(void *argument) {
    (void)argument;
    sys_process_exit(5);
}
static void wait_for_ever(void *argument) {
    uint64_t bits;
    struct signal_cap never = {HANDLE_NONE};
    (void)argument;
    sys_signal_create(pool, &never);
    sys_signal_wait(never, 1, DEADLINE_NONE, &bits);
}

/* Why a process ended, and where. */
static void ended(void) {
    static const struct {
        void (*run)(void *);
        uint64_t argument, reason, code, address;
    } cases[] = {
        {nothing, 0, END_EXIT, 0, 0},
        {exit_five, 0, END_EXIT, 5, 0},
        {fault, 0x1008, END_FAULT, FAULT_UNMAPPED, 0x1008},
        {bad_instruction, 0, END_FAULT, FAULT_INSTRUCTION, ~0ull},
        {divide, 0, END_FAULT, FAULT_DIVIDE, ~0ull},
        {breakpoint, 0, END_FAULT, FAULT_BREAKPOINT, ~0ull},
        {wait_for_ever, 0, END_KILL, 1234, 0},
    };
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 0));
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child c;
        expect(child_make(&c, pool, cases[i].run, (void *)cases[i].argument));
        expect_ok(sys_process_bind(c.process, e, 100 + i));
        expect_error_in(sys_process_bind(c.process, e, 1), BUSY, 1);
        expect(child_go(&c));
        if (cases[i].reason == END_KILL)
            expect_ok(sys_process_kill(c.process, cases[i].code));
        expect_ok(receive(e, 0, &m, &kind));
        expect(kind == MESSAGE_ENDED && m.badge == 100 + i);
        expect_equal(m.op, cases[i].reason);
        expect_equal(m.word[0], cases[i].code);
        if (cases[i].address != ~0ull)
            expect_equal(m.word[1], cases[i].address);
        struct process_info info;
        expect(child_wait(&c, &info));
        expect_error_in(sys_process_bind(c.process, e, 1), DEAD, 1);
        expect_ok(sys_handle_close(ANY(c.process)));
        expect_ok(sys_handle_close(ANY(c.thread)));
    }
}

/* A process that was never started, and one whose handles are all gone before it ends. */
static void ended_unseen(void) {
    struct process_cap p;
    struct child c;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 0));
    expect_ok(sys_process_create(pool, &p));
    expect_ok(sys_process_bind(p, e, 1));
    expect_ok(sys_process_kill(p, 8));
    expect_ok(poll(e, 0, &m, &kind));
    expect(kind == MESSAGE_ENDED && m.badge == 1 && m.op == END_KILL && m.word[0] == 8);
    expect(child_make(&c, pool, exit_five, NULL));
    expect_ok(sys_process_bind(c.process, e, 2));
    expect(child_go(&c));
    expect_ok(sys_handle_close(ANY(c.process)));
    expect_ok(sys_handle_close(ANY(c.thread)));
    struct signal_cap never;
    uint64_t bits;
    expect_ok(sys_signal_create(pool, &never));
    expect_error(sys_signal_wait(never, 1, in_ms(50), &bits), TIMED_OUT); /* it ends meanwhile */
    expect_ok(receive(e, 0, &m, &kind));
    expect(kind == MESSAGE_ENDED && m.badge == 2 && m.word[0] == 5);
}

static void bound_signal(void) {
    struct endpoint_cap other;
    struct session_cap to_other;
    struct signal_cap signal, second;
    struct message m = {0};
    enum message_kind kind;
    uint64_t bits;
    expect(connect(&e, &s, 0) && connect(&other, &to_other, 0));
    expect_ok(sys_signal_create(pool, &signal));
    expect_ok(sys_signal_create(pool, &second));
    expect_ok(sys_signal_raise(signal, 1));
    expect_ok(sys_endpoint_bind(e, signal));
    expect_error_in(sys_endpoint_bind(e, second), BUSY, 1);
    expect_error_in(sys_endpoint_bind(other, signal), BUSY, 2);
    expect_error_in(sys_signal_wait(signal, 1, 1, &bits), BUSY, 1);
    expect_ok(poll(e, 0, &m, &kind));
    expect(kind == MESSAGE_SIGNAL && m.badge == 1);
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect_ok(sys_signal_raise(signal, 6));
    expect_ok(sys_signal_raise(signal, 8));
    expect_ok(poll(e, 0, &m, &kind));
    expect(kind == MESSAGE_SIGNAL && m.badge == 14);
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect_ok(sys_handle_close(ANY(e))); /* lets the signal go */
    expect_ok(sys_endpoint_bind(other, signal));
}

static void raise_later(void *argument) {
    struct timer_cap *t = argument;
    expect_ok(sys_timer_set(*t, in_ms(2), 0));
}

/* A timer reaches a server that waits. */
static void signal_wakes_server(void) {
    struct signal_cap signal;
    struct timer_cap t;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 0));
    expect_ok(sys_signal_create(pool, &signal));
    expect_ok(sys_endpoint_bind(e, signal));
    expect_ok(sys_timer_create(pool, signal, 32, &t));
    expect_passed(raise_later(&t));
    expect_ok(receive(e, 0, &m, &kind));
    expect(kind == MESSAGE_SIGNAL && m.badge == 32);
}

static void sessions_listed(void) {
    static struct session_info list[64];
    struct session_cap many[100];
    uint64_t count, after = 0, seen = 0;
    expect(connect(&e, &s, 1000));
    for (unsigned i = 0; i < 100; i++)
        expect_ok(sys_endpoint_mint(e, 2000 + i, 0, HANDLE_NONE, &many[i]));
    for (unsigned i = 0; i < 100; i += 2)
        expect_ok(sys_handle_close(ANY(many[i])));
    for (unsigned i = 0; i < 50; i++) {
        struct message m = {0};
        enum message_kind kind;
        expect_ok(poll(e, 0, &m, &kind));
        expect(kind == MESSAGE_CLOSED);
    }
    do {
        expect_ok(sys_endpoint_sessions(e, after, list, 7, &count));
        expect(count <= 7);
        for (unsigned i = 0; i < count; i++, seen++) {
            expect(list[i].identity > after);
            expect_equal(list[i].badge, seen ? 2000 + 2 * seen - 1 : 1000);
            after = list[i].identity;
        }
    } while (count);
    expect_equal(seen, 51);
    expect_ok(sys_endpoint_sessions(e, ~0ull, list, 7, &count));
    expect_equal(count, 0);
    expect_ok(sys_endpoint_sessions(e, 0, list, 0, &count));
    expect_equal(count, 0);
    expect_error(sys_endpoint_sessions(e, 0, (void *)0x1000, 1, &count), BAD_ADDRESS);
}

/* A server ends; the next one receives at the same endpoint and finds sessions, calls and notices.
 */
static void first_server(void *argument) {
    struct message m = {0};
    (void)argument;
    expect_ok(receive_call(e, &m));
    expect_ok(answer(m.reply, 0, 1));
    expect_ok(receive_call(e, &m)); /* never answered */
}

static void successor(void) {
    static struct session_info list[8];
    struct session_cap other;
    struct caller first, second, third;
    struct child c;
    struct message m = {0};
    enum message_kind kind;
    uint64_t count;
    expect(connect(&e, &s, 1));
    expect_ok(sys_endpoint_mint(e, 2, SESSION_RIGHTS, HANDLE_NONE, &other));
    expect(caller_start(&first, s, 0) && caller_start(&second, s, 0) && caller_start(&third, s, 3));
    expect(child_spawn(&c, pool, first_server, NULL));
    expect(caller_ends(&first, ERR_OK) && first.m.word[0] == 1);
    expect(caller_ends(&second, ERR_PEER_DIED));
    expect(child_join(&c));
    expect_ok(sys_handle_close(ANY(other)));
    expect_ok(sys_endpoint_sessions(e, 0, list, 8, &count));
    expect(count == 2 && list[0].badge == 1 && list[1].badge == 2); /* not yet told of */
    expect_ok(poll(e, 0, &m, &kind));
    if (kind == MESSAGE_CLOSED)
        expect_ok(receive_call(e, &m));
    expect_equal(m.op & OP_CODE, 3);
    expect_ok(answer(m.reply, 0, 2));
    expect(caller_ends(&third, ERR_OK) && third.m.word[0] == 2);
}

const struct test tests_notices[] = {
    TEST("notices.closed-with-child", closed_with_child),
    TEST("notices.closed-in-order", closed_in_order),
    TEST("notices.closed-by-revoke", closed_by_revoke),
    TEST("notices.ended", ended),
    TEST("notices.ended-unseen", ended_unseen),
    TEST("notices.bound-signal", bound_signal),
    TEST("notices.signal-wakes-server", signal_wakes_server),
    TEST("notices.sessions", sessions_listed),
    TEST("notices.successor", successor),
};
TESTS(notices);
