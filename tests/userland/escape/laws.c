/* SPDX-License-Identifier: MIT */
/* What is revoked ends at once in other processes; what fills its pool takes nothing from others.
 */
#include <stdio.h>

#include "abi/file.h"
#include "lib/file/client.h"
#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/thread.h"
#include "tests/userland/escape/escape.h"

#define PRIORITY   100u
#define POOL_BYTES (3ull << 20)
#define RESERVE    (512u << 10) /* of the pool, for stacks that are not touched yet */
#define WEIGHT     10000u
#define MEASURED   2000000000ull /* nanoseconds of processor time, of both together */
#define PATIENCE   100000000000ull
#define SHARE_LOW  45u /* percent of the time of both: nine tenths of a half */

static unsigned failures, results;

static void check(bool good, const char *what) {
    if (!good)
        printf("# escape: %s\n", what);
    failures += !good;
}

static void result(const char *name) {
    printf("%s - escape: %s\n", failures ? "not ok" : "ok", name);
    failures = 0;
    results++;
}

/* ---- revoke ---- */

static struct session_cap lent;

static uint64_t read_for_ever(void) {
    char byte;
    size_t done;
    err_t e;
    do
        e = file_read(lent, 0, &byte, 1, &done);
    while (err_ok(e));
    return e.code;
}

/* Z-07, Z-08: an open file that another process reads from. */
static void revoke_law(void) {
    const struct file_name n = {.path = text_of("lent"),
                                .flags = FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE,
                                .mode = 0600};
    struct session_cap file = {HANDLE_NONE}, kept;
    struct any_cap child = {HANDLE_NONE}, other = {HANDLE_NONE};
    struct pool_cap pool = {HANDLE_NONE};
    struct process_cap reader;
    uint64_t code = 0;
    size_t done = 0;
    char byte = 0;
    check(err_ok(file_open(files, &n, &file, NULL)), "open");
    check(err_ok(file_write(file, 0, "x", 1, &done)), "write");
    check(err_ok(sys_handle_duplicate(ANY(file), RIGHTS_ALL, 0, &child.h)), "duplicate");
    check(err_ok(sys_handle_duplicate(ANY(file), RIGHTS_ALL, 0, &other.h)), "duplicate");
    lent.h = child.h;
    kept.h = other.h;
    check(err_ok(sys_pool_create(program_pool, POOL_BYTES, 0, &pool)), "pool");
    if (copy_start(read_for_ever, pool, false, &reader)) {
        struct process_info info = {0};
        uint64_t until = clock_nanoseconds() + PATIENCE;
        while (info.cpu_time < 1000000 && clock_nanoseconds() < until) {
            sys_thread_yield();
            sys_process_info(reader, &info);
        }
        check(info.cpu_time && !info.ended, "the reader reads");
        check(err_ok(sys_handle_revoke(ANY(lent))), "revoke");
        check(copy_wait(&code) && (code == ERR_REVOKED || code == ERR_BAD_HANDLE),
              "the reader's next call ends");
    }
    check(err_ok(file_read(kept, 0, &byte, 1, &done)) && byte == 'x', "another session stays");
    sys_pool_destroy(pool);
    sys_handle_close(ANY(kept));
    sys_handle_close(ANY(lent));
    sys_handle_close(ANY(file));
    result("revoke ends what another process has open");
}

/* ---- shares ---- */

static struct pool_cap bomb_pool;

static _Noreturn void spin(void *unused) {
    (void)unused;
    for (;;)
        __asm__ volatile("pause");
}

static uint64_t work(void) {
    sys_thread_schedule(SELF_THREAD, PRIORITY, 1);
    spin(NULL);
}

/* Who needs a page when there is none ends, and then there would be nobody to compete with. */
static bool has_room(void) {
    struct pool_info info = {0};
    return err_ok(sys_pool_info(bomb_pool, &info)) && info.used + RESERVE < info.limit;
}

/* As many threads as its pool pays for, all at work. */
static uint64_t threads_bomb(void) {
    struct thread_room room;
    sys_thread_schedule(SELF_THREAD, PRIORITY, 1);
    while (has_room() && err_ok(thread_make(bomb_pool, PRIORITY, &room))) {
        sys_thread_schedule(room.thread, PRIORITY, 1);
        thread_run(&room, spin, NULL);
    }
    spin(NULL);
}

/* Takes memory and gives it back, for ever: most of it in the kernel. */
static uint64_t memory_bomb(void) {
    sys_thread_schedule(SELF_THREAD, PRIORITY, 1);
    for (;;) {
        struct memory_cap memory = {HANDLE_NONE};
        struct process_cap p = {HANDLE_NONE};
        while (err_ok(sys_memory_create(bomb_pool, PAGE_SIZE, MEMORY_READ, &memory)))
            ;
        while (err_ok(sys_process_create(bomb_pool, &p)))
            ;
        sys_handle_close(ANY(memory));
        sys_handle_close(ANY(p));
    }
    return 0;
}

static uint64_t time_of(struct pool_cap pool) {
    struct pool_info info = {0};
    sys_pool_info(pool, &info);
    return info.cpu_time;
}

/* The share in percent that a program has beside another one in an account of the same weight. */
static unsigned share_beside(uint64_t (*bomb)(void)) {
    struct pool_cap good = {HANDLE_NONE};
    struct process_cap worker, bomber;
    check(err_ok(sys_pool_create(program_pool, POOL_BYTES, WEIGHT, &good)), "pool");
    check(err_ok(sys_pool_create(program_pool, POOL_BYTES, WEIGHT, &bomb_pool)), "pool");
    check(copy_start(bomb, bomb_pool, false, &bomber) && copy_start(work, good, false, &worker),
          "start");
    uint64_t until = clock_nanoseconds() + PATIENCE, ours = 0, theirs = 0;
    sys_thread_schedule(SELF_THREAD, PRIORITY, UINT64_MAX);
    /* What came before both ran does not count. */
    while (time_of(good) < 50000000 && clock_nanoseconds() < until)
        sys_thread_yield();
    uint64_t good_before = time_of(good), bomb_before = time_of(bomb_pool);
    while (ours + theirs < MEASURED && clock_nanoseconds() < until) {
        sys_thread_yield();
        ours = time_of(good) - good_before;
        theirs = time_of(bomb_pool) - bomb_before;
    }
    struct process_info info = {.ended = 1};
    check(err_ok(sys_process_info(bomber, &info)) && !info.ended, "the other one still runs");
    sys_pool_destroy(good);
    sys_pool_destroy(bomb_pool);
    return ours + theirs ? (unsigned)(100 * ours / (ours + theirs)) : 0;
}

static void share_law(const char *name, uint64_t (*bomb)(void)) {
    unsigned share = share_beside(bomb);
    printf("# %s: %u percent are left\n", name, share);
    check(share >= SHARE_LOW, "less than nine tenths of its share is left to another account");
    result(name);
}

unsigned laws_run(void) {
    revoke_law();
    share_law("threads that fill their pool", threads_bomb);
    share_law("calls that fill their pool", memory_bomb);
    return results;
}
