/* SPDX-License-Identifier: MIT */
/*
 * The first program with files, process 1 of the processes that `proc` knows: gives the console a
 * shell, again and again, and takes leave of processes whose parents have ended. Development
 * images only: whoever is at the console is let in.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE "/dev/cons"
#define SHELL   "/bin/sh"
#define HOME    "/tmp"

static char *const environment[] = {
    "HOME=" HOME,   "PATH=/bin",    "SHELL=" SHELL,     "TERM=vt100", "USER=root",
    "LOGNAME=root", "LANG=C.UTF-8", "ENV=/etc/profile", NULL,
};

/* A short while, so that what fails at once does not keep the machine busy. */
static void breathe(void) {
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

/* What the machine is, from /etc/issue. */
static void greet(void) {
    char text[512];
    int fd = open("/etc/issue", O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (n > 0)
        (void)!write(1, text, (size_t)n);
    if (fd >= 0)
        close(fd);
}

/* Makes the console the terminal of a new session, and its standard files. */
static bool console_take(void) {
    setsid();
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (open(CONSOLE, O_RDWR) != 0)
        return false;
    ioctl(0, TIOCSCTTY, 0);
    return dup(0) == 1 && dup(0) == 2;
}

static _Noreturn void shell(void) {
    char *const arguments[] = {"-sh", NULL};
    if (!console_take())
        _exit(1);
    greet();
    if (chdir(HOME))
        perror(HOME);
    execve(SHELL, arguments, environment);
    perror(SHELL);
    _exit(127);
}

static void tell_end(int status) {
    char text[64];
    if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "\n[the shell was ended by signal %d]\n", WTERMSIG(status));
    else
        snprintf(text, sizeof text, "\n[the shell ended with %d]\n", WEXITSTATUS(status));
    int fd = open(CONSOLE, O_WRONLY | O_NOCTTY);
    if (fd < 0)
        return;
    (void)!write(fd, text, strlen(text));
    close(fd);
}

/* Waits for a child to end; on the way for all others that have nobody else. */
static bool await(pid_t child, int *status) {
    for (;;) {
        pid_t ended = wait(status);
        if (ended == child)
            return true;
        if (ended < 0)
            return false;
    }
}

int main(void) {
    for (;;) {
        int status;
        pid_t child = fork();
        if (child == 0)
            shell();
        if (child > 0 && await(child, &status))
            tell_end(status);
        breathe();
    }
}
