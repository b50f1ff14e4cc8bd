/* SPDX-License-Identifier: MIT */
/*
 * `proc` in the emulator: this program starts it, is its process 1, and runs each test in a child.
 * Exits with the number of tests.
 */
#include <stdio.h>
#include <string.h>

#include "abi/census.h"
#include "abi/jobs.h"
#include "lib/sys/elf.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"
#include "tests/userland/servers.h"

#define SERVER_BYTES (4ull << 20)
#define PRIORITY     100u

struct pool_cap server_pool;
static struct endpoint_cap endpoint;
static struct process_cap server;

/* Starts `proc` at the endpoint, in a pool of its own. */
static err_t server_start(void) {
    struct start_page page = {.magic = START_PAGE_MAGIC, .handle_count = 1, .argument_count = 2};
    struct memory_cap file = {start_page->handles[GIVEN_PROC_PROGRAM]};
    struct memory_info info;
    struct program_room room;
    snprintf(page.arguments, sizeof page.arguments, "proc%c%u", 0, ACCOUNT_LIMIT);
    err_t e = sys_memory_info(file, &info);
    if (err_ok(e))
        e = sys_pool_create(program_pool, SERVER_BYTES, 0, &server_pool);
    if (err_ok(e))
        e = program_prepare(file, info.size, server_pool, PRIORITY, &room);
    if (err_ok(e))
        e = sys_process_give(room.process, ANY(server_pool), RIGHT_POOL_BUY, &page.pool);
    if (err_ok(e))
        e = sys_process_give(room.process, ANY(endpoint), RIGHTS_ALL, &page.handles[0]);
    if (err_ok(e))
        e = sys_thread_schedule(room.thread, PRIORITY, FIRST_CPU);
    if (err_ok(e))
        e = program_launch_page(&room, server_pool, &page);
    sys_handle_close(ANY(room.thread));
    server = room.process;
    return e;
}

/* A new one knows nothing of what was, but process 1 and how to answer. */
static void restart_test(void) {
    struct session_cap first = self, old;
    bool good = false;
    if (err_ok(sys_endpoint_mint(endpoint, PROC_FIRST + 0x10001, RIGHT_SESSION_CALL, HANDLE_NONE,
                                 &old))) {
        sys_process_kill(server, 0);
        sys_handle_close(ANY(server));
        sys_pool_destroy(server_pool);
        good = err_ok(server_start());
        self = old;
        good &= err_is(ask(PROC_GET, 0, 0, 0, 0).error, ERR_REVOKED);
        self = first;
        good &= ask(PROC_GET, 0, 0, 0, 0).word[0] == 1;
    }
    printf("%s - processes.restart\n", good ? "ok" : "not ok");
    tests_run++;
}

int main(void) {
    struct session_cap first;
    err_t e = sys_endpoint_create(program_pool, &endpoint);
    if (err_ok(e))
        e = server_start();
    if (err_ok(e))
        e = sys_endpoint_mint(endpoint, PROC_FIRST, RIGHT_SESSION_CALL, HANDLE_NONE, &first);
    if (err_ok(e))
        e = sys_endpoint_mint(endpoint, JOBS_BADGE, RIGHT_SESSION_CALL, HANDLE_NONE, &jobs);
    if (err_ok(e))
        e = sys_endpoint_mint(endpoint, CENSUS_BADGE, RIGHT_SESSION_CALL, HANDLE_NONE, &census);
    if (!err_ok(e) || !family_start(first)) {
        printf("not ok - processes.start: %s\n", error_name(e));
        return 1;
    }
    life_tests();
    signal_tests();
    jobs_tests();
    census_tests();
    limit_tests();
    hostile_tests();
    restart_test();
    return tests_run;
}
