/* SPDX-License-Identifier: MIT */
/*
 * The server of /logs/audit: what happened that matters to security, as others tell it. Started
 * with its endpoint and with memory of init's, in which the records are, so that they outlive it.
 */
#include <stdio.h>
#include <time.h>

#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "services/audit/tree.h"

#define SECOND 1000000000ull

static struct log_time now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t n = (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
    return (struct log_time){n, start_page->wall_offset + (int64_t)n};
}

int main(void) {
    static struct file_server server;
    static struct log log;
    uint64_t kept;
    if (start_page->handle_count != 2) {
        fprintf(stderr, "audit: usage: audit, with an endpoint and memory\n");
        return 1;
    }
    err_t e = room_map((struct memory_cap){start_page->handles[1]}, 0, AUDIT_KEPT,
                       MEMORY_READ | MEMORY_WRITE, &kept);
    if (!err_ok(e)) {
        fprintf(stderr, "audit: the records cannot be mapped: %s\n", error_text(e));
        return 1;
    }
    log_open(&log, (struct log_kept *)kept);
    file_server_start(&server, tree_start(&log, now));
    server.begins = tree_begins;
    server.denied = tree_denied;
    server.lasting = tree_source;
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
