/* SPDX-License-Identifier: MIT */
/*
 * The harness: one test after the other, each in a clone of this program with a pool of its own.
 * When a test is over, its pool is destroyed; then the root pool has used exactly as much as
 * before, this process has as many handles, and, on kernels of tests, every invariant holds.
 * Warm-up runs make sure that nothing here is touched for the first time between the two looks.
 */
#include "tests/kernel/harness.h"

#include <stdarg.h>

#include "lib/sys/room.h"
#include "tests/kernel/workers.h"

#define HARNESS_PRIORITY 250u
#define FRAMES_LOOK      (2ull << 30) /* bytes of memory up to which each frame is looked at */

struct pool_cap pool;
uint64_t test_seed = 1, test_count;

/* Seen by all clones. */
static struct verdict { uint32_t failed; } * verdict;
static struct pool_cap root;
static struct endpoint_cap ends; /* where the ends of tests are told */
static const struct test *running;
static const char *wanted = "";

bool test_failed(void) {
    return __atomic_load_n(&verdict->failed, __ATOMIC_ACQUIRE);
}

void test_fail(const char *file, int line, const char *format, ...) {
    char why[256];
    va_list list;
    __atomic_store_n(&verdict->failed, 1, __ATOMIC_RELEASE);
    va_start(list, format);
    format_arguments(why, sizeof why, format, list);
    va_end(list);
    print("# %s:%d: %s\n", file, line, why);
}

void test_fail_error(const char *file, int line, const char *what, err_t got, err_t wanted_error) {
    test_fail(file, line, "%s: %s (argument %u), not %s (argument %u)", what, error_name(got),
              got.argument, error_name(wanted_error), wanted_error.argument);
}

uint64_t pool_used(struct pool_cap p) {
    struct pool_info info;
    return err_ok(sys_pool_info(p, &info)) ? info.used : ~0ull;
}

uint64_t handle_count(struct process_cap p) {
    struct process_info info;
    return err_ok(sys_process_info(p, &info)) ? info.handles : ~0ull;
}

/* xorshift64*, Vigna 2016. */
uint64_t random_next(void) {
    static uint64_t state;
    if (!state)
        state = test_seed * 0x9e3779b97f4a7c15ull + 1;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
}

bool have_test_calls(void) {
    return boot_page->flags & BOOT_TEST;
}

static uint64_t test_call(enum test_call number, handle_t h, uint64_t value) {
    struct invoke_result r = invoke2(number, h, value);
    if (!err_ok(status_error(r.status)))
        test_fail(__FILE__, __LINE__, "test call %x: %s", number,
                  error_name(status_error(r.status)));
    return r.r0;
}

uint64_t fail_nth(struct pool_cap p, uint64_t n) {
    return test_call(TEST_FAIL, p.h, n);
}

uint64_t invariants_broken(bool with_frames) {
    return test_call(TEST_CHECK, boot_page->trace, with_frames ? CHECK_FRAMES : 0);
}

void fast_path(bool on) {
    test_call(TEST_PATH, boot_page->trace, on);
}

static void open_options(void) {
    static char name[256];
    const char *option = option_find(boot_page->command_line, "test=");
    size_t n = 0;
    for (; option && option[n] && option[n] != ' ' && n + 1 < sizeof name; n++)
        name[n] = option[n];
    wanted = name;
    if ((option = option_find(boot_page->command_line, "seed=")))
        test_seed = number_parse(option);
    if ((option = option_find(boot_page->command_line, "count=")))
        test_count = number_parse(option);
}

/* One of the beginnings, which commas part. */
bool harness_wants(const char *name) {
    const char *w = wanted;
    for (;;) {
        size_t n = 0;
        while (*w && *w != ',' && *w == name[n])
            w++, n++;
        if (!*w || *w == ',')
            return true;
        while (*w && *w != ',')
            w++;
        if (!*w++)
            return false;
    }
}

static void warm_up(void) {
}

void harness_open(void) {
    static const struct test warm = {.name = "warm-up", .run = warm_up};
    struct memory_cap m;
    uint64_t address;
    root = (struct pool_cap){boot_page->pool};
    err_t e = room_allocate(root, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &m, &address);
    if (!err_ok(e))
        program_fail("no room for the verdict: %s", error_text(e));
    e = sys_endpoint_create(root, &ends);
    if (!err_ok(e))
        program_fail("no endpoint: %s", error_text(e));
    verdict = (struct verdict *)address;
    verdict->failed = 0;
    open_options();
    sys_thread_schedule(SELF_THREAD, HARNESS_PRIORITY, (1ull << boot_page->cpu_count) - 1);
    for (int i = 0; i < 2; i++)
        harness_run(&warm);
}

static void test_main(void *argument) {
    const struct test *t = argument;
    t->run();
}

static const char *const end_names[] = {"exit", "kill", "fault", "want of memory"};

/* Waits for the test's process to end, or ends it. */
static bool wait_for(struct child *c, const struct test *t) {
    struct process_info info = {.reason = END_KILL};
    struct message m = {0};
    enum message_kind kind;
    thread_block()->deadline = in_ms(1000ull * (t->seconds ? t->seconds : SECONDS_USUAL));
    err_t e = endpoint_receive(ends, OP_DEADLINE, &m, &kind);
    if (!err_ok(e)) {
        print("# %s: not over after its time: %s\n", t->name, error_name(e));
        sys_process_kill(c->process, 1);
        (void)endpoint_receive(ends, 0, &m, &kind); /* the notice of that */
        return false;
    }
    e = sys_process_info(c->process, &info);
    if (err_ok(e) && kind == MESSAGE_ENDED && info.reason == END_EXIT && !info.code)
        return true;
    print("# %s: %s, message %u; ended by %s, code %lu, address %lx\n", t->name, error_name(e),
          kind, end_names[info.reason < 4 ? info.reason : 3], info.code, info.address);
    return false;
}

/* Starts the test's process, whose end is told at `ends`. */
static bool start(struct child *c, const struct test *t) {
    if (!child_make(c, pool, test_main, (void *)t))
        return false;
    err_t e = sys_process_bind(c->process, ends, 0);
    if (!err_ok(e))
        print("# %s: process_bind: %s\n", t->name, error_name(e));
    return err_ok(e) && child_go(c);
}

static bool invariants_hold(const char *name, const char *when) {
    if (!have_test_calls())
        return true;
    uint64_t broken = invariants_broken(boot_page->memory_total <= FRAMES_LOOK);
    if (broken)
        print("# %s: %lu invariants broken %s; see the kernel's log above\n", name, broken, when);
    return !broken;
}

/* Runs it and destroys its pool. */
static bool run_in_pool(const struct test *t) {
    struct child c;
    running = t;
    verdict->failed = 0;
    bool passed = start(&c, t) && wait_for(&c, t);
    passed = invariants_hold(t->name, "at its end") && passed && !test_failed();
    sys_handle_close(ANY(c.thread));
    sys_handle_close(ANY(c.process));
    return passed;
}

bool harness_run(const struct test *t) {
    uint64_t used = pool_used(root), handles = handle_count(SELF_PROCESS);
    err_t e = sys_pool_create(root, t->limit ? t->limit : LIMIT_USUAL, 0, &pool);
    if (!err_ok(e)) {
        print("# %s: no pool: %s\n", t->name, error_text(e));
        return false;
    }
    bool passed = run_in_pool(t);
    uint64_t released; /* pages whose addresses a test was told: no device uses them */
    e = sys_pool_destroy(pool);
    if (err_ok(e))
        e = sys_pool_release(root, &released);
    if (!err_ok(e))
        print("# %s: pool_destroy: %s\n", t->name, error_name(e));
    passed = err_ok(e) && invariants_hold(t->name, "after its pool is gone") && passed;
    if (!strcmp(t->name, "warm-up"))
        return passed;
    if (pool_used(root) != used) {
        print("# %s: the root pool has %ld bytes more in use than before\n", t->name,
              pool_used(root) - used);
        passed = false;
    }
    if (handle_count(SELF_PROCESS) != handles) {
        print("# %s: the harness has %ld handles more than before\n", t->name,
              handle_count(SELF_PROCESS) - handles);
        passed = false;
    }
    return passed;
}
