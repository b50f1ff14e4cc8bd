/* SPDX-License-Identifier: MIT */
/* The suite of pipes through a session of the server. Exits with the number of tests. */
#include <stdio.h>

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/userland/pipes/workers.h"
#include "tests/userland/servers.h"

static int results;
static struct signal_cap signals[2];

static void report(void *context, const char *name, const char *message) {
    (void)context;
    if (message)
        printf("# %s\n", message);
    printf("%s - %s\n", message ? "not ok" : "ok", name);
    results++;
}

static struct session_cap narrowed(void *context, struct session_cap s, uint32_t rights) {
    struct any_cap child = {HANDLE_NONE};
    (void)context;
    sys_handle_duplicate(ANY(s), RIGHTS_ALL & ~(uint64_t)(FILE_RIGHTS & ~rights), 0, &child.h);
    return (struct session_cap){child.h};
}

static struct session_cap pipes_root(void) {
    return (struct session_cap){start_page->handles[GIVEN_PIPES]};
}

/* Notices and calls are received in turn: after two calls all notices of before are. */
static void settle(void) {
    struct pipe_state state;
    pipe_state(pipes_root(), &state);
    pipe_state(pipes_root(), &state);
}

static void shut_one(void *context, struct session_cap s) {
    (void)context;
    sys_handle_close(ANY(s));
    settle();
}

static void pause_here(void) {
    sys_thread_yield();
}

static struct signal_cap signal_of(unsigned which) {
    return signals[which];
}

static uint64_t raised(unsigned which) {
    uint64_t bits = 0;
    settle();
    return err_ok(sys_signal_wait(signals[which], ~0ull, 0, &bits)) ? bits : 0;
}

static struct session_cap stranger(void) {
    return (struct session_cap){start_page->handles[GIVEN_FILES]};
}

int main(void) {
    const struct pipes suite = {.root = pipes_root(),
                                .pipes_max = 4096,
                                .more = pipes_machine,
                                .narrow = narrowed,
                                .close = shut_one,
                                .report = report,
                                .pause = pause_here,
                                .begin = worker_begin,
                                .finish = worker_finish,
                                .interrupt = worker_interrupt,
                                .signal = signal_of,
                                .raised = raised,
                                .stranger = stranger};
    err_t e = workers_start();
    for (unsigned i = 0; i < 2 && err_ok(e); i++)
        e = sys_signal_create(program_pool, &signals[i]);
    if (!err_ok(e))
        return 0;
    pipes_run(&suite);
    return results;
}
