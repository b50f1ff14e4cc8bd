/* SPDX-License-Identifier: MIT */
/*
 * The server of /proc. Started with its endpoint, a session of `proc` (abi/census.h), a pool, of
 * which it may know how much there is, and a session of `audit`; and told the number of processors.
 */
#include <stdio.h>

#include "lib/audit/denial.h"
#include "lib/file/loop.h"
#include "lib/sys/mem.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/procfs/tree.h"

#define SECOND 1000000000ull /* nanoseconds */

static struct pool_cap memory;
static uint32_t cpus;

static void machine_now(struct machine *m) {
    struct pool_info info = {.limit = 0};
    (void)sys_pool_info(memory, &info);
    m->now = clock_nanoseconds();
    m->boot = start_page->wall_offset > 0 ? (uint64_t)start_page->wall_offset / SECOND : 0;
    m->memory = info.limit;
    m->memory_free = info.limit - info.used;
    m->cpus = cpus;
}

static uint32_t cpus_told(void) {
    const char *second = start_page->arguments + strlen(start_page->arguments) + 1;
    uint64_t n = start_page->argument_count > 1 ? number_parse(second) : 0;
    return n && n <= CPUS_MAX ? (uint32_t)n : 1;
}

int main(void) {
    static struct file_server server;
    static const struct tree_machine machine = {machine_now};
    if (start_page->handle_count != 4) {
        fprintf(stderr, "procfs: usage: procfs CPUS, with an endpoint, two sessions and a pool\n");
        return 1;
    }
    census_start((struct session_cap){start_page->handles[1]});
    memory.h = start_page->handles[2];
    cpus = cpus_told();
    file_server_start(&server, tree_start(&machine));
    server.begins = tree_begins;
    denial_start((struct session_cap){start_page->handles[3]});
    server.denied = denial_tell;
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
