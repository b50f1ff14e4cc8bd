/* SPDX-License-Identifier: MIT */
/* A signal to oneself, and one to another process whose handler answers with one. */
#include <signal.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

static volatile sig_atomic_t arrived;

static void note(int signal) {
    (void)signal;
    arrived++;
}

static void handle(void (*handler)(int)) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    must(!sigaction(SIGUSR1, &a, NULL), "sigaction");
}

static void self_begin(void) {
    handle(note);
}

static void self_run(unsigned count) {
    while (count--)
        kill(getpid(), SIGUSR1);
}

static void self_end(void) {
    must(arrived > 0, "handler");
    handle(SIG_DFL);
}

/* This side holds it back but while it waits for it: so none is missed. */
static sigset_t waiting;

static void answer(int signal) {
    kill(getppid(), signal);
}

static void partner(void) {
    handle(answer);
    sigprocmask(SIG_SETMASK, &waiting, NULL);
    kill(getppid(), SIGUSR1); /* ready */
    for (;;)
        pause();
}

static void other_begin(void) {
    sigset_t held;
    handle(note);
    sigemptyset(&held);
    sigaddset(&held, SIGUSR1);
    must(!sigprocmask(SIG_BLOCK, &held, &waiting), "sigprocmask");
    sigdelset(&waiting, SIGUSR1);
    partner_start(partner);
    sigsuspend(&waiting);
}

static void other_run(unsigned count) {
    while (count--) {
        must(!kill(partner_number(), SIGUSR1), "kill");
        sigsuspend(&waiting);
    }
}

static void other_end(void) {
    partner_stop();
    must(!sigprocmask(SIG_SETMASK, &waiting, NULL), "sigprocmask");
    handle(SIG_DFL);
}

/* clang-format off */
static const struct operation table[] = {
    {.name = "signal_self", .run = self_run, .begin = self_begin, .end = self_end},
    {.name = "signal_other", .run = other_run, .begin = other_begin, .end = other_end},
};
/* clang-format on */
const struct operations signal_operations = {table, sizeof table / sizeof *table};
