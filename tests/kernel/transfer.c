/* SPDX-License-Identifier: MIT */
/* Handles in messages: copied, moved, narrowed, refused; sessions that come home. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

static struct endpoint_cap e;
static struct session_cap s;
static struct signal_cap gift;

static void set_up(void) {
    expect(connect(&e, &s, 1));
    expect_ok(sys_signal_create(pool, &gift));
}

static bool lives(handle_t h) {
    uint64_t what, identity;
    return err_ok(sys_handle_info((struct any_cap){h}, &what, &identity));
}

static void send(struct thread_block *b, unsigned i, handle_t h, unsigned rights, unsigned flags) {
    b->send[i] =
        (struct handle_send){.handle = h, .rights = (uint16_t)rights, .flags = (uint16_t)flags};
}

/* A caller that sends handles, and the message as the server gets it. */
static void send_call(struct caller *c, struct message *m, unsigned accept) {
    enum message_kind kind;
    expect(caller_go(c));
    expect_ok(receive(e, OP_ACCEPT(accept), m, &kind));
    expect_equal(kind, MESSAGE_CALL);
}

static void copied(void) {
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    uint64_t bits;
    expect_passed(set_up());
    expect(caller_make(&c, s, OP_HANDLES(1)));
    send(c.worker.block, 0, gift.h, RIGHT_SIGNAL_RAISE | RIGHT_INFO, 0);
    expect_passed(send_call(&c, &m, 4));
    expect(OP_HANDLES_OF(m.op) == 1 && b->received_count == 1);
    expect(b->received[0].type == OBJECT_SIGNAL && !b->received[0].own);
    expect_equal(b->received[0].rights, RIGHT_SIGNAL_RAISE | RIGHT_INFO);
    struct signal_cap got = {b->received[0].handle};
    expect(got.h != gift.h && lives(gift.h));
    expect_ok(sys_signal_raise(got, 2));
    expect_error(sys_signal_wait(got, 2, 1, &bits), NO_RIGHT);
    expect_ok(sys_signal_wait(gift, 2, 1, &bits));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_ok(sys_handle_revoke(ANY(gift)));
    expect(!lives(got.h) && lives(gift.h));
}

/* What is moved is used up, keeps its place in the tree and takes what hangs below along. */
static void moved(void) {
    struct caller c;
    struct message m = {0};
    handle_t middle, below;
    expect_passed(set_up());
    expect_ok(sys_handle_duplicate(ANY(gift), RIGHTS_ALL, 0, &middle));
    expect_ok(sys_handle_duplicate((struct any_cap){middle}, RIGHTS_ALL, 0, &below));
    expect(caller_make(&c, s, OP_HANDLES(1)));
    send(c.worker.block, 0, middle, RIGHTS_ALL, SEND_MOVE);
    expect_passed(send_call(&c, &m, 1));
    handle_t got = thread_block()->received[0].handle;
    expect(lives(got) && !lives(middle) && lives(below));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_ok(sys_handle_revoke((struct any_cap){got}));
    expect(lives(got) && !lives(below));
    expect_ok(sys_handle_revoke(ANY(gift)));
    expect(!lives(got));
}

static void comes_home(void) {
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    enum message_kind kind;
    struct endpoint_cap other;
    struct session_cap mine, foreign;
    expect_passed(set_up());
    expect(connect(&other, &foreign, 6));
    expect_ok(sys_endpoint_mint(e, 0xabcdef, RIGHT_SEND | 0x100, HANDLE_NONE, &mine));
    expect_error(poll(e, OP_ACCEPT(4), &m, &kind), TIMED_OUT); /* takes the slots */
    uint64_t before = handle_count(SELF_PROCESS);
    expect(caller_make(&c, s, OP_HANDLES(2)));
    send(c.worker.block, 0, mine.h, RIGHTS_ALL, 0);
    send(c.worker.block, 1, foreign.h, RIGHTS_ALL, 0);
    expect_passed(send_call(&c, &m, 2));
    expect(b->received[0].own == 1 && b->received[0].handle == HANDLE_NONE);
    expect(b->received[0].badge == 0xabcdef && b->received[0].rights == (RIGHT_SEND | 0x100));
    expect(!b->received[1].own && lives(b->received[1].handle));
    expect_ok(sys_handle_close((struct any_cap){b->received[1].handle}));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_error(poll(e, OP_ACCEPT(4), &m, &kind), TIMED_OUT);
    expect_equal(handle_count(SELF_PROCESS), before);
}

/* A session that is moved home is used up, like anything that is moved: its server hears of the
 * end. */
static void moved_home(void) {
    struct caller c;
    struct message m = {0};
    enum message_kind kind;
    struct session_cap mine;
    handle_t below[32];
    expect_passed(set_up());
    expect_ok(sys_endpoint_mint(e, 77, SESSION_RIGHTS, HANDLE_NONE, &mine));
    for (unsigned i = 0; i < 32; i++)
        expect_ok(sys_handle_duplicate(ANY(mine), RIGHTS_ALL, 0, &below[i]));
    expect(caller_make(&c, mine, OP_HANDLES(1))); /* the very session that the call comes through */
    send(c.worker.block, 0, mine.h, RIGHTS_ALL, SEND_MOVE);
    expect_passed(send_call(&c, &m, 0));
    expect(thread_block()->received[0].own == 1 && thread_block()->received[0].badge == 77);
    expect(!lives(mine.h) && lives(below[0]) && lives(below[31]));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    for (unsigned i = 0; i < 31; i++)
        expect_ok(sys_handle_close((struct any_cap){below[i]}));
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect(caller_make(&c, s, OP_HANDLES(1)));
    send(c.worker.block, 0, below[31], RIGHTS_ALL, SEND_MOVE);
    expect_passed(send_call(&c, &m, 0));
    expect(!lives(below[31]));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_ok(receive(e, 0, &m, &kind));
    expect(kind == MESSAGE_CLOSED && m.badge == 77);
    expect_equal(invariants_broken(false), 0);
}

/* More than the receiver accepts: the sender is told and keeps them; the receiver hears nothing. */
static void too_many(void) {
    struct caller c;
    struct message m = {0};
    enum message_kind kind;
    struct signal_cap other;
    expect_passed(set_up());
    expect_ok(sys_signal_create(pool, &other));
    for (unsigned accept = 0; accept < 2; accept++) {
        expect(caller_make(&c, s, OP_HANDLES(3)));
        send(c.worker.block, 0, gift.h, RIGHTS_ALL, SEND_MOVE);
        send(c.worker.block, 1, s.h, RIGHTS_ALL, 0);
        send(c.worker.block, 2, other.h, RIGHTS_ALL, 0);
        expect(caller_go(&c));
        expect_error(poll(e, OP_ACCEPT(accept), &m, &kind), TIMED_OUT);
        expect(caller_ends(&c, ERR_TOO_MANY_HANDLES));
        expect(lives(gift.h));
    }
}

static void receive_once(void *argument) {
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    receive(e, OP_ACCEPT(4), &m, &kind);
}

/* What is wrong with the handles ends the call, whether the receiver was there before or not. */
static void refuse(bool receiver, handle_t h, unsigned flags, enum err_code code) {
    struct caller c;
    struct message m = {0};
    enum message_kind kind;
    struct worker w;
    if (receiver)
        expect(worker_start(&w, PRIORITY, receive_once, NULL) && settled(w.thread));
    expect(caller_make(&c, s, OP_HANDLES(2)));
    send(c.worker.block, 0, gift.h, RIGHTS_ALL, 0);
    send(c.worker.block, 1, h, RIGHTS_ALL, flags);
    expect(worker_go(&c.worker));
    if (!receiver) {
        expect(settled(c.worker.thread));
        expect_error(poll(e, OP_ACCEPT(4), &m, &kind), TIMED_OUT);
    }
    expect(caller_ends(&c, code));
    if (!receiver)
        return;
    expect_equal(thread_state(w.thread), THREAD_WAITING);
    expect_ok(sys_thread_interrupt(w.thread));
    expect(worker_join(&w));
}

static void refused(void) {
    handle_t weak, stale;
    expect_passed(set_up());
    expect_ok(sys_handle_duplicate(ANY(gift), RIGHT_SIGNAL_RAISE, 0, &weak));
    expect_ok(sys_handle_duplicate(ANY(gift), RIGHTS_ALL, 0, &stale));
    expect_ok(sys_handle_close((struct any_cap){stale}));
    for (unsigned receiver = 0; receiver < 2; receiver++) {
        expect_passed(refuse(receiver, weak, 0, ERR_NO_RIGHT));
        expect_passed(refuse(receiver, stale, 0, ERR_BAD_HANDLE));
        expect_passed(refuse(receiver, HANDLE_NONE, 0, ERR_BAD_HANDLE));
        expect_passed(refuse(receiver, s.h, 0x8000, ERR_BAD_ARGUMENT));
        expect_passed(refuse(receiver, gift.h, SEND_MOVE, ERR_BAD_ARGUMENT)); /* twice */
        expect_passed(refuse(receiver, HANDLE_PROCESS, SEND_MOVE, ERR_BAD_ARGUMENT));
        expect(lives(gift.h) && lives(weak));
    }
}

/* With the answer: the caller says how many it accepts; what is refused leaves the reply usable. */
static void with_answer(void) {
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    handle_t extra[4];
    expect_passed(set_up());
    for (unsigned i = 0; i < 4; i++)
        expect_ok(sys_handle_duplicate(ANY(gift), RIGHTS_ALL, 1ull << i, &extra[i]));
    for (unsigned n = 0; n <= 4; n++) {
        expect(caller_start(&c, s, OP_ACCEPT(n)));
        expect_ok(receive_call(e, &m));
        for (unsigned i = 0; i < 4; i++)
            send(b, i, extra[i], RIGHTS_ALL, 0);
        if (n < 4)
            expect_error(answer(m.reply, OP_HANDLES(n + 1), 0), TOO_MANY_HANDLES);
        expect_ok(answer(m.reply, OP_HANDLES(n), 0));
        expect(caller_ends(&c, ERR_OK));
        expect_equal(OP_HANDLES_OF(c.m.op), n);
    }
}

/* Between processes: the child's table gets them. */
static void child_asks(void *argument) {
    struct message m = {.op = OP_ACCEPT(4)};
    struct thread_block *b = thread_block();
    (void)argument;
    expect_ok(session_call(s, &m));
    expect_equal(b->received_count, 4);
    for (unsigned i = 0; i < 4; i++)
        expect_ok(sys_signal_raise((struct signal_cap){b->received[i].handle}, ~0ull));
}

static void to_child(void) {
    struct child c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    handle_t extra;
    uint64_t bits;
    expect_passed(set_up());
    expect(child_spawn(&c, pool, child_asks, NULL));
    expect_ok(receive_call(e, &m));
    for (unsigned i = 0; i < 4; i++) {
        expect_ok(sys_handle_duplicate(ANY(gift), RIGHTS_ALL, 1ull << 4 * i, &extra));
        send(b, i, extra, RIGHTS_ALL, i % 2 ? SEND_MOVE : 0);
    }
    expect_ok(answer(m.reply, OP_HANDLES(4), 0));
    expect(child_join(&c));
    expect_ok(sys_signal_wait(gift, ~0ull, in_ms(PATIENCE_MS), &bits));
    expect_equal(bits, 0x1111);
}

/* The right to answer can be handed to another process; it answers, or its end ends the call. */
static void child_answers(void *argument) {
    struct message m = {.op = OP_ACCEPT(1)};
    expect_ok(session_call(s, &m));
    if (!argument)
        expect_ok(answer((struct reply_cap){thread_block()->received[0].handle}, 0, 99));
}

static void reply_moved(void) {
    for (uint64_t drops = 0; drops < 2; drops++) {
        struct child c;
        struct caller waits;
        struct message m = {0}, asked = {0};
        struct thread_block *b = thread_block();
        expect_passed(set_up());
        expect(caller_start(&waits, s, 1));
        expect_ok(receive_call(e, &m));
        expect(child_spawn(&c, pool, child_answers, (void *)drops));
        expect_ok(receive_call(e, &asked));
        send(b, 0, m.reply.h, RIGHTS_ALL, 0);
        expect_error(answer(asked.reply, OP_HANDLES(1), 0), BAD_ARGUMENT); /* it has no children */
        send(b, 0, m.reply.h, RIGHTS_ALL, SEND_MOVE);
        expect_ok(answer(asked.reply, OP_HANDLES(1), 0));
        expect(!have_test_calls() || !invariants_broken(false)); /* the call names its new place */
        expect_error(answer(m.reply, 0, 0), BAD_HANDLE);
        expect(child_join(&c));
        expect(caller_ends(&waits, drops ? ERR_PEER_DIED : ERR_OK));
        expect(drops || waits.m.word[0] == 99);
    }
}

/* What a forwarder sends along arrives with the call and is counted. */
static void forwarded(void) {
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    struct endpoint_cap second;
    struct session_cap next;
    enum message_kind kind;
    expect_passed(set_up());
    expect(connect(&second, &next, 5));
    expect(caller_start(&c, s, 1));
    expect_ok(receive_call(e, &m));
    send(b, 0, gift.h, RIGHTS_ALL, 0);
    m.op = OP_HANDLES(1);
    expect_ok(reply_forward(m.reply, next, &m));
    expect_ok(receive(second, OP_ACCEPT(1), &m, &kind));
    expect(kind == MESSAGE_CALL && m.badge == 5 && OP_HANDLES_OF(m.op) == 1);
    expect_equal(b->received_count, 1);
    expect(b->received[0].type == OBJECT_SIGNAL && lives(b->received[0].handle));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
}

/* A large copy into pages that are shared since a clone, of memory with many mappings: it is
 * preempted, and the clone sees nothing of it. */
static void child_sleeps(void *argument) {
    uint64_t bits;
    sys_signal_wait(gift, 1, in_ms(PATIENCE_MS), &bits);
    for (unsigned i = 0; i < WINDOWS_MAX; i++)
        expect_equal(((char *)argument)[i], 3);
}

static void into_shared(void) {
    static char data[WINDOWS_MAX];
    struct caller c;
    struct child child;
    struct message m = {0};
    struct memory_cap memory;
    uint64_t other;
    char *at;
    expect_passed(set_up());
    expect(memory_make(WINDOWS_MAX, &memory, &at));
    for (unsigned i = 0; i < 600; i++)
        expect_ok(memory_map(memory, WINDOWS_MAX, MEMORY_READ | MAP_PRIVATE_COPY, &other));
    memset(at, 3, WINDOWS_MAX);
    memset(data, 5, WINDOWS_MAX);
    expect(caller_make(&c, s, OP_WRITE_WINDOW));
    c.worker.block->write = (struct window){(uint64_t)at, WINDOWS_MAX};
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect(child_spawn(&child, pool, child_sleeps, at));
    expect_ok(sys_reply_copy_to(m.reply, 0, data, WINDOWS_MAX));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    for (unsigned i = 0; i < WINDOWS_MAX; i++)
        expect_equal(at[i], 5);
    expect_equal(((char *)other)[WINDOWS_MAX - 1], 5);
    expect_ok(sys_signal_raise(gift, 1));
    expect(child_join(&child));
    expect_equal(invariants_broken(true), 0);
}

/* Of forwarded data the receiver gets what its buffer has room for, and can read all; what it got
 * whole is not kept. */
static void forwarded_data(void) {
    static char data[100], buffer[10], whole[100];
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    struct endpoint_cap second;
    struct session_cap next;
    enum message_kind kind;
    expect_passed(set_up());
    expect(connect(&second, &next, 5));
    expect(caller_start(&c, s, 1));
    expect_ok(receive_call(e, &m));
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (char)i;
    b->read = (struct window){(uint64_t)data, sizeof data};
    m.op = OP_READ_WINDOW;
    expect_ok(reply_forward(m.reply, next, &m));
    b->buffer = (struct window){(uint64_t)whole, sizeof whole};
    expect_ok(receive(second, 0, &m, &kind));
    expect(b->read_length == sizeof data && b->inline_length == sizeof data && whole[99] == 99);
    expect_error_in(sys_reply_copy_from(m.reply, 0, whole, 1), BAD_WINDOW, 2);
    m.op = OP_READ_WINDOW;
    expect_ok(reply_forward(m.reply, next, &m));
    b->buffer = (struct window){(uint64_t)buffer, sizeof buffer};
    expect_ok(receive(second, 0, &m, &kind));
    b->buffer.length = 0;
    memset(whole, 0, sizeof whole);
    expect(b->read_length == sizeof data && b->inline_length == sizeof buffer && buffer[9] == 9);
    expect_ok(sys_reply_copy_from(m.reply, 10, whole, 90));
    expect(whole[0] == 10 && whole[89] == 99);
    expect_ok(sys_reply_copy_from(m.reply, 100, whole, 0));
    expect_error_in(sys_reply_copy_from(m.reply, 10, whole, 91), BAD_WINDOW, 2);
    expect_error_in(sys_reply_copy_from(m.reply, ~0ull, whole, 1), BAD_WINDOW, 2);
    expect_error_in(sys_reply_copy_from(m.reply, 0, (void *)0x1000, 1), BAD_ADDRESS, 3);
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
}

const struct test tests_transfer[] = {
    TEST("transfer.copied", copied),
    TEST("transfer.moved", moved),
    TEST("transfer.comes-home", comes_home),
    TEST("transfer.moved-home", moved_home),
    TEST("transfer.too-many", too_many),
    TEST("transfer.refused", refused),
    TEST("transfer.with-answer", with_answer),
    TEST("transfer.to-child", to_child),
    TEST("transfer.reply-moved", reply_moved),
    TEST("transfer.forwarded", forwarded),
    TEST("transfer.forwarded-data", forwarded_data),
    TEST("transfer.into-shared", into_shared),
};
TESTS(transfer);
