/* SPDX-License-Identifier: MIT */
/*
 * The fast path of messages gives the same results as the slow one. The same pseudo-random
 * exchanges are made with the fast path off and on, between threads on one processor and on two.
 * Everything that either side can see is recorded, but for the numbers of reply handles, and
 * compared.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define EXCHANGES 600u
#define CHOICES   8u

static struct endpoint_cap endpoint, second_endpoint;
static struct session_cap choice[CHOICES]; /* good ones and bad ones */
static struct session_cap second_session;
static struct worker server, second; /* the first passes some calls on to the second */
static struct signal_cap gift;

/* What one exchange showed. */
struct record {
    uint64_t status, op, word[MESSAGE_WORDS];
    uint64_t read_length, received_count, received;
    uint64_t kind, badge, server_op, server_word[MESSAGE_WORDS];
    uint64_t process, account, read, write, server_inline, server_data, server_count;
    uint64_t server_received;
    uint64_t server_priority, second_priority, own_priority, handles;
};
static struct record records[2][EXCHANGES], *now;

static uint64_t state;
static uint64_t pseudo_random(void) {
    state = state * 6364136223846793005ull + 1442695040888963407ull; /* Knuth, MMIX */
    return state >> 16;
}

static uint64_t priority_of(struct thread_cap t) {
    struct thread_info info;
    return err_ok(sys_thread_info(t, &info)) ? info.effective_priority : 0;
}

/* Tells all handles that came apart, but for their numbers, and closes them. */
static uint64_t take_handles(void) {
    const struct handle_received *r = thread_block()->received;
    uint64_t sum = 0;
    for (unsigned i = 0; i < thread_block()->received_count; i++) {
        sum = sum * 31 + (r[i].rights << 16 | r[i].type << 8 | r[i].own) + r[i].badge;
        sys_handle_close((struct any_cap){r[i].handle});
    }
    return sum;
}

/* What came in the buffer. */
static uint64_t take_data(void) {
    const struct thread_block *b = thread_block();
    uint64_t sum = 0;
    for (unsigned i = 0; i < b->inline_length; i++)
        sum = sum * 31 + ((const uint8_t *)b->buffer.address)[i];
    return sum;
}

static void record_call(const struct message *m, enum message_kind kind) {
    const struct thread_block *b = thread_block();
    now->kind = kind;
    now->badge = m->badge;
    now->server_op = m->op;
    memcpy(now->server_word, m->word, sizeof m->word);
    now->process = b->caller_process;
    now->account = b->caller_account;
    now->read = b->read_length;
    now->write = b->write_length;
    now->server_inline = b->inline_length;
    now->server_data = take_data();
    now->server_count = b->received_count;
    now->server_received = take_handles();
    now->server_priority = priority_of(server.thread);
    now->second_priority = priority_of(second.thread);
}

/* Answers from the words of the call, or passes it on if it is the first; some messages carry
 * handles or data, and some are refused first. */
static void serve(void *argument) {
    const struct endpoint_cap endpoint = *(struct endpoint_cap *)argument;
    bool first = argument != &second_endpoint;
    struct message m = {0};
    struct thread_block *b = thread_block();
    enum message_kind kind;
    static char text[16] = "what is sent";
    static char buffers[2][20]; /* not room for all */
    b->buffer = (struct window){(uint64_t)buffers[first], sizeof buffers[first]};
    b->forward_session = second_session.h;
    err_t e = endpoint_receive(endpoint, 0, &m, &kind);
    while (err_ok(e)) {
        record_call(&m, kind);
        if (kind != MESSAGE_CALL) {
            e = endpoint_receive(endpoint, 0, &m, &kind);
            continue;
        }
        uint64_t what = m.word[0];
        if (what == ~0ull)
            return;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            m.word[i] ^= m.word[(i + 1) % MESSAGE_WORDS] + i;
        b->read = (struct window){(uint64_t)text, what >> 8 & 15};
        b->send[0] = (struct handle_send){.handle = gift.h, .rights = RIGHT_SIGNAL_RAISE};
        m.op = (m.op & OP_CODE) + 1;
        if (what % 7 == 3)
            m.op |= OP_HANDLES(1);
        if (what % 11 == 5)
            m.op |= OP_READ_WINDOW;
        if (what % 13 == 1)
            m.op |= OP_ACCEPT(what % 5);
        struct message again = m;
        struct reply_cap r = m.reply;
        if (first && what % 3 == 1)
            e = forward_and_receive(r, endpoint, &m, &kind);
        else
            e = reply_and_receive(r, endpoint, &m, &kind);
        if (!err_ok(e)) { /* refused: the caller accepts no handle, or has no window */
            again.op &= OP_CODE;
            m = again;
            e = reply_and_receive(r, endpoint, &m, &kind);
        }
    }
    test_fail(__FILE__, __LINE__, "the server's receive: %s", error_name(e));
}

/* Up to two handles: copied or moved, and such as stay away or come home. */
static unsigned offer(uint64_t what) {
    for (unsigned i = 0; i < 2; i++, what >>= 4) {
        struct handle_send *s = &thread_block()->send[i];
        handle_t from = what & 1 ? gift.h : what & 2 ? choice[1].h : second_session.h;
        *s = (struct handle_send){.rights = RIGHT_SEND | RIGHT_SIGNAL_RAISE};
        sys_handle_duplicate((struct any_cap){from}, RIGHTS_ALL, 0, &s->handle);
        s->flags = what & 4 ? SEND_MOVE : 0;
    }
    return what & 8 ? 2 : 1;
}

/* What was moved is gone already. */
static void withdraw(void) {
    for (unsigned i = 0; i < 2; i++)
        sys_handle_close((struct any_cap){thread_block()->send[i].handle});
}

static void exchange(struct record *r) {
    struct thread_block *b = thread_block();
    static char text[64] = "a text of more than thirty bytes that are read";
    struct message m = {.op = pseudo_random() & OP_CODE};
    uint64_t what = pseudo_random();
    now = r;
    *r = (struct record){.kind = 99};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m.word[i] = pseudo_random() << 16 | i;
    m.word[0] = what & 0xffff;
    b->read = (struct window){(uint64_t)text, what >> 20 & 31};
    b->write = (struct window){(uint64_t)text + 32, what >> 25 & 31};
    b->deadline = what % 17 ? DEADLINE_NONE : 1;
    m.op |= what >> 30 & 1 ? OP_ACCEPT(what >> 32 & 7) : 0; /* 5..7 are refused */
    m.op |= what >> 36 & 7 ? 0 : OP_READ_WINDOW;
    m.op |= what >> 39 & 7 ? 0 : OP_WRITE_WINDOW;
    m.op |= what >> 42 & 7 ? 0 : OP_DEADLINE;
    m.op |= what >> 45 & 15 ? 0 : 1ull << 60; /* unknown */
    m.op |= what >> 53 & 1 ? OP_HANDLES(offer(what >> 54)) : 0;
    uint64_t h = choice[what >> 50 & (CHOICES - 1)].h;
    r->status = message_invoke(SYSCALL_call, h, &m, 0);
    if (r->status == ERR_OK) {
        r->op = m.op;
        memcpy(r->word, m.word, sizeof m.word);
        r->read_length = b->read_length;
        r->received_count = b->received_count;
        r->received = take_handles();
    }
    withdraw();
    r->own_priority = priority_of(SELF_THREAD);
    r->handles = handle_count(SELF_PROCESS);
}

static void one_path(bool fast, struct record *to) {
    fast_path(fast);
    state = 42 + test_seed;
    for (unsigned i = 0; i < EXCHANGES; i++)
        exchange(&to[i]);
    fast_path(true);
}

static void set_up(unsigned server_priority, uint64_t servers) {
    handle_t h;
    expect(connect(&endpoint, &choice[0], 0x1111));
    expect_ok(sys_signal_create(pool, &gift));
    for (unsigned i = 1; i < CHOICES; i++)
        expect_ok(sys_endpoint_mint(endpoint, 0x1111 * (i + 1), SESSION_RIGHTS ^ i << 8,
                                    HANDLE_NONE, &choice[i]));
    expect_ok(sys_handle_duplicate(ANY(choice[5]), RIGHT_SEND, 0, &h));
    choice[5].h = h; /* may not call */
    choice[6].h = gift.h;
    choice[7].h = HANDLE_NONE;
    expect(connect(&second_endpoint, &second_session, 0x9999));
    expect(worker_make(&server, server_priority, serve, &endpoint));
    expect(worker_make(&second, PRIORITY, serve, &second_endpoint));
    expect_ok(sys_thread_schedule(server.thread, server_priority, servers));
    expect_ok(sys_thread_schedule(second.thread, PRIORITY, servers));
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    expect(worker_go(&server) && settled(server.thread));
    expect(worker_go(&second) && settled(second.thread));
}

static void compare(unsigned server_priority, uint64_t servers) {
    static const char *const fields[] = {
        "status",    "op",         "word 0",   "word 1",   "word 2",  "word 3",  "word 4",
        "word 5",    "read",       "count",    "received", "kind",    "badge",   "server's op",
        "word 0'",   "word 1'",    "word 2'",  "word 3'",  "word 4'", "word 5'", "process",
        "account",   "read'",      "write'",   "inline'",  "data'",   "count'",  "received'",
        "priority'", "priority''", "priority", "handles"};
    unsigned good = 0;
    _Static_assert(sizeof(struct record) == sizeof fields, "a name for each field");
    if (!have_test_calls())
        return;
    expect_passed(set_up(server_priority, servers));
    one_path(false, records[0]); /* makes what stays */
    one_path(false, records[0]);
    one_path(true, records[1]);
    for (unsigned i = 0; i < EXCHANGES; i++) {
        const uint64_t *slow = (const uint64_t *)&records[0][i],
                       *fast = (const uint64_t *)&records[1][i];
        good += records[0][i].status == ERR_OK;
        for (unsigned j = 0; j < sizeof fields / sizeof *fields; j++)
            if (slow[j] != fast[j]) {
                test_fail(__FILE__, __LINE__,
                          "exchange %u: %s is %lx on the slow path, %lx on the fast", i, fields[j],
                          slow[j], fast[j]);
                return;
            }
    }
    expect(good > EXCHANGES / 4 && good < EXCHANGES);
    struct message last = {.word = {~0ull}};
    thread_block()->deadline = in_ms(5);
    last.op = OP_DEADLINE;
    expect_error(session_call(choice[0], &last), TIMED_OUT); /* its thread ends without an answer */
    expect(worker_join(&server));
    thread_block()->deadline = in_ms(5);
    last = (struct message){.op = OP_DEADLINE, .word = {~0ull}};
    expect_error(session_call(second_session, &last), TIMED_OUT);
    expect(worker_join(&second));
}

static void below(void) {
    compare(PRIORITY - 10, 1);
}
static void equal(void) {
    compare(PRIORITY, 1);
}
static void above(void) {
    compare(PRIORITY + 10, 1);
}
static void apart(void) {
    compare(PRIORITY, 1ull << (boot_page->cpu_count - 1));
}

const struct test tests_paths[] = {
    TEST("paths.server-below", below),
    TEST("paths.server-equal", equal),
    TEST("paths.server-above", above),
    TEST("paths.server-apart", apart),
};
TESTS(paths);
