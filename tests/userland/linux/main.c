/* SPDX-License-Identifier: MIT */
/*
 * The operations of tests/posix as a program of Linux: the very file that told them on the machine
 * that built (tests/posix/host) is started here by exec, and must tell the same. Exits with the
 * number of results.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/expected/compare.h"

#define PROGRAM "/self"
#define TOLD    "/told"
#define PLACE   "/posix" /* where it works, which it leaves empty */
#define SUITE   "linux"

/* The program's output goes to a file: it has the descriptors for itself. */
static int record_run(void) {
    int status = -1;
    pid_t child = fork();
    if (!child) {
        if (!freopen(TOLD, "w", stdout))
            _exit(126);
        execve(PROGRAM, (char *[]){PROGRAM, NULL}, (char *[]){"POSIX_IN_PLACE=1", NULL});
        _exit(127);
    }
    return child < 0 || waitpid(child, &status, 0) != child ? -1 : status;
}

/* What it told, line by line; how many groups there were. */
static int told_compare(FILE *told) {
    char *line = NULL, *group = NULL;
    size_t room = 0;
    ssize_t length;
    int count = 0;
    while ((length = getline(&line, &room, told)) > 0) {
        line[length - 1] = 0;
        if (strncmp(line, "== ", 3) != 0) {
            compare_line(line);
            continue;
        }
        if (group)
            compare_end(SUITE, group);
        free(group);
        group = strdup(line + 3);
        compare_begin(group);
        count++;
    }
    if (group)
        compare_end(SUITE, group);
    free(group);
    free(line);
    return count;
}

int main(void) {
    int status = record_run();
    FILE *told = fopen(TOLD, "r");
    int count = told ? told_compare(told) : 0;
    if (told)
        fclose(told);
    if (unlink(TOLD) || rmdir(PLACE))
        count = 0;
    printf("%s - linux.record: ended with status %x after %d groups\n",
           status || !count ? "not ok" : "ok", (unsigned)status, count);
    return count + 1;
}
