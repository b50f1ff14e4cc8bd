/* SPDX-License-Identifier: MIT */
/*
 * Out of memory in every call that allocates, at every point where it does: the n-th allocation of
 * the test's pool fails, for all n until a run needs fewer. After each failure pool and handles are
 * as before, and the invariants hold; and what had been there still works. Each is done with a
 * handle table that has room and with one that is full, so that taking a slot takes a page.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define POINTS_MAX 400u
#define HERE       0x0e0000000000ull /* where this process fills memory */

/* What the calls work on, made anew for each attempt. */
static struct process_cap process;
static struct memory_cap memory, source;
static struct endpoint_cap endpoint;
static struct session_cap session;
static struct signal_cap signal;
static struct reply_cap reply;
static struct caller waits, second;
static uint64_t place = 0x100000000000ull; /* in `process`, which has no page tables yet */
static handle_t made;

static void map_some(uint64_t at, uint64_t bytes, uint32_t access) {
    expect_ok(sys_process_map(process, memory, at, 0, bytes, access));
}

static void prepare(void) {
    expect_ok(sys_process_create(pool, &process));
    expect_ok(sys_memory_create(pool, 128 * PAGE_SIZE, MEMORY_ACCESS, &memory));
    expect_ok(sys_memory_create(pool, 4 * PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &source));
    expect_ok(
        sys_process_map(SELF_PROCESS, source, HERE, 0, 4 * PAGE_SIZE, MEMORY_READ | MEMORY_WRITE));
    memset((char *)HERE, 1, 4 * PAGE_SIZE);
    expect_ok(sys_process_unmap(SELF_PROCESS, HERE, 4 * PAGE_SIZE));
    made = HANDLE_NONE;
}

/* A driver knows some of its pages, in two leaves. */
static void prepare_disclosed(void) {
    uint64_t address;
    prepare();
    for (unsigned i = 0; i < 128; i += 9)
        expect_ok(sys_memory_physical(memory, i * PAGE_SIZE, &address));
}

static void clean_up(void) {
    uint64_t released;
    if (made)
        expect_ok(sys_handle_close((struct any_cap){made}));
    expect_ok(sys_handle_close(ANY(process)));
    expect_ok(sys_handle_close(ANY(memory)));
    expect_ok(sys_handle_close(ANY(source)));
    expect_ok(sys_pool_release(pool, &released));
}

static err_t do_pool(void) {
    return sys_pool_create(pool, 4 * PAGE_SIZE, 0, (struct pool_cap *)&made);
}
static err_t do_process(void) {
    return sys_process_create(pool, (struct process_cap *)&made);
}
static err_t do_clone(void) {
    return sys_process_clone(SELF_PROCESS, pool, (struct process_cap *)&made);
}
static err_t do_thread(void) {
    return sys_thread_create(process, place, PRIORITY, (struct thread_cap *)&made);
}
static err_t do_memory(void) {
    return sys_memory_create(pool, PAGE_SIZE, MEMORY_READ, (struct memory_cap *)&made);
}
static err_t do_pager(void) {
    return sys_memory_create_pager(pool, endpoint, 0, PAGE_SIZE, 0, (struct memory_cap *)&made);
}
static err_t do_memory_clone(void) {
    return sys_memory_clone(source, pool, PAGE_SIZE, 2 * PAGE_SIZE, (struct memory_cap *)&made);
}
static err_t do_disclosed_clone(void) {
    return sys_memory_clone(memory, pool, 5 * PAGE_SIZE, 120 * PAGE_SIZE,
                            (struct memory_cap *)&made);
}
static err_t do_supply(void) {
    return sys_memory_supply(memory, source, 60 * PAGE_SIZE, 0, 4 * PAGE_SIZE);
}
static err_t do_physical(void) {
    uint64_t address;
    return sys_memory_physical(memory, 100 * PAGE_SIZE, &address);
}
static err_t do_map(void) {
    return sys_process_map(process, memory, place, 0, 2 * PAGE_SIZE, MEMORY_READ);
}
static err_t do_populate(void) {
    return sys_process_map(process, memory, place, 0, 80 * PAGE_SIZE,
                           MEMORY_READ | MEMORY_WRITE | MAP_PRESENT);
}
static err_t do_unmap(void) {
    return sys_process_unmap(process, place + PAGE_SIZE, PAGE_SIZE);
}
static err_t do_protect(void) {
    return sys_process_protect(process, place + PAGE_SIZE, PAGE_SIZE, MEMORY_READ);
}
static err_t do_endpoint(void) {
    return sys_endpoint_create(pool, (struct endpoint_cap *)&made);
}
static err_t do_mint(void) {
    return sys_endpoint_mint(endpoint, 1, 0, HANDLE_NONE, (struct session_cap *)&made);
}
static err_t do_mint_in_call(void) {
    return sys_endpoint_mint(endpoint, 1, 0, reply.h, (struct session_cap *)&made);
}
static err_t do_signal(void) {
    return sys_signal_create(pool, (struct signal_cap *)&made);
}
static err_t do_timer(void) {
    return sys_timer_create(pool, signal, 1, (struct timer_cap *)&made);
}
static err_t do_irq(void) {
    uint64_t message;
    return sys_irq_create((struct irq_cap){boot_page->irqs}, pool, IRQ_MESSAGE, 0,
                          (struct irq_cap *)&made, &message);
}
static err_t do_ports(void) {
    return sys_ports_slice((struct ports_cap){boot_page->ports}, pool, 0x80, 1,
                           (struct ports_cap *)&made);
}
static err_t do_duplicate(void) {
    return sys_handle_duplicate(ANY(signal), RIGHTS_ALL, 0, &made);
}
static err_t do_slice(void) {
    return sys_memory_clone((struct memory_cap){boot_page->device}, pool, 0xfee00000, PAGE_SIZE,
                            (struct memory_cap *)&made);
}
/* The number is the other table's. */
static err_t do_give(void) {
    handle_t given;
    err_t e = OK;
    for (unsigned i = 0; i < 60 && err_ok(e); i++)
        e = sys_process_give(process, ANY(signal), RIGHTS_ALL, &given);
    return e;
}
static err_t do_receive(void) {
    struct message m = {0};
    enum message_kind kind;
    err_t e = poll(endpoint, OP_ACCEPT(4), &m, &kind);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}
static err_t do_call(void) {
    thread_block()->deadline = 1;
    err_t e = call(session, OP_ACCEPT(4) | OP_DEADLINE);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}

static void prepare_mapped(void) {
    expect_passed(prepare());
    expect_passed(map_some(place, 4 * PAGE_SIZE, MEMORY_READ | MEMORY_WRITE));
}

static const struct operation {
    const char *name;
    void (*prepare)(void);
    err_t (*run)(void);
    bool keeps; /* a success leaves something that clean_up does not undo: slots of a thread */
    bool pages; /* a failure may leave pages in the object that it was to populate */
} operations[] = {
    {"pool_create", prepare, do_pool, false, false},
    {"process_create", prepare, do_process, false, false},
    {"process_clone", prepare, do_clone, false, false},
    {"thread_create", prepare, do_thread, false, false},
    {"memory_create", prepare, do_memory, false, false},
    {"memory_create_pager", prepare, do_pager, false, false},
    {"memory_clone", prepare, do_memory_clone, false, false},
    {"memory_clone of disclosed pages", prepare_disclosed, do_disclosed_clone, false, false},
    {"memory_clone of device memory", prepare, do_slice, false, false},
    {"memory_supply", prepare, do_supply, false, false},
    {"memory_physical", prepare, do_physical, true, false},
    {"process_map", prepare, do_map, false, false},
    {"process_map, populated", prepare, do_populate, false, true},
    {"process_unmap", prepare_mapped, do_unmap, false, false},
    {"process_protect", prepare_mapped, do_protect, false, false},
    {"endpoint_create", prepare, do_endpoint, false, false},
    {"endpoint_mint", prepare, do_mint, false, false},
    {"endpoint_mint in a call", prepare, do_mint_in_call, false, false},
    {"signal_create", prepare, do_signal, false, false},
    {"timer_create", prepare, do_timer, false, false},
    {"irq_create", prepare, do_irq, false, false},
    {"ports_slice", prepare, do_ports, false, false},
    {"handle_duplicate", prepare, do_duplicate, false, false},
    {"process_give", prepare, do_give, false, false},
    {"reply_wait", prepare, do_receive, true, false},
    {"call", prepare, do_call, true, false},
};

/* Closed sessions leave notices. */
static void drain(void) {
    struct message m = {0};
    enum message_kind kind;
    while (err_ok(poll(endpoint, 0, &m, &kind)))
        ;
}

/* Leaves no free slot in our table: then the next one takes a page. Returns how many were filled.
 */
static unsigned fill_table(handle_t *filler, unsigned room) {
    unsigned n = 0;
    fail_nth(pool, 1);
    while (n < room && err_ok(sys_handle_duplicate(ANY(signal), 0, 0, &filler[n])))
        n++;
    fail_nth(pool, 0);
    return n;
}

struct counts {
    uint64_t used, handles;
};

static uint64_t tables_of(struct process_cap p) {
    struct process_info info;
    return err_ok(sys_process_info(p, &info)) ? info.tables : 0;
}

/* Tables that a refused call made stay with the process that they belong to. */
static struct counts count(void) {
    uint64_t tables = tables_of(SELF_PROCESS) + tables_of(process);
    return (struct counts){pool_used(pool) - tables, handle_count(SELF_PROCESS)};
}

/* What ended is freed on the next ways out of the kernel, each of which does a bounded part. */
static bool as_before(const struct operation *o, unsigned n, const struct counts *before) {
    struct counts now;
    for (unsigned tries = 0; tries < 3; tries++) {
        sys_thread_yield();
        now = count();
        if (now.used == before->used)
            break;
    }
    if ((now.used == before->used || o->pages) && now.handles == before->handles)
        return true;
    test_fail(__FILE__, __LINE__, "%s, allocation %u failed: %ld bytes, %ld handles more", o->name,
              n, now.used - before->used, now.handles - before->handles);
    return false;
}

/* The n-th allocation fails. True: there are not so many. */
static bool attempt(const struct operation *o, unsigned n, bool full) {
    static handle_t filler[200];
    uint64_t used = pool_used(pool);
    o->prepare();
    unsigned filled = full ? fill_table(filler, 200) : 0;
    struct counts before = count();
    fail_nth(pool, n);
    err_t e = o->run();
    bool enough = fail_nth(pool, 0) != 0;
    if (enough ? !err_ok(e) : e.code != ERR_NO_MEMORY && !err_ok(e))
        test_fail(__FILE__, __LINE__, "%s, allocation %u: %s", o->name, n, error_name(e));
    if (!err_ok(e)) {
        made = HANDLE_NONE;
        if (as_before(o, n, &before) && invariants_broken(false))
            test_fail(__FILE__, __LINE__, "%s, allocation %u failed: invariants broken", o->name,
                      n);
    }
    for (unsigned i = 0; i < filled; i++)
        sys_handle_close((struct any_cap){filler[i]});
    clean_up();
    drain();
    sys_thread_yield();
    if (pool_used(pool) != used && !o->keeps && !full)
        test_fail(__FILE__, __LINE__, "%s, allocation %u: %ld bytes more when all is closed",
                  o->name, n, pool_used(pool) - used);
    return enough || test_failed();
}

static void try_all(const struct operation *o, bool full) {
    unsigned n = 1;
    while (n < POINTS_MAX && !attempt(o, n, full))
        n++;
    if (n == POINTS_MAX)
        test_fail(__FILE__, __LINE__, "%s: no end of allocations", o->name);
    if (n == 1 && (full || !o->keeps) && (full || o->run != do_duplicate))
        test_fail(__FILE__, __LINE__, "%s: nothing was allocated", o->name);
}

static void set_up(void) {
    struct message m = {0};
    expect(connect(&endpoint, &session, 1));
    expect_ok(sys_signal_create(pool, &signal));
    expect(caller_start(&waits, session, 0));
    expect_ok(receive_call(endpoint, &m));
    reply = m.reply;
    prepare(); /* what stays after the first time: tables, slots */
    clean_up();
}

static bool table_is_full;

static void try_one(void *argument) {
    memory_own();
    expect_passed(set_up());
    expect_passed(try_all(argument, table_is_full));
    expect_ok(answer(reply, 0, 0));
    expect(caller_ends(&waits, ERR_OK));
}

/* Each in a process of its own, since tables of handles do not shrink. */
static void every_call(bool full) {
    struct child c;
    if (!have_test_calls())
        return;
    table_is_full = full;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        expect(child_spawn(&c, pool, try_one, (void *)&operations[i]) && child_join(&c));
}

static void with_room(void) {
    every_call(false);
}

static void with_full_table(void) {
    every_call(true);
}

/* A forwarder's data and handles are paid for by the caller: its own pool here. */
static void forwarding(void) {
    static char text[64];
    uint64_t left = 0;
    if (!have_test_calls())
        return;
    expect_passed(set_up());
    expect_ok(answer(reply, 0, 0));
    expect(caller_ends(&waits, ERR_OK));
    for (unsigned n = 1; !left; n++) {
        struct message m = {0};
        expect(n < POINTS_MAX);
        expect(caller_start(&second, session, 0));
        expect_ok(receive_call(endpoint, &m));
        thread_block()->read = (struct window){(uint64_t)text, sizeof text};
        thread_block()->send[0] = (struct handle_send){.handle = signal.h, .rights = RIGHTS_ALL};
        struct counts before = count();
        m.op = OP_READ_WINDOW | OP_HANDLES(1);
        struct reply_cap r = m.reply;
        fail_nth(pool, n);
        err_t e = reply_forward(r, session, &m);
        left = fail_nth(pool, 0);
        if (!err_ok(e)) {
            expect_error(e, NO_MEMORY);
            expect(as_before(&(struct operation){.name = "forward"}, n, &before));
            expect_equal(invariants_broken(false), 0);
            expect_ok(answer(r, 0, 0)); /* it still can */
        } else {
            expect(left);
            enum message_kind kind;
            expect_ok(receive(endpoint, OP_ACCEPT(1), &m, &kind));
            expect_ok(answer(m.reply, 0, 0));
        }
        expect(caller_ends(&second, ERR_OK));
    }
}

/* Page faults, copy-on-write and page tables: the access is repeated until there is room. */
static void touching(void) {
    struct memory_cap m, copy;
    volatile char *at, *of_copy;
    if (!have_test_calls())
        return;
    place = 0x200000000000ull;
    for (unsigned n = 1; n < 12; n++) {
        expect_ok(sys_memory_create(pool, 300 * PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &m));
        at = (volatile char *)(place += 1ull << 40);
        expect_ok(sys_process_map(SELF_PROCESS, m, place, 0, 300 * PAGE_SIZE,
                                  MEMORY_READ | MEMORY_WRITE));
        fail_nth(pool, n);
        at[0] = 1;
        at[299 * PAGE_SIZE] = 2;
        fail_nth(pool, 0);
        expect(at[0] == 1 && at[299 * PAGE_SIZE] == 2 && at[PAGE_SIZE] == 0);
        expect_ok(sys_memory_clone(m, pool, 0, 300 * PAGE_SIZE, &copy));
        of_copy = (volatile char *)(place += 1ull << 40);
        expect_ok(sys_process_map(SELF_PROCESS, copy, place, 0, 300 * PAGE_SIZE,
                                  MEMORY_READ | MEMORY_WRITE));
        fail_nth(pool, n);
        of_copy[0] = 3;
        at[0] = 4;
        fail_nth(pool, 0);
        expect(of_copy[0] == 3 && at[0] == 4 && of_copy[299 * PAGE_SIZE] == 2);
        expect_equal(invariants_broken(false), 0);
    }
}

const struct test tests_budget[] = {
    TEST("budget.every-call", with_room),
    TEST("budget.full-table", with_full_table),
    TEST("budget.forward", forwarding),
    TEST("budget.touching", touching),
};
TESTS(budget);
