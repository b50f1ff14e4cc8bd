/* SPDX-License-Identifier: MIT */
/*
 * The operations on Linux: writes what they tell to the standard output when all are done, since
 * the descriptors are theirs meanwhile. Started in an empty directory, which becomes the root, as
 * user 0; or, with POSIX_IN_PLACE in the environment, where the root is as it should be already.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

static char *text;
static size_t length, room;

void line_take(const char *line) {
    size_t n = strlen(line);
    if (length + n + 1 > room) {
        room = 2 * (length + n + 1);
        text = realloc(text, room);
        if (!text)
            abort();
    }
    memcpy(text + length, line, n);
    length += n;
    text[length++] = '\n';
}

/* The machine's devices, at a number that is kept when the directory has become the root. */
static int devices_open(void) {
    int fd = open("/dev", O_RDONLY | O_DIRECTORY);
    return dup2(fd, DEVICES_DIRECTORY) < 0 || close(fd);
}

/* The program itself, where it looks for itself when the directory has become the root. */
static int self_make(void) {
    char buffer[65536];
    ssize_t n;
    int from = open("/proc/self/exe", O_RDONLY), to = open("." SELF, O_CREAT | O_WRONLY, 0755);
    while ((n = read(from, buffer, sizeof buffer)) > 0)
        if (write(to, buffer, (size_t)n) != n)
            return -1;
    return from < 0 || to < 0 || n < 0 ? -1 : 0;
}

static int root_make(void) {
    return self_make() || chroot(".");
}

/* Whoever started us may ignore signals, as nohup does. */
static void signals_usual(void) {
    sigset_t none;
    for (int s = 1; s <= SIGRTMAX; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int main(int argc, char **argv) {
    int code;
    const struct rlimit stack = {8 << 20, 8 << 20};
    const struct rlimit files = {1024, 1024};
    if (process_mode(argc, argv, &code))
        return code;
    bool in_place = getenv("POSIX_IN_PLACE");
    unsetenv("POSIX_IN_PLACE");
    signals_usual();
    if (geteuid() || devices_open() || setrlimit(RLIMIT_STACK, &stack) ||
        setrlimit(RLIMIT_NOFILE, &files) || (!in_place && root_make()) || chmod("/", 0755) ||
        mkdir("posix", 0755) || chdir("/posix") ||
        syscall(SYS_close_range, 3, DEVICES_DIRECTORY - 1, 0)) {
        fprintf(stderr, "record: must run as user 0, in an empty directory\n");
        return 1;
    }
    for (const struct group *g = groups; g->name; g++) {
        char head[64];
        snprintf(head, sizeof head, "== %s", g->name);
        line_take(head);
        group_run(g);
    }
    for (size_t at = 0; at < length;) {
        ssize_t n = write(1, text + at, length - at);
        if (n <= 0)
            return 1;
        at += (size_t)n;
    }
    return 0;
}
