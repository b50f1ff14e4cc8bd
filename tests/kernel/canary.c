/* SPDX-License-Identifier: MIT */
/* The canary; see the header. */
#include "tests/kernel/canary.h"

#define HEART_PRIORITY  240u /* above all that the hostile process may use */
#define SERVER_PRIORITY 200u
#define BEAT_NS         1000000u
#define WORDS           8192u

static uint64_t pattern[WORDS];
static struct canary_report *report;
static struct endpoint_cap endpoint;

static uint64_t pattern_word(uint64_t i) {
    return i * 0x9e3779b97f4a7c15ull ^ 0xca4a5;
}

static void look(unsigned round) {
    uint64_t now;
    for (unsigned i = 0; i < 256; i++) {
        unsigned at = (round * 256 + i) % WORDS;
        if (pattern[at] != pattern_word(at))
            report->damage++;
    }
    if (!err_ok(sys_clock(&now)))
        report->damage++;
}

static void beat(void *argument) {
    uint32_t word = 0;
    (void)argument;
    for (unsigned round = 0; !report->stop; round++) {
        uint64_t due = clock_nanoseconds() + BEAT_NS;
        err_t e = sys_futex_wait(&word, 0, due, FUTEX_ALL);
        uint64_t now = clock_nanoseconds();
        if (!err_is(e, ERR_TIMED_OUT) || now < due)
            report->damage++;
        else if (now - due > report->latest)
            report->latest = now - due;
        look(round);
        report->beats++;
    }
}

/* Believes nothing that it is sent: takes handles and closes them, copies what it can, answers. */
static void serve(void *argument) {
    static char data[4096];
    struct thread_block *b = thread_block();
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    b->buffer = (struct window){(uint64_t)data, sizeof data};
    while (!report->stop) {
        b->deadline = in_ms(20);
        err_t e = endpoint_receive(endpoint, OP_ACCEPT(4) | OP_DEADLINE, &m, &kind);
        if (!err_ok(e)) {
            if (!err_is(e, ERR_TIMED_OUT))
                report->damage++;
            continue;
        }
        report->served++;
        for (unsigned i = 0; i < b->received_count; i++)
            sys_handle_close((struct any_cap){b->received[i].handle});
        if (kind != MESSAGE_CALL)
            continue;
        (void)sys_reply_copy_from(m.reply, m.word[0] % 8192, data, m.word[1] % sizeof data);
        (void)sys_reply_copy_to(m.reply, m.word[2] % 8192, data, m.word[3] % sizeof data);
        if (m.word[4] % 8 == 0)
            (void)sys_park(m.reply, endpoint, 1);
        m.op &= OP_CODE;
        if (m.word[5] % 8 == 0 || !err_ok(reply_send(m.reply, &m)))
            (void)sys_handle_close(ANY(m.reply));
    }
}

static void canary_main(void *argument) {
    static struct worker heart, server;
    (void)argument;
    for (unsigned i = 0; i < WORDS; i++)
        pattern[i] = pattern_word(i);
    expect(worker_start(&heart, HEART_PRIORITY, beat, NULL));
    expect(worker_start(&server, SERVER_PRIORITY, serve, NULL));
    while (heart.alive)
        (void)sys_futex_wait(&heart.alive, 1, DEADLINE_NONE, FUTEX_ALL);
    while (server.alive)
        (void)sys_futex_wait(&server.alive, 1, DEADLINE_NONE, FUTEX_ALL);
    for (unsigned i = 0; i < WORDS; i++)
        expect_equal(pattern[i], pattern_word(i));
}

bool canary_start(struct child *c, struct pool_cap p, struct endpoint_cap e,
                  struct canary_report *r) {
    endpoint = e;
    report = r;
    return child_spawn(c, p, canary_main, NULL);
}
