/* SPDX-License-Identifier: MIT */
/* What the program does when it was started by itself: it writes what it finds to a file. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/processes.h"

#define OUT         "out"
#define DESCRIPTORS 20

extern char **environ;

static int arguments(int argc, char **argv) {
    FILE *f = fopen(OUT, "w");
    for (int i = 0; i < argc; i++)
        fprintf(f, "  argument [%s]\n", argv[i]);
    for (char **e = environ; *e; e++)
        fprintf(f, "  environment [%s]\n", *e);
    return fclose(f);
}

/* How much there is, and that each text is what its place says. */
static int sizes(int argc, char **argv) {
    FILE *f = fopen(OUT, "w");
    size_t bytes = 0, wrong = 0;
    for (int i = 1; i < argc; i++) {
        bytes += strlen(argv[i]);
        for (const char *c = argv[i]; *c; c++)
            wrong += *c != 'a' + i % 26;
    }
    fprintf(f, "  %d arguments, %zu bytes, %zu wrong\n", argc, bytes, wrong);
    return fclose(f);
}

/* Descriptors from 3 on, before there is another one. */
static int descriptors(int argc, char **argv) {
    int flags[DESCRIPTORS];
    long at[DESCRIPTORS];
    char here[100];
    (void)argc;
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        flags[fd] = fcntl(fd, F_GETFD);
        at[fd] = flags[fd] < 0 ? -1 : lseek(fd, 0, SEEK_CUR);
    }
    FILE *f = fopen(argv[1], "w");
    for (int fd = 3; fd < DESCRIPTORS; fd++)
        if (flags[fd] >= 0)
            fprintf(f, "  %d: flags %d, offset %ld\n", fd, flags[fd], at[fd]);
    fprintf(f, "  mask %o in %s\n", umask(0), getcwd(here, sizeof here));
    fprintf(f, "  entries through 7: %d\n", faccessat(7, "inner", F_OK, 0));
    return fclose(f);
}

static int itself(int argc, char **argv) {
    return argc > 1 && getpid() == atoi(argv[1]) && getppid() == atoi(argv[2]) ? 21 : 22;
}

/* Runs itself as often as it is told. */
static int again(int argc, char **argv) {
    char left[20];
    int n = argc > 1 ? atoi(argv[1]) : 0;
    if (!n)
        return 33;
    snprintf(left, sizeof left, "%d", n - 1);
    execve(SELF, (char *[]){"again", left, NULL}, environ);
    return errno;
}

/* What is held back, pending and ignored. */
static int signals(int argc, char **argv) {
    struct sigaction a;
    stack_t stack = {.ss_flags = 77};
    sigset_t blocked, pending;
    (void)argc;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    sigpending(&pending);
    sigaltstack(NULL, &stack);
    FILE *f = fopen(argv[1], "w");
    for (int s = 1; s < 65; s++) {
        if (s >= 32 && s <= 34)
            continue;
        sigaction(s, NULL, &a);
        if (sigismember(&blocked, s) || sigismember(&pending, s) || a.sa_handler != SIG_DFL)
            fprintf(f, "  %d: blocked %d, pending %d, ignored %d\n", s, sigismember(&blocked, s),
                    sigismember(&pending, s), a.sa_handler == SIG_IGN);
    }
    fprintf(f, "  other stack %d\n", stack.ss_flags);
    return fclose(f);
}

/* Until a signal ends it. */
static int waits(int argc, char **argv) {
    (void)argc, (void)argv;
    for (;;)
        pause();
    return 0;
}

int process_mode(int argc, char **argv, int *code) {
    static const struct mode {
        const char *name;
        int (*run)(int, char **);
    } modes[] = {{"arguments", arguments}, {"sizes", sizes}, {"descriptors", descriptors},
                 {"itself", itself},       {"again", again}, {"signals", signals},
                 {"waits", waits}};
    const char *wanted = getenv("POSIX_MODE");
    for (unsigned i = 0; wanted && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(wanted, modes[i].name) != 0)
            continue;
        *code = modes[i].run(argc, argv);
        return 1;
    }
    return 0;
}
