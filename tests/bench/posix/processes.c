/* SPDX-License-Identifier: MIT */
/* Children that end at once, and a program that ends at once. */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

#define TINY "/bin/tiny"

static void await(pid_t child) {
    int status;
    must(child > 0 && waitpid(child, &status, 0) == child && status == 0, "child");
}

static void fork_run(unsigned count) {
    while (count--) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        await(child);
    }
}

static void exec_run(unsigned count) {
    char *const arguments[] = {TINY, NULL}, *const environment[] = {NULL};
    while (count--) {
        pid_t child = fork();
        if (child == 0) {
            execve(TINY, arguments, environment);
            _exit(1);
        }
        await(child);
    }
}

static void spawn_run(unsigned count) {
    char *const arguments[] = {TINY, NULL}, *const environment[] = {NULL};
    while (count--) {
        pid_t child;
        must(!posix_spawn(&child, TINY, NULL, NULL, arguments, environment), "posix_spawn");
        await(child);
    }
}

#define PROCESSES .each = true, .singles = 201

/* clang-format off */
static const struct operation table[] = {
    {.name = "fork_exit_wait", .run = fork_run, PROCESSES},
    {.name = "fork_exec_wait", .run = exec_run, PROCESSES},
    {.name = "posix_spawn_wait", .run = spawn_run, PROCESSES},
};
/* clang-format on */
const struct operations process_operations = {table, sizeof table / sizeof *table};
