/* SPDX-License-Identifier: MIT */
#include "tests/posix/leader.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

#define PATIENCE 200000
#define TOLD     "told"

int master, terminal;
char slave[16];
static volatile int *turn;

void turns_begin(void) {
    turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void turns_end(void) {
    munmap((void *)turn, 4096);
}

void next(int n) {
    *turn = n;
}

void until(int n) {
    for (int i = 0; *turn < n && i < PATIENCE; i++)
        usleep(500);
    if (*turn < n)
        say("turn %d did not come", n);
}

void type(const char *text) {
    if (write(master, text, strlen(text)) < 0)
        tell("type", -1);
}

/* ---- a terminal, its leader and its jobs ---- */

void terminal_make(void) {
    int number = -1, unlocked = 0;
    master = openat(DEVICES_DIRECTORY, "ptmx", O_RDWR | O_NOCTTY);
    if (master < 0 || ioctl(master, TIOCGPTN, &number) || ioctl(master, TIOCSPTLCK, &unlocked))
        tell("ptmx", -1);
    snprintf(slave, sizeof slave, "pts/%d", number);
}

int leader_start(int (*run)(void), int flags) {
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

void leader_end(const char *what, int number) {
    int status = 0, result = waitpid(number, &status, 0);
    status_tell(what, result, status);
    said_in(TOLD);
}

void leader(const char *what, int (*run)(void), int flags) {
    terminal_make();
    leader_end(what, leader_start(run, flags));
    close(master);
}

int job_start(int (*run)(void), int front) {
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

void job_tell(const char *what, int number, int options) {
    int status = 0, result = waitpid(number, &status, options);
    status_tell(what, result == number ? 0 : -1, status);
}

_Noreturn int waits_for_ever(void) {
    next(1);
    for (;;)
        usleep(1000);
}

int reads(void) {
    char line[100];
    long n = read(terminal, line, sizeof line);
    return n < 0 ? 200 : (int)n;
}
