/* SPDX-License-Identifier: MIT */
/*
 * The hostile test: the program tests/kernel/hostile makes `count=` pseudo-random system calls, in
 * as many lives as it needs, next to a canary. After each life all memory is back; in the end the
 * canary is as it was, and was never later than `bound=` microseconds of guest time.
 */
#include "lib/sys/elf.h"
#include "tests/kernel/canary.h"
#include "tests/kernel/files.h"
#include "tests/kernel/hostile/control.h"

#define CALLS_USUAL 20000u
#define LIFE_CALLS  20000u /* after which a new life begins */
#define BOUND_US                                                                                   \
    2000000u /* on a machine whose time is the host's; see tests/scenarios/hostile.toml */
#define CANARY_BYTES (3ull << 20)
#define POOL_BYTES   (3ull << 20)
#define QUIET_MS     10u /* without a system call, after which it is interrupted */
#define PATIENCE     20u /* interrupts, after which it is killed */
#define CHECK_LIVES  32u /* lives between two looks at the invariants */

static const struct boot_module_entry *file;
static struct hostile_control *control;
static struct memory_cap control_memory;
static struct endpoint_cap ends, canary_endpoint;
static struct session_cap to_canary;
static uint64_t calls, succeeded, lives, kills, bound;

static void find_file(void) {
    for (unsigned i = 0; i < boot_page->module_count; i++)
        if (!strcmp(boot_page->modules[i].name, "hostile"))
            file = &boot_page->modules[i];
    expect(file);
}

static uint64_t option(const char *name, uint64_t usual) {
    const char *text = option_find(boot_page->command_line, name);
    return text ? number_parse(text) : usual;
}

static void set_up(void) {
    expect_passed(find_file());
    bound = option("bound=", BOUND_US);
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &control_memory));
    expect_ok(memory_map(control_memory, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &control));
    expect_ok(sys_endpoint_create(pool, &ends));
    expect(connect(&canary_endpoint, &to_canary, 1));
}

/* What an unprivileged process has: a pool, a way to a server, and what it makes of that. */
static void give(struct process_cap p, struct pool_cap budget) {
    struct endpoint_cap own;
    struct session_cap to_own;
    struct signal_cap s;
    struct any_cap gifts[6];
    const uint64_t rights[] = {RIGHTS_ALL & ~(RIGHT_POOL_DESTROY | RIGHT_POOL_PHYSICAL),
                               RIGHTS_ALL,
                               RIGHTS_ALL,
                               RIGHTS_ALL,
                               RIGHT_MEMORY_READ,
                               RIGHTS_ALL};
    expect_ok(sys_endpoint_create(budget, &own));
    expect_ok(sys_endpoint_mint(own, 7, SESSION_RIGHTS, HANDLE_NONE, &to_own));
    expect_ok(sys_signal_create(budget, &s));
    gifts[0] = ANY(budget);
    gifts[1] = ANY(own);
    gifts[2] = ANY(to_own);
    gifts[3] = ANY(s);
    gifts[4] = (struct any_cap){file->memory};
    gifts[5] = ANY(to_canary);
    for (unsigned i = 0; i < 6; i++)
        expect_ok(sys_process_give(p, gifts[i], rights[i], &control->gift[i]));
    control->gift[6] = HANDLE_NONE;
    for (unsigned i = 1; i < 4; i++)
        expect_ok(sys_handle_close(gifts[i]));
}

/* Waits until it ends; wakes it when it makes no calls, and kills it if that does not help. */
static void watch(const struct program_room *room) {
    uint64_t seen = 0;
    unsigned quiet = 0;
    struct message m = {0};
    enum message_kind kind;
    for (;;) {
        thread_block()->deadline = in_ms(QUIET_MS);
        err_t e = endpoint_receive(ends, OP_DEADLINE, &m, &kind);
        if (err_ok(e))
            return;
        expect_error(e, TIMED_OUT);
        quiet = control->made == seen ? quiet + 1 : 0;
        seen = control->made;
        if (quiet)
            (void)sys_thread_interrupt(room->thread);
        if (quiet < PATIENCE)
            continue;
        kills++;
        expect_ok(sys_process_kill(room->process, 1));
    }
}

static void live(struct pool_cap budget, uint64_t count) {
    struct program_room room;
    memset(control, 0, sizeof *control);
    control->seed = test_seed * 1000003 + lives;
    control->count = count;
    control->threads = lives % 4 + 1;
    expect_ok(program_prepare((struct memory_cap){file->memory}, file->size, budget,
                              HOSTILE_PRIORITY, &room));
    expect_ok(sys_process_map(room.process, control_memory, HOSTILE_CONTROL, 0, PAGE_SIZE,
                              MEMORY_READ | MEMORY_WRITE));
    expect_passed(give(room.process, budget));
    expect_ok(sys_process_bind(room.process, ends, lives));
    expect_ok(program_launch(&room, 0));
    expect_passed(watch(&room));
    expect_ok(sys_handle_close(ANY(room.thread)));
    expect_ok(sys_handle_close(ANY(room.process)));
}

/* Bytes of the test's pool, less our own tables, which only grow. */
static uint64_t used(void) {
    struct process_info info;
    return err_ok(sys_process_info(SELF_PROCESS, &info)) ? pool_used(pool) - info.tables : 0;
}

static void one_life(uint64_t count) {
    struct pool_cap budget;
    uint64_t before = used(), handles = handle_count(SELF_PROCESS);
    expect_ok(sys_pool_create(pool, POOL_BYTES, lives % 2 * 100, &budget));
    expect_passed(live(budget, count));
    if (have_test_calls() && lives % CHECK_LIVES == 0)
        expect_equal(invariants_broken(false), 0);
    expect_ok(sys_pool_destroy(budget));
    if (lives) { /* the first one makes what stays */
        expect_equal(used(), before);
        expect_equal(handle_count(SELF_PROCESS), handles);
    }
    calls += control->made;
    succeeded += control->succeeded;
    lives++;
}

static void hostile(void) {
    uint64_t count = test_count ? test_count : CALLS_USUAL;
    struct canary_report *report = shared_page();
    struct pool_cap its_own;
    struct child canary;
    expect(report);
    expect_passed(set_up());
    expect_ok(sys_pool_create(pool, CANARY_BYTES, 0, &its_own));
    expect(canary_start(&canary, its_own, canary_endpoint, report) &&
           eventually(&report->beats, 3));
    memory_own();
    expect_passed(one_life(100));
    while (calls < count) {
        uint64_t left = count - calls;
        expect_passed(one_life(left < LIFE_CALLS ? left : LIFE_CALLS));
        expect(report->damage == 0);
    }
    report->stop = 1;
    expect(child_join(&canary));
    print("# hostile: seed %lu: %lu calls, %lu succeeded, %lu lives, %lu killed; canary: %u beats, "
          "%lu messages, at most %lu us late\n",
          test_seed, calls, succeeded, lives, kills, report->beats, report->served,
          report->latest / 1000);
    expect(report->damage == 0 && report->beats > 3 && succeeded > calls / 1000);
    if (report->latest > bound * 1000)
        test_fail(__FILE__, __LINE__, "the canary was %lu us late, more than %lu",
                  report->latest / 1000, bound);
}

const struct test tests_hostile[] = {
    TEST("hostile", hostile, .seconds = 3600, .limit = 12ull << 20),
};
TESTS(hostile);
