/* SPDX-License-Identifier: MIT */
/* Signals between parents and children: what they have from each other, and SIGCHLD. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

#define OUT "out"

/* ---- fork and exec ---- */

static int has_masks(void) {
    mask_tell("child");
    pending_tell("child");
    raise(SIGUSR1);
    pending_tell("raised");
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
    notes_tell("child");
    return 0;
}

static int execs(void) {
    static char stack[16384];
    char *const name[] = {"name", OUT, NULL}, *const mode[] = {"POSIX_MODE=signals", NULL};
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    signal(SIGUSR2, SIG_IGN);
    note_signal(SIGTERM, 0, 0);
    signal(SIGRTMIN + 2, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGUSR2);
    kill(getpid(), SIGRTMIN + 1);
    execve(SELF, name, mode);
    return errno;
}

static void inherited(void) {
    sigset_t more = set_of(SIGRTMIN + 1, 0, 0);
    note_signal(SIGUSR1, 0, 0);
    mask_change(SIG_BLOCK, SIGUSR1, SIGHUP, SIGUSR2);
    sigprocmask(SIG_BLOCK, &more, NULL);
    raise(SIGHUP);
    child_tell("after fork", has_masks);
    child_tell("after exec", execs);
    said_in(OUT);
    pending_tell("parent");
    signal(SIGHUP, SIG_IGN);
    signal(SIGHUP, SIG_DFL);
    mask_change(SIG_SETMASK, 0, 0, 0);
    notes_tell("parent");
}

/* A child gets what is sent to it before it ever ran. */
static int never(void) {
    for (;;)
        pause();
    return 0;
}

static void early(void) {
    int ended = 0, status;
    for (int i = 0; i < 30; i++) {
        int number = child_start(never);
        kill(number, SIGTERM);
        ended += waitpid(number, &status, 0) == number && WTERMSIG(status) == SIGTERM;
    }
    say("ended early: %d", ended);
}

/* ---- SIGCHLD ---- */

static volatile siginfo_t seen;
static volatile int seen_count;

static void take(int number, siginfo_t *information, void *context) {
    (void)number, (void)context;
    seen = *information;
    seen_count++;
}

static void seen_set(int flags) {
    struct sigaction a = {.sa_sigaction = take, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGCHLD, &a, NULL);
    seen_count = 0;
}

/* Waits until the handler has run; what it saw. */
static void seen_tell(const char *what, int number) {
    mask_change(SIG_BLOCK, SIGCHLD, 0, 0);
    const sigset_t none = set_of(0, 0, 0);
    while (!seen_count)
        sigsuspend(&none);
    mask_change(SIG_UNBLOCK, SIGCHLD, 0, 0);
    say("%s: code %d, child's %d, user %d, status %d", what, seen.si_code, seen.si_pid == number,
        (int)seen.si_uid, seen.si_status);
    seen_count = 0;
}

static int exits(void) {
    return 7;
}

/* In a group of its own, which is no orphan: that would not be stopped by a terminal's signals. */
static int stops(void) {
    setpgid(0, 0);
    raise(SIGSTOP);
    together[0] = 1;
    raise(SIGTSTP);
    together_until(1, 1);
    return 5;
}

static void children_seen(void) {
    seen_set(0);
    int number = child_start(exits);
    seen_tell("exits", number);
    ended_tell("exits", number);
    number = child_start(never);
    kill(number, SIGKILL);
    seen_tell("killed", number);
    ended_tell("killed", number);
    together[0] = together[1] = 0;
    number = child_start(stops);
    seen_tell("stopped", number);
    kill(number, SIGCONT);
    together_until(0, 1);
    int status;
    DO(waitpid(number, &status, WUNTRACED) == number);
    say("  stopped by %d", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
    seen_count = 0;
    kill(number, SIGCONT);
    seen_tell("continued", number);
    together[1] = 1;
    seen_tell("ends", number);
    ended_tell("ends", number);
}

/* With SA_NOCLDSTOP there is one signal less; with SA_NOCLDWAIT nobody to wait for. */
static void children_less(void) {
    int status;
    seen_set(SA_NOCLDSTOP);
    together[0] = 0;
    together[1] = 1;
    int number = child_start(stops);
    DO(waitpid(number, &status, WUNTRACED) == number);
    kill(number, SIGCONT);
    DO(waitpid(number, &status, WUNTRACED) == number);
    say("  seen %d", seen_count);
    kill(number, SIGCONT);
    seen_tell("ends", number);
    ended_tell("ends", number);
    seen_set(SA_NOCLDWAIT);
    number = child_start(exits);
    seen_tell("forgotten", number);
    DO(waitpid(number, &status, 0));
    seen_set(SA_NOCLDWAIT | SA_RESTART);
    child_start(exits);
    child_start(exits);
    DO(wait(&status));
    signal(SIGCHLD, SIG_IGN);
    child_start(exits);
    DO(wait(&status));
    signal(SIGCHLD, SIG_DFL);
    ended_tell("as ever", child_start(exits));
}

/* A shell's way to wait: for one of several, with the signal held back in between. */
static void shell_waits(void) {
    const sigset_t none = set_of(0, 0, 0);
    int status, sum = 0;
    seen_set(0);
    mask_change(SIG_BLOCK, SIGCHLD, 0, 0);
    for (int i = 0; i < 20; i++)
        child_start(exits);
    for (int left = 20; left;) {
        while (waitpid(-1, &status, WNOHANG) > 0) {
            sum += WEXITSTATUS(status);
            left--;
        }
        if (left)
            sigsuspend(&none);
    }
    mask_change(SIG_UNBLOCK, SIGCHLD, 0, 0);
    signal(SIGCHLD, SIG_DFL);
    say("sum %d", sum);
}

/* ---- stops with handlers ---- */

static int stops_handled(void) {
    note_signal(SIGTSTP, 0, 0);
    note_signal(SIGCONT, 0, 0);
    raise(SIGTSTP);
    notes_tell("handled");
    mask_change(SIG_BLOCK, SIGTTIN, SIGTTOU, 0);
    raise(SIGTTIN);
    raise(SIGTTOU);
    pending_tell("stops");
    mask_change(SIG_BLOCK, SIGCONT, 0, 0);
    raise(SIGCONT);
    pending_tell("went");
    raise(SIGTTIN);
    pending_tell("and the other");
    signal(SIGTTIN, SIG_IGN);
    raise(SIGCONT);
    mask_change(SIG_SETMASK, 0, 0, 0);
    notes_tell("continued");
    return 0;
}

/* The handler of what continues a process runs. */
static int stopped_once(void) {
    note_signal(SIGCONT, 0, 0);
    raise(SIGSTOP);
    return notes_count;
}

static void stops_and_handlers(void) {
    int status;
    child_tell("stops handled", stops_handled);
    int number = child_start(stopped_once);
    DO(waitpid(number, &status, WUNTRACED) == number);
    kill(number, SIGCONT);
    ended_tell("stopped once", number);
}

/* ---- pipes without readers ---- */

static int broken[2];

static int writes_nowhere(void) {
    signal(SIGPIPE, SIG_DFL);
    write(broken[1], "x", 1);
    return 1;
}

static void broken_pipes(void) {
    DO(pipe(broken));
    close(broken[0]);
    child_tell("writes nowhere", writes_nowhere);
    note_signal(SIGPIPE, 0, 0);
    DO(write(broken[1], "x", 1));
    notes_tell("handled");
    mask_change(SIG_BLOCK, SIGPIPE, 0, 0);
    DO(write(broken[1], "x", 1));
    pending_tell("held back");
    mask_change(SIG_UNBLOCK, SIGPIPE, 0, 0);
    notes_tell("later");
    signal(SIGPIPE, SIG_IGN);
    DO(write(broken[1], "x", 1));
    close(broken[1]);
    signal(SIGPIPE, SIG_DFL);
}

/* ---- groups ---- */

static int in_group(void) {
    note_signal(SIGUSR1, 0, 0);
    together[0]++;
    while (!notes_count)
        usleep(500);
    return 3;
}

static int group_leads(void) {
    int status, sum = 0;
    setpgid(0, 0);
    note_signal(SIGUSR1, 0, 0);
    together[0] = 0;
    for (int i = 0; i < 3; i++) {
        child_start(in_group);
        together_until(0, i + 1);
    }
    DO(kill(0, SIGUSR1));
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    say("  sum %d", sum);
    notes_tell("leader");
    return 0;
}

void signal_children_run(void) {
    together = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    inherited();
    early();
    children_seen();
    children_less();
    shell_waits();
    stops_and_handlers();
    broken_pipes();
    child_tell("group", group_leads);
    signal(SIGUSR1, SIG_DFL);
    munmap((void *)together, 4096);
}
