/* SPDX-License-Identifier: MIT */
/* Jobs in the background of a terminal, and processes that handle what a terminal sends them. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/leader.h"
#include "tests/posix/operations.h"

static int read_later(void) {
    int job = job_start(reads, 0);
    job_tell("read", job, WUNTRACED);
    DO(tcsetpgrp(terminal, job));
    DO(kill(-job, SIGCONT));
    next(1);
    job_tell("read again", job, 0);
    DO(read(terminal, &(char){0}, 1)); /* an orphan in the background */
    return 0;
}

static void background_reads(void) {
    terminal_make();
    int number = leader_start(read_later, O_RDWR);
    until(1);
    type("hello\n");
    leader_end("leader", number);
    close(master);
}

static int writes(void) {
    return (int)write(terminal, "abc", 3) + 10;
}

static int writes_much(void) {
    static char text[1000];
    memset(text, 'x', sizeof text);
    return write(terminal, text, sizeof text) == (long)sizeof text ? 14 : 1;
}

static int sets(void) {
    struct termios t;
    return 20 + tcgetattr(terminal, &t) + tcsetattr(terminal, TCSANOW, &t);
}

static int flushes(void) {
    return 30 + tcflush(terminal, TCIFLUSH);
}

static int takes_front(void) {
    return 40 + tcsetpgrp(terminal, getpid());
}

static void stopped(const char *what, int (*run)(void)) {
    int job = job_start(run, 0);
    job_tell(what, job, WUNTRACED);
    DO(kill(-job, SIGKILL));
}

static int background_changes(void) {
    struct termios t;
    DO(tcgetattr(terminal, &t));
    job_tell("write", job_start(writes, 0), WUNTRACED);
    t.c_lflag |= TOSTOP;
    DO(tcsetattr(terminal, TCSANOW, &t));
    stopped("write with TOSTOP", writes);
    stopped("much with TOSTOP", writes_much);
    stopped("tcsetattr", sets);
    stopped("tcflush", flushes);
    stopped("tcsetpgrp", takes_front);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    DO(write(terminal, "front", 5));
    return 0;
}

/* ---- the background, by who has decided about its signals ---- */

static int handled;

static void handler(int number) {
    (void)number;
    handled++;
}

static void handle(int number, void (*function)(int)) {
    const struct sigaction action = {.sa_handler = function};
    sigaction(number, &action, NULL);
}

static int changes_all(void) {
    struct termios t;
    static char text[1000];
    int good = tcgetattr(terminal, &t) == 0;
    memset(text, 'x', sizeof text);
    good += write(terminal, "abc", 3) == 3;
    good += write(terminal, text, sizeof text) == (long)sizeof text;
    good += tcsetattr(terminal, TCSADRAIN, &t) == 0;
    good += tcflush(terminal, TCIFLUSH) == 0;
    return good;
}

static int ignores(void) {
    handle(SIGTTOU, SIG_IGN);
    return changes_all();
}

static int blocks(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTTOU);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int good = changes_all();
    sigpending(&set);
    return 10 * good + sigismember(&set, SIGTTOU);
}

static int reads_ignoring(void) {
    char c;
    handle(SIGTTIN, SIG_IGN);
    return read(terminal, &c, 1) < 0 ? errno : 100;
}

static int handles(void) {
    char c;
    handle(SIGTTIN, handler);
    handle(SIGTTOU, handler);
    int first = read(terminal, &c, 1) < 0 ? errno : 100;
    int second = write(terminal, "x", 1) < 0 ? errno : 100;
    return handled * 30 + first + second;
}

/* A job had the terminal; its leader takes it back, as shells do. */
static int takes_back(void) {
    struct termios t;
    handle(SIGTTOU, SIG_IGN);
    tcgetattr(terminal, &t);
    t.c_lflag |= TOSTOP;
    DO(tcsetattr(terminal, TCSANOW, &t));
    job_tell("ignored", job_start(ignores, 0), 0);
    handle(SIGTTOU, SIG_DFL);
    job_tell("blocked", job_start(blocks, 0), 0);
    job_tell("read, ignored", job_start(reads_ignoring, 0), 0);
    job_tell("handled", job_start(handles, 0), 0);
    job_tell("in front", job_start(writes, 1), 0);
    handle(SIGTTOU, SIG_IGN);
    DO(tcsetpgrp(terminal, getpid()));
    handle(SIGTTOU, SIG_DFL);
    DO(tcgetpgrp(terminal) == getpid());
    DO(write(terminal, "mine", 4));
    return 0;
}

static int waits_for_size(void) {
    struct winsize size = {0};
    handle(SIGWINCH, handler);
    next(1);
    while (!handled)
        usleep(500);
    ioctl(terminal, TIOCGWINSZ, &size);
    return size.ws_row + size.ws_col;
}

static int sees_size(void) {
    job_tell("new size", job_start(waits_for_size, 1), 0);
    return 0;
}

static void size_changes(void) {
    const struct winsize size = {.ws_row = 30, .ws_col = 100};
    terminal_make();
    int number = leader_start(sees_size, O_RDWR);
    until(1);
    DO(ioctl(master, TIOCSWINSZ, &size));
    leader_end("leader", number);
    close(master);
}

/* Without its terminal it goes on. */
static int lets_go(void) {
    handle(SIGHUP, handler);
    handle(SIGCONT, handler);
    DO(ioctl(terminal, TIOCNOTTY));
    DO(handled);
    DO(tcgetpgrp(terminal));
    DO(openat(DEVICES_DIRECTORY, "tty", O_RDWR));
    DO(write(terminal, "x", 1));
    DO(ioctl(terminal, TIOCSCTTY, 0));
    return 0;
}

static int survives(void) {
    handle(SIGHUP, handler);
    next(1);
    while (!handled)
        usleep(500);
    usleep(50000); /* until the other side is closed as a whole */
    DO(read(terminal, &(char){0}, 1));
    DO(write(terminal, "x", 1));
    DO(tcgetpgrp(terminal));
    return handled;
}

static void master_leaves_survivor(void) {
    terminal_make();
    int number = leader_start(survives, O_RDWR);
    until(1);
    close(master);
    leader_end("survivor", number);
}

void background_run(void) {
    turns_begin();
    background_reads();
    leader("changes", background_changes, O_RDWR);
    leader("takes back", takes_back, O_RDWR);
    size_changes();
    leader("lets go", lets_go, O_RDWR);
    master_leaves_survivor();
    turns_end();
}
