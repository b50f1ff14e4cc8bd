/* SPDX-License-Identifier: MIT */
/* Processes as wholes: filters, become, debugging, clones, and what they leave. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

static void forbid(struct syscall_filter *f, unsigned number) {
    f->native[number / 64] &= ~(1ull << number % 64);
}

static void allow_all(struct syscall_filter *f) {
    memset(f, 0xff, sizeof *f);
}

/* A forbidden call is refused whatever its arguments; a filter only narrows. */
static void filter(void) {
    struct syscall_filter f, all;
    struct signal_cap s;
    uint64_t now;
    allow_all(&f);
    allow_all(&all);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    expect_ok(sys_clock(&now));
    forbid(&f, SYSCALL_clock);
    forbid(&f, SYSCALL_signal_create);
    expect_error(sys_process_filter(SELF_PROCESS, (void *)0x1000), BAD_ADDRESS);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    expect_error(sys_clock(&now), FILTERED);
    expect_error(sys_signal_create(pool, &s), FILTERED);
    expect_error(sys_signal_create((struct pool_cap){0}, &s), FILTERED);
    expect_ok(sys_process_filter(SELF_PROCESS, &all));
    expect_error(sys_clock(&now), FILTERED);
}

static void every_call_filtered(void *argument) {
    struct syscall_filter f = {.native = {0}};
    (void)argument;
    f.native[SYSCALL_process_exit / 64] = 1ull << SYSCALL_process_exit % 64;
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    for (unsigned n = 0; n < SYSCALL_COUNT; n++)
        if (n != SYSCALL_process_exit)
            if (invoke2(n, 0, 0).status != ERR_FILTERED)
                sys_process_exit(n + 1);
    sys_process_exit(0);
}

/* Each call by itself; and the filter goes with a clone. */
static void clone_under_filter(void *argument) {
    struct syscall_filter f;
    struct child c;
    struct process_info info;
    (void)argument;
    allow_all(&f);
    forbid(&f, SYSCALL_clock);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    expect(child_spawn(&c, pool, every_call_filtered, NULL) && child_wait(&c, &info));
    expect_equal(info.code, 0);
}

static void child_filtered(void) {
    struct child c;
    expect(child_spawn(&c, pool, every_call_filtered, NULL) && child_join(&c));
    expect(child_spawn(&c, pool, clone_under_filter, NULL) && child_join(&c));
}

/* Messages under a filter: neither path lets one through, the fast one being that to a server which
 * waits on the same processor. */
static struct endpoint_cap filtered_end;
static volatile uint32_t let_through;

static void wait_for_call(void *argument) {
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    endpoint_receive(filtered_end, 0, &m, &kind);
    let_through = 1;
}

static void messages_filtered(void *argument) {
    struct endpoint_cap e;
    struct worker server;
    struct session_cap s;
    struct syscall_filter f;
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    expect(connect(&e, &s, 1));
    filtered_end = e;
    expect(worker_make(&server, PRIORITY, wait_for_call, NULL));
    expect_ok(sys_thread_schedule(server.thread, PRIORITY, 1));
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    expect(worker_go(&server) && settled(server.thread));
    allow_all(&f);
    forbid(&f, SYSCALL_call);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    expect_error(session_call_bare(s, 0), FILTERED);
    sys_thread_yield();
    expect(!let_through && thread_state(server.thread) == THREAD_WAITING);
    expect_ok(sys_thread_interrupt(server.thread));
    expect(worker_join(&server));
    expect_error(call(s, 0), FILTERED);
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    forbid(&f, SYSCALL_reply_wait);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    expect_error(poll(e, 0, &m, &kind), FILTERED);
}

/* A call may not be passed on. */
static void forwards_filtered(void *argument) {
    struct endpoint_cap e;
    struct worker server;
    struct session_cap first, second;
    struct caller c;
    struct syscall_filter f;
    struct message m;
    enum message_kind kind;
    (void)argument;
    expect(connect(&e, &first, 1) && connect(&filtered_end, &second, 2));
    expect(worker_make(&server, PRIORITY, wait_for_call, NULL) && caller_make(&c, first, 0));
    expect_ok(sys_thread_schedule(server.thread, PRIORITY, 1));
    expect_ok(sys_thread_schedule(c.worker.thread, PRIORITY, 1));
    expect_ok(sys_thread_schedule(SELF_THREAD, PRIORITY, 1));
    expect(worker_go(&server) && settled(server.thread) && caller_go(&c));
    expect_ok(receive_call(e, &m));
    allow_all(&f);
    forbid(&f, SYSCALL_forward_wait);
    expect_ok(sys_process_filter(SELF_PROCESS, &f));
    thread_block()->forward_session = second.h;
    expect_error(forward_and_receive(m.reply, e, &m, &kind), FILTERED);
    sys_thread_yield();
    expect(!let_through && thread_state(server.thread) == THREAD_WAITING);
}

static void filtered_messages(void) {
    struct child c;
    expect(child_spawn(&c, pool, messages_filtered, NULL) && child_join(&c));
    expect(child_spawn(&c, pool, forwards_filtered, NULL) && child_join(&c));
}

static void bad_numbers(void) {
    for (unsigned n = SYSCALL_COUNT; n < 128; n++)
        if (n < TEST_FAIL || n > TEST_PATH)
            expect_error(status_error(invoke0(n).status), BAD_CALL);
}

/* Become: takes the memory of a prepared process, keeps handles, identity and thread. */
static uint64_t before_become, new_block = 0x0c0000000000ull;
static struct signal_cap kept;
static volatile uint32_t generation;
static char become_stack[8192] __attribute__((aligned(16)));

static void after_become(void *argument) {
    struct process_info info;
    uint64_t bits;
    expect_equal(generation, 1); /* as it was when the clone was made */
    expect_equal((uint64_t)argument, 0xabc);
    expect_equal(thread_block()->self, new_block);
    expect_ok(sys_process_info(SELF_PROCESS, &info));
    expect_equal(info.identity, before_become);
    expect_equal(info.threads, 1);
    expect_ok(sys_signal_raise(kept, 4));
    expect_ok(sys_signal_wait(kept, 4, 1, &bits));
    program_exit(test_failed());
}

static void wait_long(void *argument) {
    uint64_t bits;
    (void)argument;
    sys_signal_wait(kept, 1, DEADLINE_NONE, &bits);
}

static void becomes(void *argument) {
    static struct thread_entry entry = {after_become, (void *)0xabc};
    static struct worker w;
    struct process_cap p;
    struct process_info info;
    (void)argument;
    expect_ok(sys_signal_create(pool, &kept));
    expect(worker_start(&w, PRIORITY, wait_long, NULL) && settled(w.thread));
    expect_ok(sys_process_info(SELF_PROCESS, &info));
    before_become = info.identity;
    generation = 1;
    expect_ok(sys_process_clone(SELF_PROCESS, pool, &p));
    generation = 2;
    expect_error_in(sys_process_become(p, 1ull << 63, 0x20000, 0, new_block), BAD_ARGUMENT, 2);
    expect_error_in(sys_process_become(p, 0x20000, 1ull << 63, 0, new_block), BAD_ARGUMENT, 3);
    expect_error_in(sys_process_become(p, 0x20000, 0x20000, 0, new_block + 1), BAD_ARGUMENT, 5);
    expect_error_in(sys_process_become(SELF_PROCESS, 0x20000, 0x20000, 0, new_block), BUSY, 1);
    expect_equal(thread_state(w.thread), THREAD_WAITING); /* nothing was done yet */
    expect_ok(sys_process_become(p, (uint64_t)thread_start_up,
                                 (uint64_t)(become_stack + sizeof become_stack), (uint64_t)&entry,
                                 new_block));
    test_fail(__FILE__, __LINE__, "become returned");
}

static void become(void) {
    struct child c;
    struct process_info info;
    expect(child_spawn(&c, pool, becomes, NULL) && child_wait(&c, &info));
    if (info.reason != END_EXIT || info.code)
        test_fail(__FILE__, __LINE__, "ended by %lu, code %lu, address %lx", info.reason, info.code,
                  info.address);
}

/* One that has threads or has ended is not prepared. */
static void become_refused(void) {
    struct process_cap p;
    struct thread_cap t;
    expect_ok(sys_process_create(pool, &p));
    expect_ok(sys_thread_create(p, 0x100000, PRIORITY, &t));
    expect_error_in(sys_process_become(p, 0x20000, 0x20000, 0, new_block), BUSY, 1);
    expect_ok(sys_process_kill(p, 0));
    expect_error_in(sys_process_become(p, 0x20000, 0x20000, 0, new_block), DEAD, 1);
}

/* A debugger's view. */
static volatile uint64_t words[2000];
static volatile uint32_t *told;

static void debugged(void *argument) {
    (void)argument;
    for (unsigned i = 0; i < 2000; i++)
        words[i] = i * 3;
    *told = 1;
    expect(eventually(told, 2));
    expect(words[7] == 77 && words[1999] == 78 && words[8] == 24);
}

static void debug(void) {
    static uint64_t copy[2000];
    struct child c;
    uint64_t done = 0, n, value = 77;
    expect((told = shared_page()));
    expect(child_spawn(&c, pool, debugged, NULL) && eventually(told, 1));
    for (done = 0; done < sizeof copy; done += n) {
        expect_ok(sys_process_read(c.process, (uint64_t)words + done, (char *)copy + done,
                                   sizeof copy - done, &n));
        expect(n > 0);
    }
    for (unsigned i = 0; i < 2000; i++)
        expect_equal(copy[i], i * 3);
    expect_ok(sys_process_write(c.process, (uint64_t)&words[7], &value, 8, &n));
    expect_equal(n, 8);
    value = 78;
    expect_ok(sys_process_write(c.process, (uint64_t)&words[1999], &value, 8, &n));
    expect_error_in(sys_process_read(c.process, 0x1000, copy, 8, &n), BAD_ADDRESS, 2);
    expect_error_in(sys_process_read(c.process, (uint64_t)words, (void *)0x1000, 8, &n),
                    BAD_ADDRESS, 3);
    expect_error_in(sys_process_write(c.process, 0x1000, copy, 8, &n), BAD_ADDRESS, 2);
    expect(words[7] == 0); /* ours is another one */
    *told = 2;
    expect(child_join(&c));
}

/* Registers of a stopped thread: read, changed, and it goes on with them. */
static volatile uint32_t jumped;

static void jump_target(void) {
    jumped = 1;
    for (;;)
        sys_thread_exit(0, 0, NULL);
}

static void spin(void *argument) {
    (void)argument;
    for (;;)
        ;
}

/* A process that never had a thread goes on ending when its killer is gone. */
static void kill_main(void *argument) {
    (void)sys_process_kill(*(struct process_cap *)argument, 5);
}

static void try_killer_dies(bool *seen) {
    struct child killer;
    struct process_cap victim;
    struct process_info info = {.ended = 0};
    struct signal_cap s;
    handle_t h;
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_process_create(pool, &victim));
    for (unsigned i = 0; i < 20000; i++)
        expect_ok(sys_process_give(victim, ANY(s), RIGHTS_ALL, &h));
    expect(child_make(&killer, pool, kill_main, &victim));
    expect_ok(sys_thread_schedule(killer.thread, PRIORITY - 1, ~0ull));
    expect(child_go(&killer));
    while (info.reason != END_KILL) {
        (void)sys_signal_wait(s, 1, clock_nanoseconds() + 20000, &(uint64_t){0});
        expect_ok(sys_process_info(victim, &info));
    }
    expect_ok(sys_process_kill(killer.process, 0));
    *seen = !info.ended;
    expect(child_wait(&(struct child){.process = victim}, &info));
    expect(info.code == 5);
}

static void killer_dies(void) {
    bool seen = false;
    for (unsigned i = 0; i < 10 && !seen; i++)
        expect_passed(try_killer_dies(&seen));
    expect(seen);
}

static void registers(void) {
    struct worker w;
    struct thread_registers r = {.ip = 0};
    uint64_t deadline = in_ms(PATIENCE_MS);
    err_t e;
    expect(worker_start(&w, PRIORITY - 1, spin, NULL));
    expect_ok(sys_thread_suspend(w.thread));
    while (err_is(e = sys_thread_registers_read(w.thread, &r), ERR_BUSY) &&
           clock_nanoseconds() < deadline)
        ;
    expect_ok(e);
    expect_equal(r.gs_base, (uint64_t)w.block);
    r.ip = (uint64_t)jump_target;
    r.sp = (r.sp & -16ull) - 8;
    r.flags = ~0ull; /* what is harmful in it is left out */
    expect_ok(sys_thread_registers_write(w.thread, &r));
    expect_ok(sys_thread_registers_read(w.thread, &r));
    expect((r.flags & 0x200) && !(r.flags & 0x3000)); /* interrupts on, no I/O privilege */
    r.flags &= ~0x40500ull; /* no single steps, no alignment checks, forward */
    expect_ok(sys_thread_registers_write(w.thread, &r));
    expect_ok(sys_thread_resume(w.thread));
    expect(eventually(&jumped, 1));
}

/* Handles of a clone: same numbers, own table; the process handle means the child. */
static uint64_t parent_identity;

static void clone_identity(void *argument) {
    struct process_info info;
    (void)argument;
    expect_ok(sys_process_info(SELF_PROCESS, &info));
    expect(info.identity != parent_identity && info.threads == 1);
}

static void clone_handles(void) {
    struct process_info info;
    struct child c;
    expect_ok(sys_process_info(SELF_PROCESS, &info));
    parent_identity = info.identity;
    expect(child_spawn(&c, pool, clone_identity, NULL) && child_join(&c));
}

const struct test tests_process[] = {
    TEST("process.filter", filter),
    TEST("process.child-filtered", child_filtered),
    TEST("process.messages-filtered", filtered_messages),
    TEST("process.bad-numbers", bad_numbers),
    TEST("process.become", become),
    TEST("process.become-refused", become_refused),
    TEST("process.debug", debug),
    TEST("process.killer-dies", killer_dies),
    TEST("process.registers", registers),
    TEST("process.clone-handles", clone_handles),
};
TESTS(process);
