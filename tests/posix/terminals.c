/* SPDX-License-Identifier: MIT */
/*
 * Controlling terminals and jobs. The test has the master of a pseudo terminal; a child leads a
 * session at the slave and makes the jobs. They take turns by a number in memory that all share.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

#define PATIENCE 200000
#define TOLD     "told"
#define INT      "\003"
#define QUIT     "\034"
#define SUSP     "\032"

static volatile int *turn;
static int master, terminal;
static char slave[16];

static void next(int n) {
    *turn = n;
}

static void until(int n) {
    for (int i = 0; *turn < n && i < PATIENCE; i++)
        usleep(500);
    if (*turn < n)
        say("turn %d did not come", n);
}

static void type(const char *text) {
    if (write(master, text, strlen(text)) < 0)
        tell("type", -1);
}

/* ---- a terminal, its leader and its jobs ---- */

static void terminal_make(void) {
    int number = -1, unlocked = 0;
    master = openat(DEVICES_DIRECTORY, "ptmx", O_RDWR | O_NOCTTY);
    if (master < 0 || ioctl(master, TIOCGPTN, &number) || ioctl(master, TIOCSPTLCK, &unlocked))
        tell("ptmx", -1);
    snprintf(slave, sizeof slave, "pts/%d", number);
}

#define NOT_OPENED (-1)

/* A new session in a child that opens the slave, if it is to. */
static int leader_start(int (*run)(void), int flags) {
    next(0);
    int number = fork();
    if (number)
        return number;
    close(master);
    say_to(TOLD);
    DO(setsid() == getpid());
    if (flags != NOT_OPENED)
        terminal = openat(DEVICES_DIRECTORY, slave, flags);
    _exit(run());
}

static void leader_end(const char *what, int number) {
    int status = 0, result = waitpid(number, &status, 0);
    status_tell(what, result, status);
    said_in(TOLD);
}

/* The whole of a test without a part for who types. */
static void leader(const char *what, int (*run)(void), int flags) {
    terminal_make();
    leader_end(what, leader_start(run, flags));
    close(master);
}

/* A job in a group of its own, in front or not. */
static int job_start(int (*run)(void), int front) {
    int number = fork();
    if (!number) {
        while (getpgrp() != getpid() || (front && tcgetpgrp(terminal) != getpid()))
            usleep(500);
        _exit(run());
    }
    DO(setpgid(number, number));
    if (front)
        DO(tcsetpgrp(terminal, number));
    return number;
}

static void job_tell(const char *what, int number, int options) {
    int status = 0, result = waitpid(number, &status, options);
    status_tell(what, result == number ? 0 : -1, status);
}

_Noreturn static int waits_for_ever(void) {
    next(1);
    for (;;)
        usleep(1000);
}

/* ---- who has which terminal ---- */

static int has_none(void) {
    DO(tcgetpgrp(terminal));
    DO(tcgetsid(terminal));
    DO(openat(DEVICES_DIRECTORY, "tty", O_RDWR));
    DO(isatty(terminal));
    return 0;
}

static int takes_it(void) {
    int fd;
    DO(ioctl(terminal, TIOCSCTTY, 0));
    DO(tcgetsid(terminal) == getpid());
    DO(tcgetpgrp(terminal) == getpid());
    fd = openat(DEVICES_DIRECTORY, "tty", O_RDWR);
    DO(fd >= 0);
    DO(tcgetsid(fd) == getpid());
    DO(write(fd, "x", 1));
    DO(write(terminal, "x", 1));
    return 0;
}

static int no_leader(void) {
    int fd = openat(DEVICES_DIRECTORY, slave, O_RDWR);
    DO(fd >= 0);
    DO(tcgetsid(fd));
    DO(ioctl(fd, TIOCSCTTY, 0));
    DO(ioctl(fd, TIOCNOTTY));
    return 0;
}

static int has_no_leader(void) {
    int number = fork();
    if (!number)
        _exit(no_leader());
    job_tell("no leader", number, 0);
    DO(openat(DEVICES_DIRECTORY, "tty", O_RDWR));
    return 0;
}

/* A second session at the same terminal. */
static int other(void) {
    int number = fork();
    if (!number) {
        int fd = openat(DEVICES_DIRECTORY, slave, O_RDWR);
        DO(tcgetpgrp(fd) == getppid());
        DO(setsid() == getpid());
        DO(tcgetpgrp(fd));
        DO(ioctl(fd, TIOCSCTTY, 0));
        DO(openat(DEVICES_DIRECTORY, "tty", O_RDWR));
        _exit(0);
    }
    job_tell("other session", number, 0);
    return 0;
}

static int gives_up(void) {
    DO(ioctl(terminal, TIOCNOTTY)); /* by which its group gets SIGHUP */
    next(9);
    return 0;
}

static int bad_groups(void) {
    DO(tcsetpgrp(terminal, -1));
    DO(tcsetpgrp(terminal, 0));
    DO(tcsetpgrp(terminal, 99999999));
    DO(tcsetpgrp(terminal, getpgid(getppid())));
    DO(tcsetpgrp(terminal, getpid()));
    DO(tcsetpgrp(0, getpid()));
    return 0;
}

static void who_has_it(void) {
    leader("none", has_none, O_RDWR | O_NOCTTY);
    leader("takes it", takes_it, O_RDWR | O_NOCTTY);
    leader("by opening", takes_it, O_RDWR);
    leader("to read", takes_it, O_RDONLY);
    leader("no leader", has_no_leader, NOT_OPENED);
    leader("other", other, O_RDWR);
    leader("gives up", gives_up, O_RDWR);
    leader("groups", bad_groups, O_RDWR);
}

/* ---- keys ---- */

static int has_jobs(void) {
    job_tell("INT", job_start(waits_for_ever, 1), 0);
    DO(tcgetpgrp(terminal) == getpid());
    DO(tcsetpgrp(terminal, getpid())); /* in the background itself, and an orphan */
    return 0;
}

static void key_ends(const char *key) {
    terminal_make();
    int number = leader_start(has_jobs, O_RDWR);
    until(1);
    DO(tcgetpgrp(master) != number);
    DO(tcgetsid(master) == number);
    type(key);
    leader_end("leader", number);
    close(master);
}

/* It stops, goes on and ends, as keys and its leader want. */
static int stops_one(void) {
    int job = job_start(waits_for_ever, 1);
    job_tell("SUSP", job, WUNTRACED);
    DO(kill(-job, SIGCONT));
    job_tell("SIGCONT", job, WCONTINUED);
    next(2);
    job_tell("INT", job, WUNTRACED);
    return 0;
}

static void key_stops(void) {
    terminal_make();
    int number = leader_start(stops_one, O_RDWR);
    until(1);
    type(SUSP);
    until(2);
    type(INT);
    leader_end("leader", number);
    close(master);
}

/* The leader's own group does not stop: nobody would continue it. It ends by the other keys. */
static void keys_to_leader(void) {
    terminal_make();
    int number = leader_start(waits_for_ever, O_RDWR);
    until(1);
    type(SUSP "line\n" INT);
    leader_end("leader", number);
    close(master);
}

/* ---- the background ---- */

static int reads(void) {
    char line[100];
    long n = read(terminal, line, sizeof line);
    return n < 0 ? 200 : (int)n;
}

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

/* ---- ends ---- */

/* Jobs hold the other end: when all are gone it reads as empty. */
static int held[2];

static void jobs_gone(const char *what) {
    char c;
    close(held[1]);
    DO_OF(what, read(held[0], &c, 1));
    close(held[0]);
}

static int stops_itself(void) {
    kill(getpid(), SIGTSTP);
    return 0;
}

static int leaves(void) {
    int job = job_start(stops_itself, 0);
    job_tell("stopped", job, WUNTRACED);
    job_start(waits_for_ever, 1);
    until(1);
    return 3;
}

/* The end of the leader hangs up the job in front; the stopped one is left alone, and told. */
static void leader_leaves(void) {
    if (pipe(held))
        tell("pipe", -1);
    terminal_make();
    leader_end("leader", leader_start(leaves, O_RDWR));
    jobs_gone("all jobs");
    close(master);
}

static int has_front(void) {
    int job = job_start(waits_for_ever, 1);
    job_tell("job", job, 0);
    return 3;
}

/* Nothing, or an error: which, depends on who is first. */
static int reads_front(void) {
    next(1);
    return reads() % 200;
}

static void master_leaves(void) {
    if (pipe(held))
        tell("pipe", -1);
    terminal_make();
    int number = leader_start(has_front, O_RDWR);
    until(1);
    close(master);
    leader_end("leader of a job", number);
    jobs_gone("its job");

    terminal_make();
    number = leader_start(reads_front, O_RDWR | O_NOCTTY);
    until(1);
    close(master);
    leader_end("of no terminal", number);
}

void terminals_run(void) {
    turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    who_has_it();
    key_ends(INT);
    key_ends(QUIT);
    key_stops();
    keys_to_leader();
    background_reads();
    leader("changes", background_changes, O_RDWR);
    leader_leaves();
    master_leaves();
    munmap((void *)turn, 4096);
}
