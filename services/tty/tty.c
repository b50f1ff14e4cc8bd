/* SPDX-License-Identifier: MIT */
/*
 * The server of terminals: one at the serial line, one at the screen, and pseudo terminals. Started
 * with its endpoint, a session of the driver of the serial line and, if there is a third handle,
 * one of `proc` (abi/jobs.h); a fourth is a session of the driver of the screen.
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

#define LINE   1u /* bits of the signal */
#define TIME   2u
#define ENDS   4u
#define SCREEN 8u

static void run_screen(void) {
    struct tty_size size;
    if (line_size(screen.line, &size))
        terminal_size(&screen, &size);
    terminal_run(&screen);
}

static void raised(struct file_server *s, uint64_t bits) {
    (void)s;
    if (bits & LINE)
        terminal_run(&console);
    if (bits & SCREEN)
        run_screen();
    if (bits & TIME)
        terminals_expire();
    if (bits & ENDS)
        terminals_leave();
}

static err_t start(struct signal_cap *signal) {
    const handle_t *h = start_page->handles;
    struct session_cap proc = {start_page->handle_count > 2 ? h[2] : HANDLE_NONE};
    err_t e = sys_signal_create(program_pool, signal);
    if (err_ok(e))
        e = sys_endpoint_bind((struct endpoint_cap){h[0]}, *signal);
    if (err_ok(e))
        e = clock_start(*signal, TIME);
    if (err_ok(e))
        jobs_start(proc, *signal, ENDS);
    return e;
}

/* The terminals are there before anything of theirs can be raised to the loop. */
static err_t start_lines(struct file_server *server, struct signal_cap signal) {
    const handle_t *h = start_page->handles;
    struct line *serial, *glass = NULL;
    err_t e = line_start((struct session_cap){h[1]}, signal, LINE, &serial);
    if (err_ok(e) && start_page->handle_count > 3)
        e = line_start((struct session_cap){h[3]}, signal, SCREEN, &glass);
    if (err_ok(e))
        file_server_start(server, tree_start(server, serial, glass));
    return e;
}

int main(void) {
    static struct file_server server;
    struct signal_cap signal;
    uint32_t count = start_page->handle_count;
    if (count < 2 || count > 4) {
        fprintf(stderr,
                "tty: usage: tty, with an endpoint and sessions of serial, proc and screen\n");
        return 1;
    }
    err_t e = start(&signal);
    if (err_ok(e))
        e = start_lines(&server, signal);
    if (!err_ok(e)) {
        fprintf(stderr, "tty: %s\n", error_text(e));
        return 1;
    }
    server.raised = raised;
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
