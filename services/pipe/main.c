/* SPDX-License-Identifier: MIT */
/*
 * The server of pipes, local sockets, counters and timers. Started with the handle of its endpoint,
 * and as its argument how many bytes they may hold together. Its pool needs half as much again and
 * 8 MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/pipe/event.h"
#include "services/pipe/pipe.h"

int64_t pipes_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return start_page->wall_offset + now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* ---- the clock ---- */

static struct timer_cap timer;

uint64_t timers_now(void) {
    return clock_nanoseconds();
}

void timers_alarm(uint64_t deadline) {
    sys_timer_set(timer, deadline == UINT64_MAX ? 0 : deadline, 0);
}

/* The endpoint hears of its ends. */
static err_t clock_start(struct endpoint_cap endpoint) {
    struct signal_cap signal;
    err_t e = sys_signal_create(program_pool, &signal);
    if (err_ok(e))
        e = sys_endpoint_bind(endpoint, signal);
    return err_ok(e) ? sys_timer_create(program_pool, signal, 1, &timer) : e;
}

int main(int count, char **argument) {
    static struct file_server server;
    uint64_t bytes = count > 1 ? strtoull(argument[1], NULL, 10) : 0;
    if (!bytes || start_page->handle_count != 1) {
        fprintf(stderr, "pipe: usage: pipe BYTES, with an endpoint\n");
        return 1;
    }
    struct endpoint_cap endpoint = {start_page->handles[0]};
    err_t e = clock_start(endpoint);
    if (!err_ok(e)) {
        fprintf(stderr, "pipe: cannot start: %s\n", error_text(e));
        return 1;
    }
    pipes_start(&server, bytes);
    file_server_loop(&server, endpoint);
}
