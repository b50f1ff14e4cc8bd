/* SPDX-License-Identifier: MIT */
/*
 * The first program with files: makes the console its terminal, says what machine this is, and
 * becomes a shell; `init` starts it again when that ends. Development images only: whoever is at
 * the console is let in.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CONSOLE "/dev/cons"
#define SHELL   "/bin/sh"
#define HOME    "/tmp"

static char *const environment[] = {
    "HOME=" HOME,   "PATH=/bin",    "SHELL=" SHELL,     "TERM=vt100", "USER=root",
    "LOGNAME=root", "LANG=C.UTF-8", "ENV=/etc/profile", NULL,
};

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
    return dup2(0, 1) == 1 && dup2(0, 2) == 2;
}

int main(void) {
    char *const arguments[] = {"-sh", NULL};
    if (!console_take())
        return 1;
    greet();
    if (chdir(HOME))
        perror(HOME);
    execve(SHELL, arguments, environment);
    perror(SHELL);
    return 127;
}
