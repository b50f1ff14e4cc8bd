/* SPDX-License-Identifier: MIT */
/*
 * The first process of the userland bundle: starts each of its programs in turn, in a pool of its
 * own, with a start page. A program prints TAP results without a plan and exits with how many there
 * were; here the plan is added, and a result of its own for each that ended as it should.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "abi/proc.h"
#include "lib/sys/elf.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/known.h"
#include "tests/userland/restart.h"
#include "tests/userland/servers.h"

#define POOL_BYTES  (24ull << 20)
#define PRIORITY    100u
#define SECONDS     200ull
#define RESULTS_MAX 10000u

static struct endpoint_cap ends;
static const char *const end_names[] = {"exit", "kill", "fault", "want of memory"};

/* As services/init/monitor.c. */
static void machine_off(void) {
    struct ports_cap ports = {boot_page->ports};
    sys_ports_write(ports, 0x604, 2, 0x2000);
    sys_ports_write(ports, 0xb004, 2, 0x2000);
    sys_ports_write(ports, 0x4004, 2, 0x3400);
}

err_t program_begin(const struct boot_module_entry *module, struct pool_cap pool,
                    struct program_room *room, struct start_page *page) {
    page->magic = START_PAGE_MAGIC;
    getrandom(page->random_seed, sizeof page->random_seed, 0);
    err_t e =
        program_prepare((struct memory_cap){module->memory}, module->size, pool, PRIORITY, room);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(pool), RIGHT_POOL_BUY | RIGHT_INFO, &page->pool);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(program_log), RIGHT_TRACE_LOG, &page->log);
    return e;
}

/* Two arguments, so that a program can see them. */
static err_t test_begin(const struct boot_module_entry *module, struct pool_cap pool,
                        struct program_room *room, uint64_t *number) {
    struct start_page page = {.argument_count = 2};
    snprintf(page.arguments, sizeof page.arguments, "%s%csecond", module->name, 0);
    err_t e = program_begin(module, pool, room, &page);
    if (err_ok(e))
        e = servers_give(module->name, room, &page);
    if (!err_ok(e))
        return e;
    if (servers_is_posix(module->name))
        return known_launch(room, pool, &page, number);
    e = sys_process_bind(room->process, ends, 0);
    return err_ok(e) ? program_launch_page(room, pool, &page) : e;
}

/* How many results the program had, 0 if it did not end as it should. */
static uint64_t program_results(const char *name, const struct program_room *room) {
    struct process_info info = {.reason = END_KILL};
    struct message m = {0};
    enum message_kind kind;
    thread_block()->deadline = clock_nanoseconds() + SECONDS * 1000000000;
    err_t e = endpoint_receive(ends, OP_DEADLINE, &m, &kind);
    if (!err_ok(e)) {
        printf("# %s: not over after its time: %s\n", name, error_name(e));
        return 0;
    }
    e = sys_process_info(room->process, &info);
    if (err_ok(e) && info.reason == END_EXIT && info.code && info.code <= RESULTS_MAX)
        return info.code;
    printf("# %s: %s; ended by %s, code %lu, address %lx\n", name, error_name(e),
           end_names[info.reason & 3], info.code, info.address);
    return 0;
}

/* The same of one that `proc` knows. */
static uint64_t known_results(const char *name, uint64_t number) {
    uint64_t how = 0, code = 0;
    err_t e = known_wait(number, clock_nanoseconds() + SECONDS * 1000000000, &how, &code);
    if (err_ok(e) && how == PROC_EXITED)
        return code;
    printf("# %s: %s; ended as %lu, code %lu\n", name, error_name(e), how, code);
    return 0;
}

static uint64_t program_run(const struct boot_module_entry *module) {
    struct program_room room;
    struct pool_cap pool = {HANDLE_NONE};
    uint64_t results = 0, number = 0;
    err_t e = sys_pool_create(program_pool, POOL_BYTES, 0, &pool);
    if (err_ok(e))
        e = test_begin(module, pool, &room, &number);
    if (err_ok(e))
        results =
            number ? known_results(module->name, number) : program_results(module->name, &room);
    else
        printf("# %s: not started: %s\n", module->name, error_name(e));
    sys_pool_destroy(pool);
    printf("%s - %s ends\n", results ? "ok" : "not ok", module->name);
    return results + 1;
}

int main(void) {
    uint64_t all = 0;
    err_t e = sys_endpoint_create(program_pool, &ends);
    if (err_ok(e))
        e = servers_start();
    if (err_ok(e))
        e = known_start();
    if (err_ok(e))
        all += restart_run();
    for (uint32_t i = 0; err_ok(e) && i < boot_page->module_count; i++)
        if (strcmp(boot_page->modules[i].name, "init") && !servers_has(boot_page->modules[i].name))
            all += program_run(&boot_page->modules[i]);
    if (!err_ok(e)) {
        printf("not ok - the servers start: %s\n", error_name(e));
        all++;
    }
    printf("1..%lu\nTAP done\n", all);
    machine_off();
    return 0;
}
