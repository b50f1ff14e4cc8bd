/* SPDX-License-Identifier: MIT */
/*
 * The server of terminals: one at the serial line, and pseudo terminals. Started with its endpoint,
 * a session of the driver of the serial line and, if there is a third handle, one of `proc`
 * (abi/jobs.h).
 */
#include <stdio.h>

#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "services/tty/clock.h"
#include "services/tty/line.h"
#include "services/tty/terminal.h"
#include "services/tty/tree.h"

#define LINE 1u /* bits of the signal */
#define TIME 2u
#define ENDS 4u

static void raised(struct file_server *s, uint64_t bits) {
    (void)s;
    if (bits & LINE)
        terminal_run(&console);
    if (bits & TIME)
        terminals_expire();
    if (bits & ENDS)
        terminals_leave();
}

static err_t start(struct endpoint_cap endpoint, struct session_cap driver,
                   struct session_cap proc) {
    struct signal_cap signal;
    err_t e = sys_signal_create(program_pool, &signal);
    if (err_ok(e))
        e = sys_endpoint_bind(endpoint, signal);
    if (err_ok(e))
        e = clock_start(signal, TIME);
    if (err_ok(e))
        jobs_start(proc, signal, ENDS);
    return err_ok(e) ? line_start(driver, signal, LINE) : e;
}

int main(void) {
    static struct file_server server;
    uint32_t count = start_page->handle_count;
    if (count != 2 && count != 3) {
        fprintf(stderr, "tty: usage: tty, with an endpoint and sessions of serial and proc\n");
        return 1;
    }
    struct endpoint_cap endpoint = {start_page->handles[0]};
    struct session_cap proc = {count == 3 ? start_page->handles[2] : HANDLE_NONE};
    err_t e = start(endpoint, (struct session_cap){start_page->handles[1]}, proc);
    if (!err_ok(e)) {
        fprintf(stderr, "tty: %s\n", error_text(e));
        return 1;
    }
    file_server_start(&server, tree_start(&server));
    server.raised = raised;
    file_server_loop(&server, endpoint);
}
