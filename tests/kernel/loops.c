/* SPDX-License-Identifier: MIT */
/* Create, copy, revoke, destroy, over and over for each kind of object: memory is back to the byte.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define ROUNDS 64u
#define COPIES 8u

static struct process_cap other; /* gets copies, too */
static struct endpoint_cap endpoint;
static struct signal_cap signal;

static err_t make_pool(handle_t *h) {
    return sys_pool_create(pool, 16 * PAGE_SIZE, 3, (struct pool_cap *)h);
}
static err_t make_process(handle_t *h) {
    return sys_process_create(pool, (struct process_cap *)h);
}
static err_t make_thread(handle_t *h) {
    return sys_thread_create(other, 0x40000000, PRIORITY, (struct thread_cap *)h);
}
static err_t make_memory(handle_t *h) {
    return sys_memory_create(pool, 64 * PAGE_SIZE, MEMORY_ACCESS, (struct memory_cap *)h);
}
static err_t make_pager(handle_t *h) {
    return sys_memory_create_pager(pool, endpoint, 1, 64 * PAGE_SIZE, 1, (struct memory_cap *)h);
}
static err_t make_endpoint(handle_t *h) {
    return sys_endpoint_create(pool, (struct endpoint_cap *)h);
}
static err_t make_session(handle_t *h) {
    return sys_endpoint_mint(endpoint, 1, SESSION_RIGHTS, HANDLE_NONE, (struct session_cap *)h);
}
static err_t make_signal(handle_t *h) {
    return sys_signal_create(pool, (struct signal_cap *)h);
}
static err_t make_timer(handle_t *h) {
    return sys_timer_create(pool, signal, 1, (struct timer_cap *)h);
}
static err_t make_line(handle_t *h) {
    uint64_t message;
    return sys_irq_create((struct irq_cap){boot_page->irqs}, pool, IRQ_MESSAGE, 0,
                          (struct irq_cap *)h, &message);
}
static err_t make_ports(handle_t *h) {
    return sys_ports_slice((struct ports_cap){boot_page->ports}, pool, 0x80, 1,
                           (struct ports_cap *)h);
}

static const struct {
    const char *name;
    err_t (*make)(handle_t *h);
    enum object_type type;
} kinds[] = {
    {"pool", make_pool, OBJECT_POOL},          {"process", make_process, OBJECT_PROCESS},
    {"thread", make_thread, OBJECT_THREAD},    {"memory", make_memory, OBJECT_MEMORY},
    {"pager", make_pager, OBJECT_MEMORY},      {"endpoint", make_endpoint, OBJECT_ENDPOINT},
    {"session", make_session, OBJECT_SESSION}, {"signal", make_signal, OBJECT_SIGNAL},
    {"timer", make_timer, OBJECT_TIMER},       {"line", make_line, OBJECT_IRQ},
    {"ports", make_ports, OBJECT_PORTS},
};

/* Something that only this kind does, so that the object has more than itself to give back. */
static void use(enum object_type type, handle_t h, unsigned round) {
    struct pool_cap p = {h};
    struct process_cap process = {h};
    struct memory_cap m = {h};
    struct signal_cap s;
    struct session_cap session;
    struct thread_cap t;
    uint64_t place = 0x10000000ull + round % 4 * 0x40000000ull;
    switch (type) {
    case OBJECT_POOL:
        expect_ok(sys_signal_create(p, &s));
        expect_ok(sys_pool_bind(p, signal, 1));
        expect_ok(sys_handle_close(ANY(s)));
        break;
    case OBJECT_PROCESS:
        expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ, &m));
        expect_ok(sys_process_map(process, m, place, 0, PAGE_SIZE, MEMORY_READ | MAP_PRESENT));
        expect_ok(sys_thread_create(process, place + 0x10000, PRIORITY, &t));
        expect_ok(sys_handle_close(ANY(t)));
        expect_ok(sys_handle_close(ANY(m)));
        break;
    case OBJECT_MEMORY:
        (void)sys_process_map(other, m, place, PAGE_SIZE, 2 * PAGE_SIZE,
                              MEMORY_READ | MEMORY_WRITE | MAP_PRESENT);
        break;
    case OBJECT_ENDPOINT:
        expect_ok(sys_endpoint_mint((struct endpoint_cap){h}, 1, 0, HANDLE_NONE, &session));
        expect_ok(sys_handle_close(ANY(session)));
        break;
    case OBJECT_TIMER:
        expect_ok(sys_timer_set((struct timer_cap){h}, in_ms(10000), 5));
        break;
    case OBJECT_IRQ:
        expect_ok(sys_irq_bind((struct irq_cap){h}, signal, 1));
        break;
    default:
        break;
    }
}

static void one_round(size_t kind, unsigned round) {
    handle_t h, copy[COPIES], given;
    struct message m = {0};
    enum message_kind message;
    expect_ok(kinds[kind].make(&h));
    for (unsigned i = 0; i < COPIES; i++)
        expect_ok(sys_handle_duplicate((struct any_cap){i % 3 ? copy[i - 1] : h}, RIGHTS_ALL, 0,
                                       &copy[i]));
    expect_passed(use(kinds[kind].type, copy[round % COPIES], round));
    expect_ok(sys_process_give(other, (struct any_cap){copy[round % COPIES]}, RIGHTS_ALL, &given));
    if (round & 1)
        expect_ok(sys_handle_close((struct any_cap){copy[0]}));
    if (round & 2)
        expect_ok(sys_handle_revoke((struct any_cap){h}));
    for (unsigned i = 0; i < COPIES && !(round & 2); i++)
        (void)sys_handle_close((struct any_cap){copy[i]});
    if (round & 2 || kinds[kind].type != OBJECT_POOL)
        expect_ok(sys_handle_revoke((struct any_cap){h}));
    if (kinds[kind].type == OBJECT_POOL && round & 4)
        expect_ok(sys_pool_destroy((struct pool_cap){h}));
    else
        expect_ok(sys_handle_close((struct any_cap){h}));
    while (err_ok(poll(endpoint, 0, &m, &message)))
        ;
}

/* Those of `other` whose numbers we do not know go with it: a new one for each round of rounds. */
static void rounds(size_t kind) {
    expect_ok(sys_process_create(pool, &other));
    for (unsigned i = 0; i < ROUNDS; i++)
        expect_passed(one_round(kind, i));
    expect_ok(sys_handle_close(ANY(other)));
}

static void loops(void) {
    expect_ok(sys_endpoint_create(pool, &endpoint));
    expect_ok(sys_signal_create(pool, &signal));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        expect_passed(rounds(k)); /* makes what stays: slots, tables */
        uint64_t used = pool_used(pool), handles = handle_count(SELF_PROCESS);
        expect_passed(rounds(k));
        if (pool_used(pool) != used || handle_count(SELF_PROCESS) != handles)
            test_fail(__FILE__, __LINE__, "%s: %ld bytes and %ld handles more than before",
                      kinds[k].name, pool_used(pool) - used, handle_count(SELF_PROCESS) - handles);
    }
}

static void touch_and_exit(void *argument) {
    static char mine[5 * PAGE_SIZE];
    handle_t h;
    (void)argument;
    for (unsigned i = 0; i < 5; i++)
        *(volatile char *)&mine[i * PAGE_SIZE] = 1;
    for (unsigned i = 0; i < 20; i++)
        sys_handle_duplicate(ANY(pool), RIGHTS_ALL, 0, &h);
}

/* Whole processes: copied, run, ended. */
static void clones(void) {
    struct child c;
    expect(child_spawn(&c, pool, touch_and_exit, NULL) && child_join(&c));
    uint64_t used = pool_used(pool), handles = handle_count(SELF_PROCESS);
    for (unsigned i = 0; i < 24; i++)
        expect(child_spawn(&c, pool, touch_and_exit, NULL) && child_join(&c));
    expect_equal(pool_used(pool), used);
    expect_equal(handle_count(SELF_PROCESS), handles);
}

/* The same in pools of their own, which are destroyed while the process runs. */
static void run_for_ever(void *argument) {
    (void)argument;
    for (;;)
        sys_thread_yield();
}

static void clones_in_pools(void) {
    uint64_t used = pool_used(pool);
    for (unsigned i = 0; i < 24; i++) {
        struct pool_cap p;
        struct child c;
        expect_ok(sys_pool_create(pool, 1u << 20, i % 2, &p));
        expect(child_spawn(&c, p, i % 3 ? run_for_ever : touch_and_exit, NULL));
        expect_ok(sys_pool_destroy(p));
        expect_error(sys_process_kill(c.process, 0), BAD_HANDLE);
        if (i == 0)
            used = pool_used(pool);
    }
    expect_equal(pool_used(pool), used);
}

/* Calls: with windows, handles, forwarded, parked; what they take is back when they are over. */
static void calls(void) {
    struct session_cap s, t;
    struct caller c;
    struct message m = {0};
    static char text[100];
    uint64_t used = 0, handles = 0;
    expect(connect(&endpoint, &s, 1));
    expect_ok(sys_endpoint_mint(endpoint, 2, SESSION_RIGHTS, HANDLE_NONE, &t));
    expect_ok(sys_signal_create(pool, &signal));
    for (unsigned i = 0; i < 40; i++) {
        struct thread_block *b = thread_block();
        enum message_kind kind;
        expect(caller_make(&c, s, OP_READ_WINDOW | OP_HANDLES(1) | OP_ACCEPT(2)));
        c.worker.block->read = (struct window){(uint64_t)text, sizeof text};
        c.worker.block->send[0] = (struct handle_send){.handle = signal.h, .rights = RIGHTS_ALL};
        expect(caller_go(&c));
        expect_ok(receive(endpoint, OP_ACCEPT(1), &m, &kind));
        handle_t got = b->received[0].handle;
        b->read = (struct window){(uint64_t)text, sizeof text};
        b->send[0] = (struct handle_send){.handle = got, .rights = RIGHTS_ALL, .flags = SEND_MOVE};
        m.op = OP_HANDLES(1) | OP_READ_WINDOW;
        expect_ok(reply_forward(m.reply, t, &m));
        expect_ok(receive(endpoint, OP_ACCEPT(1), &m, &kind));
        expect(m.badge == 2 && b->inline_length == 0 && b->read_length == sizeof text);
        expect_ok(sys_handle_close((struct any_cap){b->received[0].handle}));
        if (i % 2)
            expect_ok(sys_park(m.reply, endpoint, 0));
        if (i % 3)
            expect_ok(answer(m.reply, 0, 0));
        else
            expect_ok(sys_handle_close(ANY(m.reply)));
        expect(caller_ends(&c, i % 3 ? ERR_OK : ERR_PEER_DIED));
        if (i == 7) {
            used = pool_used(pool);
            handles = handle_count(SELF_PROCESS);
        }
    }
    expect_equal(pool_used(pool), used);
    expect_equal(handle_count(SELF_PROCESS), handles);
}

const struct test tests_loops[] = {
    TEST("loops.objects", loops),
    TEST("loops.clones", clones),
    TEST("loops.clones-in-pools", clones_in_pools),
    TEST("loops.calls", calls),
};
TESTS(loops);
