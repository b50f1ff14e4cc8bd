/* SPDX-License-Identifier: MIT */
/* Controlling terminals: who has which, keys that are signals, and the ends of both sides. */
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/leader.h"
#include "tests/posix/operations.h"

#define INT  "\003"
#define QUIT "\034"
#define SUSP "\032"

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
    turns_begin();
    who_has_it();
    key_ends(INT);
    key_ends(QUIT);
    key_stops();
    keys_to_leader();
    leader_leaves();
    master_leaves();
    turns_end();
}
