/* SPDX-License-Identifier: MIT */
/* Several processors at the same things: ends of all kinds while they are in use. */
#include "abi/trace.h"
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define RW (MEMORY_READ | MEMORY_WRITE)

static volatile uint32_t stop;
static struct endpoint_cap endpoint;
static struct session_cap session;

/* Set when the clients are gone: a call that is received or queued then would wait for ever. */
static volatile uint32_t no_clients;

static void serve(void *argument) {
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    err_t e = receive(endpoint, 0, &m, &kind);
    while (!no_clients) {
        if (err_ok(e) && kind == MESSAGE_CALL) {
            m.op = OP_DEADLINE;
            thread_block()->deadline = in_ms(20);
            e = reply_and_receive(m.reply, endpoint, &m, &kind);
        } else {
            thread_block()->deadline = in_ms(20);
            e = endpoint_receive(endpoint, OP_DEADLINE, &m, &kind);
        }
        expect(err_ok(e) || err_is(e, ERR_TIMED_OUT) || err_is(e, ERR_CALLER_GONE));
    }
}

/* A handle is revoked, closed or its parent revoked while calls go through it. */
static volatile handle_t current;
static volatile uint32_t calls_made;

static void call_through(void *argument) {
    (void)argument;
    while (!stop) {
        err_t e = call((struct session_cap){current}, 0);
        calls_made++;
        expect(err_ok(e) || err_is(e, ERR_REVOKED) || err_is(e, ERR_BAD_HANDLE) ||
               err_is(e, ERR_PEER_DIED));
    }
}

static void revoke_in_calls(void) {
    struct worker server, client[2];
    handle_t middle, below;
    expect(connect(&endpoint, &session, 1));
    current = session.h;
    expect(worker_start(&server, PRIORITY, serve, NULL));
    for (unsigned i = 0; i < 2; i++)
        expect(worker_start(&client[i], PRIORITY, call_through, NULL));
    for (unsigned i = 0; i < 100; i++) {
        expect_ok(sys_handle_duplicate(ANY(session), RIGHTS_ALL, 0, &middle));
        expect_ok(sys_handle_duplicate((struct any_cap){middle}, RIGHTS_ALL, 0, &below));
        current = below;
        uint32_t before = calls_made;
        expect(eventually(&calls_made, before + 4));
        expect_ok(sys_handle_revoke((struct any_cap){middle}));
        expect_error(call((struct session_cap){below}, 0), BAD_HANDLE);
        expect_ok(sys_handle_close((struct any_cap){middle}));
    }
    current = session.h;
    stop = 1;
    for (unsigned i = 0; i < 2; i++)
        expect(worker_join(&client[i]));
    no_clients = 1;
    expect(worker_join(&server));
}

/* Processes are killed in the middle of whatever they do. */
static void busy_child(void *argument) {
    unsigned seed = (unsigned)(uint64_t)argument;
    struct memory_cap m;
    struct process_cap p;
    struct signal_cap s;
    handle_t h;
    volatile char *at;
    uint64_t bits;
    for (unsigned i = seed;; i++) {
        switch (i % 6) {
        case 0:
            call(session, 0);
            break;
        case 1:
            if (err_ok(sys_memory_create(pool, 16 * PAGE_SIZE, RW, &m))) {
                if (err_ok(memory_map(m, 16 * PAGE_SIZE, RW | MAP_PRESENT, &at)))
                    sys_process_unmap(SELF_PROCESS, (uint64_t)at, 16 * PAGE_SIZE);
                sys_handle_close(ANY(m));
            }
            break;
        case 2:
            if (err_ok(sys_process_clone(SELF_PROCESS, pool, &p)))
                sys_handle_close(ANY(p));
            break;
        case 3:
            if (err_ok(sys_signal_create(pool, &s))) {
                for (unsigned n = 0; n < 50; n++)
                    sys_handle_duplicate(ANY(s), RIGHTS_ALL, 0, &h);
                sys_signal_wait(s, 1, clock_nanoseconds() + 100000, &bits);
                sys_handle_revoke(ANY(s));
                sys_handle_close(ANY(s));
            }
            break;
        case 4:
            at = (volatile char *)&stop + PAGE_SIZE * (i % 5);
            *at = *at;
            break;
        default:
            sys_thread_yield();
        }
    }
}

static void kill_busy(void) {
    struct worker server;
    struct child c;
    struct process_info info;
    uint32_t never = 0;
    expect(connect(&endpoint, &session, 1));
    expect(worker_start(&server, PRIORITY, serve, NULL));
    for (unsigned i = 0; i < 24; i++) {
        expect(child_spawn(&c, pool, busy_child, (void *)(uint64_t)i));
        sys_futex_wait(&never, 0, clock_nanoseconds() + (i % 8) * 300000, FUTEX_ALL);
        expect_ok(sys_process_kill(c.process, 5));
        expect(child_wait(&c, &info) && info.reason == END_KILL && info.code == 5);
        expect_ok(sys_handle_close(ANY(c.thread)));
        expect_ok(sys_handle_close(ANY(c.process)));
    }
    no_clients = 1;
    expect(worker_join(&server));
}

static void destroy_busy(void) {
    struct worker server;
    uint32_t never = 0;
    expect(connect(&endpoint, &session, 1));
    expect(worker_start(&server, PRIORITY, serve, NULL));
    struct pool_cap test_pool = pool;
    for (unsigned i = 0; i < 10; i++) {
        struct child c[3];
        struct pool_cap p;
        expect_ok(sys_pool_create(test_pool, 2u << 20, i % 2 * 50, &p));
        pool = p; /* what the children buy is its, too */
        for (unsigned j = 0; j < 3; j++)
            expect(child_spawn(&c[j], p, busy_child, (void *)(uint64_t)(i + j)));
        sys_futex_wait(&never, 0, clock_nanoseconds() + (i % 8) * 300000, FUTEX_ALL);
        expect_ok(sys_pool_destroy(p));
        expect_error(sys_process_kill(c[0].process, 0), BAD_HANDLE);
    }
    no_clients = 1;
    expect(worker_join(&server));
}

/* Two threads wake each other by turns: no wake-up is lost. */
static struct signal_cap ping, pong;

static void ponger(void *argument) {
    uint64_t bits;
    (void)argument;
    for (unsigned i = 0; i < 400; i++) {
        expect_ok(sys_signal_wait(ping, 1, in_ms(PATIENCE_MS), &bits));
        expect_ok(sys_signal_raise(pong, 1));
    }
}

static void ping_pong(void) {
    struct worker w;
    uint64_t bits;
    expect_ok(sys_signal_create(pool, &ping));
    expect_ok(sys_signal_create(pool, &pong));
    expect(worker_start(&w, PRIORITY, ponger, NULL));
    for (unsigned i = 0; i < 400; i++) {
        expect_ok(sys_signal_raise(ping, 1));
        expect_ok(sys_signal_wait(pong, 1, in_ms(PATIENCE_MS), &bits));
    }
    expect(worker_join(&w));
}

/* Threads start and end by the dozen, on all processors. */
static uint32_t started;

static void start_and_end(void *argument) {
    (void)argument;
    __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
}

static void many_threads(void) {
    static struct worker w[16];
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 16; i++)
            expect(worker_start(&w[i], PRIORITY - i % 3, start_and_end, NULL));
        for (unsigned i = 0; i < 16; i++)
            expect(worker_join(&w[i]));
    }
    expect_equal(started, 80);
}

/* One space, changed by several threads at once: each has a part of its own. */
static void map_and_unmap(void *argument) {
    uint64_t at = 0x0d0000000000ull + (uint64_t)argument * (1ull << 21);
    struct memory_cap m;
    for (unsigned i = 0; i < 20; i++) {
        expect_ok(sys_memory_create(pool, 8 * PAGE_SIZE, RW, &m));
        expect_ok(sys_process_map(SELF_PROCESS, m, at, 0, 8 * PAGE_SIZE, RW));
        for (unsigned p = 0; p < 8; p++)
            *(volatile unsigned *)(at + p * PAGE_SIZE) = i + p;
        expect_ok(sys_process_protect(SELF_PROCESS, at, 4 * PAGE_SIZE, MEMORY_READ));
        for (unsigned p = 0; p < 8; p++)
            expect_equal(*(volatile unsigned *)(at + p * PAGE_SIZE), i + p);
        expect_ok(sys_process_unmap(SELF_PROCESS, at, 8 * PAGE_SIZE));
        expect_ok(sys_handle_close(ANY(m)));
    }
}

static void one_space(void) {
    static struct worker w[4];
    for (uint64_t i = 0; i < 4; i++)
        expect(worker_start(&w[i], PRIORITY, map_and_unmap, (void *)i));
    for (unsigned i = 0; i < 4; i++)
        expect(worker_join(&w[i]));
}

/* Interrupts hit threads wherever they are: each wait ends with a result, none is lost. */
static volatile uint32_t ended_waits;

static void wait_and_wait(void *argument) {
    uint64_t bits;
    uint32_t word = 0;
    (void)argument;
    while (!stop) {
        err_t e = ended_waits % 2 ? sys_signal_wait(ping, 1, in_ms(1), &bits)
                                  : sys_futex_wait(&word, 0, in_ms(1), FUTEX_ALL);
        expect(err_ok(e) || err_is(e, ERR_TIMED_OUT) || err_is(e, ERR_INTERRUPTED));
        ended_waits++;
    }
}

static void interrupts(void) {
    struct worker w;
    expect_ok(sys_signal_create(pool, &ping));
    expect(worker_start(&w, PRIORITY, wait_and_wait, NULL));
    for (unsigned i = 0; i < 500; i++)
        expect_ok(sys_thread_interrupt(w.thread));
    uint32_t before = ended_waits;
    expect(eventually(&ended_waits, before + 5));
    stop = 1;
    expect(worker_join(&w));
}

static void waits(void *argument) {
    uint32_t *word = argument;
    while (*word)
        sys_futex_wait(word, 1, DEADLINE_NONE, FUTEX_ALL);
}

static uint64_t flushes_now(void) {
    struct trace_counters c = {0};
    return err_ok(sys_trace_counters((struct trace_cap){boot_page->trace}, &c)) ? c.flushes : 0;
}

/* A processor that idles in our address space is asked for the first change, not for each. */
static void idle_is_left_alone(void) {
    const uint64_t here = 0x10000000, changes = 200;
    static uint32_t word;
    struct memory_cap m;
    struct worker w;
    uint64_t woken;
    word = 1;
    expect_ok(sys_memory_create(pool, PAGE_SIZE, RW, &m));
    expect_ok(sys_process_map(SELF_PROCESS, m, here, 0, PAGE_SIZE, RW | MAP_PRESENT));
    expect(worker_make(&w, PRIORITY, waits, &word));
    expect_ok(sys_thread_schedule(w.thread, PRIORITY, 1ull << (boot_page->cpu_count - 1)));
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    expect(worker_go(&w) && settled(w.thread));
    uint64_t before = flushes_now();
    expect(before != 0);
    for (uint64_t i = 0; i < changes; i++) {
        expect_ok(sys_process_protect(SELF_PROCESS, here, PAGE_SIZE, i & 1 ? RW : MEMORY_READ));
        if (i & 1)
            *(volatile uint8_t *)here = (uint8_t)i;
    }
    uint64_t after = flushes_now();
    uint64_t removals = changes / 2; /* the others give back what nobody remembers */
    expect(after - before >= removals && after - before <= removals + removals / 2);
    word = 0;
    sys_futex_wake(&word, 1, FUTEX_ALL, &woken);
    expect(worker_join(&w));
}

const struct test tests_stress[] = {
    TEST("stress.revoke-in-calls", revoke_in_calls),
    TEST("stress.kill-busy", kill_busy),
    TEST("stress.destroy-busy", destroy_busy),
    TEST("stress.ping-pong", ping_pong),
    TEST("stress.many-threads", many_threads),
    TEST("stress.one-space", one_space),
    TEST("stress.interrupts", interrupts),
    TEST("stress.idle-is-left-alone", idle_is_left_alone),
};
TESTS(stress);
