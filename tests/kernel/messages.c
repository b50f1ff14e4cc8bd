/* SPDX-License-Identifier: MIT */
/* What messages carry: words, inline data, windows; their limits, deadlines and order. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define BIG (16u * 1024)

static char text[BIG], copy[BIG];

static void fill(char *at, size_t n, unsigned salt) {
    for (size_t i = 0; i < n; i++)
        at[i] = (char)(i * 7 + i / 251 + salt);
}

static void window(struct window *w, const void *at, uint64_t length) {
    *w = (struct window){(uint64_t)at, length};
}

static void unknown_bits(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 1));
    for (unsigned i = 32; i < 64; i++)
        if (!(OP_KNOWN >> i & 1)) {
            expect_error(call(s, 1ull << i), BAD_ARGUMENT);
            expect_error(poll(e, 1ull << i, &m, &kind), BAD_ARGUMENT);
        }
    thread_block()->deadline = 1;
    for (unsigned n = 5; n < 8; n++) {
        expect_error(call(s, OP_HANDLES(n) | OP_DEADLINE), BAD_ARGUMENT);
        expect_error(call(s, OP_ACCEPT(n) | OP_DEADLINE), BAD_ARGUMENT);
        expect_error(poll(e, OP_ACCEPT(n), &m, &kind), BAD_ARGUMENT);
    }
}

/* Words arrive as they were sent, with every operation and in each register. */
static void words(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, ~0ull));
    for (unsigned round = 0; round < 4; round++) {
        expect(caller_make(&c, s, round * 0x55555555ull));
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            c.m.word[i] = ~0ull << (round * 16) ^ i;
        expect(caller_go(&c));
        expect_ok(receive_call(e, &m));
        expect(m.badge == ~0ull && (m.op & OP_CODE) == round * 0x55555555ull);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            expect_equal(m.word[i], ~0ull << (round * 16) ^ i);
        m.op = 0xfedcba98;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            m.word[i] = 0x0123456789abcdefull * (i + 1);
        expect_ok(reply_send(m.reply, &m));
        expect(caller_ends(&c, ERR_OK));
        expect_equal(c.m.op & OP_CODE, 0xfedcba98);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            expect_equal(c.m.word[i], 0x0123456789abcdefull * (i + 1));
    }
}

/* The server is told the rights of the handle that a call came through: the forwarder's, if it was
 * passed on. */
static void session_rights(void) {
    struct endpoint_cap e, second;
    struct session_cap s, next, narrow, next_narrow;
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 1) && connect(&second, &next, 2));
    expect_ok(sys_handle_duplicate(ANY(s), RIGHT_SESSION_CALL | 0x0500, 0, &narrow.h));
    expect_ok(sys_handle_duplicate(ANY(next), RIGHT_SESSION_CALL | 0x8000, 0, &next_narrow.h));
    expect(caller_start(&c, s, 6));
    expect_ok(receive_call(e, &m));
    expect_equal(m.op, 6 | (uint64_t)RIGHT_SESSION_SERVER << 48);
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect(caller_start(&c, narrow, 7));
    expect_ok(receive_call(e, &m));
    expect(OP_RIGHTS(m.op) == 0x0500 && (m.op & OP_CODE) == 7);
    struct reply_cap reply = m.reply;
    expect_error(reply_forward(reply, next_narrow, &m), BAD_ARGUMENT); /* they are not sent */
    m.op = 8;
    expect_ok(reply_forward(reply, next_narrow, &m));
    expect_ok(receive_call(second, &m));
    expect(OP_RIGHTS(m.op) == 0x8000 && (m.op & OP_CODE) == 8);
    expect_ok(answer(m.reply, 9, 0));
    expect(caller_ends(&c, ERR_OK));
    expect_equal(c.m.op, 9);
}

/* The caller's bytes come with the message, up to a page and to what the buffer takes. */
static void inline_data(void) {
    static const unsigned sizes[] = {0, 1, 7, 8, 64, 4095, 4096, 4097, 9000};
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 1));
    fill(text, BIG, 1);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned n = sizes[i], inlined = n < INLINE_MAX ? n : INLINE_MAX;
        struct thread_block *b = thread_block();
        memset(copy, 0, sizeof copy);
        window(&b->buffer, copy + 3, INLINE_MAX);
        expect(caller_make(&c, s, OP_READ_WINDOW));
        window(&c.worker.block->read, text + 5, n);
        expect(caller_go(&c));
        expect_ok(receive_call(e, &m));
        expect(m.op & OP_READ_WINDOW);
        expect(b->read_length == n && b->write_length == 0);
        expect_equal(b->inline_length, inlined);
        expect(!memcmp(copy + 3, text + 5, inlined) && !copy[2] && !copy[3 + inlined]);
        memset(copy, 0, sizeof copy);
        expect_ok(sys_reply_copy_from(m.reply, 0, copy, n));
        expect(!memcmp(copy, text + 5, n) && !copy[n]);
        expect_ok(answer(m.reply, 0, 0));
        expect(caller_ends(&c, ERR_OK));
    }
    window(&thread_block()->buffer, NULL, 0);
}

static void small_buffer(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    fill(text, 100, 2);
    for (unsigned room = 0; room < 20; room += 10) {
        expect(connect(&e, &s, 1));
        memset(copy, 0, 100);
        window(&b->buffer, room ? copy : NULL, room);
        expect(caller_make(&c, s, OP_READ_WINDOW));
        window(&c.worker.block->read, text, 100);
        expect(caller_go(&c));
        expect_ok(receive_call(e, &m));
        expect(b->inline_length == room && b->read_length == 100);
        expect(!memcmp(copy, text, room) && !copy[room]);
        expect_ok(answer(m.reply, 0, 0));
        expect(caller_ends(&c, ERR_OK));
    }
    window(&b->buffer, NULL, 0);
}

/* The answer's bytes go into the caller's write window, and it is told how many. */
static void inline_answer(void) {
    static const unsigned sizes[] = {0, 1, 100, 4096};
    static char into[8192];
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    expect(connect(&e, &s, 1));
    fill(text, BIG, 3);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(into, 0, sizeof into);
        expect(caller_make(&c, s, OP_WRITE_WINDOW));
        window(&c.worker.block->write, into + 1, 5000);
        expect(caller_go(&c));
        expect_ok(receive_call(e, &m));
        expect(b->write_length == 5000 && b->read_length == 0);
        expect_ok(sys_reply_copy_to(m.reply, 4500, text, 500));
        window(&b->read, text + 11, sizes[i]);
        expect_ok(answer(m.reply, OP_READ_WINDOW, 0));
        expect(caller_ends(&c, ERR_OK));
        expect(!memcmp(into + 1, text + 11, sizes[i]) && !into[1 + sizes[i]] && !into[0]);
        expect(!memcmp(into + 4501, text, 500) && !into[5001]);
    }
}

/* A refused answer leaves the right to answer. */
static void answer_too_long(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    struct thread_block *b = thread_block();
    expect(connect(&e, &s, 1) && caller_make(&c, s, OP_WRITE_WINDOW));
    window(&c.worker.block->write, copy, 50);
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    window(&b->read, text, 51);
    expect_error(answer(m.reply, OP_READ_WINDOW, 0), BAD_WINDOW);
    window(&b->read, text, INLINE_MAX + 1);
    expect_error(answer(m.reply, OP_READ_WINDOW, 0), BAD_WINDOW);
    window(&b->read, (void *)0x1000, 50);
    expect_error(answer(m.reply, OP_READ_WINDOW, 0), BAD_WINDOW);
    expect_equal(thread_state(c.worker.thread), THREAD_WAITING);
    window(&b->read, text, 50);
    expect_ok(answer(m.reply, OP_READ_WINDOW, 0));
    expect(caller_ends(&c, ERR_OK));
}

static void copies(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    static char from[3 * PAGE_SIZE], into[3 * PAGE_SIZE];
    expect(connect(&e, &s, 1) && caller_make(&c, s, OP_READ_WINDOW | OP_WRITE_WINDOW));
    fill(from, sizeof from, 4);
    window(&c.worker.block->read, from + 100, 8000);
    window(&c.worker.block->write, into + 200, 9000);
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect_ok(sys_reply_copy_from(m.reply, 4000, copy, 4000));
    expect(!memcmp(copy, from + 4100, 4000));
    expect_error(sys_reply_copy_from(m.reply, 4000, copy, 4001), BAD_WINDOW);
    expect_error(sys_reply_copy_from(m.reply, 8001, copy, 0), BAD_WINDOW);
    expect_error(sys_reply_copy_from(m.reply, ~0ull, copy, 2), BAD_WINDOW);
    expect_error(sys_reply_copy_from(m.reply, 0, (void *)0x1000, 8), BAD_ADDRESS);
    expect_error(sys_reply_copy_to(m.reply, 8999, text, 2), BAD_WINDOW);
    expect_error(sys_reply_copy_to(m.reply, 2, text, ~0ull), BAD_WINDOW);
    fill(text, BIG, 5);
    expect_ok(sys_reply_copy_to(m.reply, 10, text, 8990));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect(!memcmp(into + 210, text, 8990) && !into[209]);
    expect_error(sys_reply_copy_to(m.reply, 0, text, 1), BAD_HANDLE);
}

static void copy_between(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller source, target;
    struct message m = {0}, n = {0};
    static char from[10000], into[10000];
    fill(from, sizeof from, 6);
    expect(connect(&e, &s, 1));
    expect(caller_make(&source, s, OP_READ_WINDOW) && caller_make(&target, s, OP_WRITE_WINDOW));
    window(&source.worker.block->read, from, sizeof from);
    window(&target.worker.block->write, into, sizeof into);
    expect(caller_go(&source));
    expect_ok(receive_call(e, &m));
    expect(caller_go(&target));
    expect_ok(receive_call(e, &n));
    expect_ok(sys_reply_copy_between(m.reply, n.reply, 1, 2, 9998));
    expect(!memcmp(into + 2, from + 1, 9998));
    expect_error(sys_reply_copy_between(m.reply, n.reply, 1, 2, 9999), BAD_WINDOW);
    expect_error(sys_reply_copy_between(n.reply, m.reply, 0, 0, 1), BAD_WINDOW);
    expect_ok(answer(m.reply, 0, 0));
    expect_error(sys_reply_copy_between(m.reply, n.reply, 0, 0, 1), BAD_HANDLE);
    expect_ok(answer(n.reply, 0, 0));
    expect(caller_ends(&source, ERR_OK) && caller_ends(&target, ERR_OK));
}

static err_t call_with(struct session_cap s, uint64_t op, const void *read, uint64_t read_length,
                       const void *write, uint64_t write_length) {
    struct thread_block *b = thread_block();
    window(&b->read, read, read_length);
    window(&b->write, write, write_length);
    b->deadline = in_ms(1);
    return call(s, op | OP_DEADLINE);
}

static void window_limits(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct memory_cap m;
    char *at, *fixed;
    uint64_t both = OP_READ_WINDOW | OP_WRITE_WINDOW;
    uint64_t more = WINDOWS_MAX + PAGE_SIZE; /* so that only the limit refuses what is beyond it */
    expect(connect(&e, &s, 1) && memory_make(more, &m, &at));
    expect_ok(memory_map(m, WINDOWS_MAX, MEMORY_READ, &fixed));
    expect_error(call_with(s, both, at, WINDOWS_MAX / 2, at, WINDOWS_MAX / 2), TIMED_OUT);
    expect_error(call_with(s, OP_READ_WINDOW, at, WINDOWS_MAX, 0, 0), TIMED_OUT);
    expect_error(call_with(s, OP_READ_WINDOW, at, WINDOWS_MAX + 1, 0, 0), BAD_WINDOW);
    expect_error(call_with(s, both, at, WINDOWS_MAX / 2 + 1, at, WINDOWS_MAX / 2), BAD_WINDOW);
    expect_error(call_with(s, both, at, ~0ull, at, 2), BAD_WINDOW);
    expect_error(call_with(s, OP_READ_WINDOW, at + more - 1, 2, 0, 0), BAD_WINDOW);
    expect_error(call_with(s, OP_READ_WINDOW, (void *)0x1000, 1, 0, 0), BAD_WINDOW);
    expect_error(call_with(s, OP_READ_WINDOW, (void *)~0xffull, 0x80, 0, 0), BAD_WINDOW);
    expect_error(call_with(s, OP_WRITE_WINDOW, 0, 0, fixed, 1), BAD_WINDOW);
    expect_error(call_with(s, OP_READ_WINDOW, fixed, 1, 0, 0), TIMED_OUT);
}

/* A page that its owner takes away in the middle of a call: the server is told, and never waits. */
static void page_taken_away(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    struct memory_cap memory;
    char *at;
    expect(connect(&e, &s, 1) && memory_make(2 * PAGE_SIZE, &memory, &at));
    expect(caller_make(&c, s, OP_READ_WINDOW | OP_WRITE_WINDOW));
    window(&c.worker.block->read, at, 2 * PAGE_SIZE);
    window(&c.worker.block->write, at, 2 * PAGE_SIZE);
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect_ok(sys_reply_copy_from(m.reply, 0, copy, 2 * PAGE_SIZE));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)at + PAGE_SIZE, PAGE_SIZE));
    expect_error(sys_reply_copy_from(m.reply, 0, copy, 2 * PAGE_SIZE), BAD_WINDOW);
    expect_ok(sys_reply_copy_from(m.reply, 0, copy, PAGE_SIZE));
    expect_ok(sys_process_protect(SELF_PROCESS, (uint64_t)at, PAGE_SIZE, MEMORY_READ));
    expect_error(sys_reply_copy_to(m.reply, 0, copy, 1), BAD_WINDOW);
    expect_ok(sys_reply_copy_from(m.reply, 0, copy, 1));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
}

#define TABLE ((uint64_t)2 << 20) /* what a page table covers */
#define WHOLE (8 * PAGE_SIZE)

static char *map_across(struct memory_cap m, uint64_t before, uint64_t place) {
    err_t e = sys_process_map(SELF_PROCESS, m, place + TABLE - before, 0, WHOLE,
                              MEMORY_READ | MEMORY_WRITE);
    return err_ok(e) ? (char *)(place + TABLE - before) : NULL;
}

static bool all_are(const char *at, char c, uint64_t pages) {
    for (uint64_t i = 0; i < pages * PAGE_SIZE; i += 64)
        if (at[i] != c)
            return false;
    return true;
}

/* Aligned copies across the ends of page tables, onto pages that a copy shares, and onto one that
 * may only be read. */
static void whole_pages(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    struct memory_cap source, target, kept;
    char *from, *into, *other;
    expect(connect(&e, &s, 1) && caller_make(&c, s, OP_READ_WINDOW | OP_WRITE_WINDOW));
    expect_ok(sys_memory_create(pool, WHOLE, MEMORY_READ | MEMORY_WRITE, &source));
    expect_ok(sys_memory_create(pool, WHOLE, MEMORY_READ | MEMORY_WRITE, &target));
    expect((from = map_across(source, 5 * PAGE_SIZE, 0x10000000)));
    expect((into = map_across(target, 3 * PAGE_SIZE, 0x20000000)));
    memset(from, 1, WHOLE);
    memset(into, 2, WHOLE);
    expect_ok(sys_memory_clone(target, pool, 0, WHOLE, &kept));
    expect((other = map_across(kept, 0, 0x30000000)));
    window(&c.worker.block->write, into, WHOLE);
    window(&c.worker.block->read, into, WHOLE);
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect_ok(sys_reply_copy_to(m.reply, 0, from, WHOLE));
    expect(all_are(into, 1, 8) && all_are(other, 2, 8));
    memset(from, 3, WHOLE);
    expect_ok(
        sys_process_protect(SELF_PROCESS, (uint64_t)into + 4 * PAGE_SIZE, PAGE_SIZE, MEMORY_READ));
    expect(all_are(into, 1, 8)); /* they are present */
    expect_error(sys_reply_copy_to(m.reply, 0, from, WHOLE), BAD_WINDOW);
    expect(all_are(into, 3, 4) && all_are(into + 4 * PAGE_SIZE, 1, 4));
    expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)into + 6 * PAGE_SIZE, PAGE_SIZE));
    expect_error(sys_reply_copy_from(m.reply, 0, from, WHOLE), BAD_WINDOW);
    expect_ok(sys_reply_copy_from(m.reply, PAGE_SIZE, from, 5 * PAGE_SIZE));
    expect(all_are(from, 3, 3) && all_are(from + 3 * PAGE_SIZE, 1, 2));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    expect(!have_test_calls() || !invariants_broken(false));
}

/* So much is unmapped that page tables go, and mapped again: the window is looked for anew. */
static void table_taken_away(void) {
    static const uint64_t at = 0x0c0000000000ull, bytes = 2ul << 20,
                          flags = MEMORY_READ | MEMORY_WRITE;
    struct endpoint_cap e;
    struct session_cap s;
    struct message m = {0};
    struct memory_cap memory;
    volatile char *own = (volatile char *)at;
    expect(connect(&e, &s, 1));
    expect_ok(sys_memory_create(pool, bytes, flags, &memory));
    for (unsigned i = 0; i < 3; i++) {
        struct caller c;
        expect_ok(sys_process_map(SELF_PROCESS, memory, at, 0, bytes, flags));
        expect(caller_make(&c, s, OP_READ_WINDOW));
        window(&c.worker.block->read, (const void *)at, 1);
        own[0] = (char)('a' + i);
        own[PAGE_SIZE] = 0; /* beside it, so that nothing else is looked for meanwhile */
        expect(caller_go(&c));
        expect_ok(receive_call(e, &m));
        expect_ok(sys_reply_copy_from(m.reply, 0, (void *)(at + PAGE_SIZE), 1));
        expect(own[PAGE_SIZE] == 'a' + (char)i);
        expect_ok(sys_process_unmap(SELF_PROCESS, at, bytes));
        expect_ok(answer(m.reply, 0, 0));
        expect(caller_ends(&c, ERR_OK));
    }
}

const struct test tests_messages[] = {
    TEST("messages.unknown-bits", unknown_bits),
    TEST("messages.words", words),
    TEST("messages.session-rights", session_rights),
    TEST("messages.inline", inline_data),
    TEST("messages.small-buffer", small_buffer),
    TEST("messages.inline-answer", inline_answer),
    TEST("messages.answer-too-long", answer_too_long),
    TEST("messages.copies", copies),
    TEST("messages.copy-between", copy_between),
    TEST("messages.window-limits", window_limits),
    TEST("messages.page-taken-away", page_taken_away),
    TEST("messages.whole-pages", whole_pages),
    TEST("messages.table-taken-away", table_taken_away),
};
TESTS(messages);
