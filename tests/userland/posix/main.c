/* SPDX-License-Identifier: MIT */
/*
 * The operations of tests/posix through lib/posix, a namespace and the RAM disk: what they tell
 * must be what they told on Linux. One result for each group; a difference shows both lines. Exits
 * with the number of results.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"
#include "tests/userland/posix/memory.h"
#include "tests/userland/posix/union.h"

extern const char expected_begin[], expected_end[];

#define SHOWN 8u /* differences of one group */

static const char *next = expected_begin;
static unsigned differences, lines;

/* The next expected line, which may be the head of a group; empty at the end. */
static size_t expected_line(const char **line) {
    const char *end = memchr(next, '\n', (size_t)(expected_end - next));
    *line = next;
    return end ? (size_t)(end - next) : 0;
}

static bool is_head(const char *line, size_t length) {
    return !length || (length > 3 && !memcmp(line, "== ", 3));
}

/* A group that tells too much stays before the next one's head. */
void line_take(const char *line) {
    const char *wanted;
    size_t length = expected_line(&wanted);
    bool over = is_head(wanted, length);
    lines++;
    if (!over)
        next = wanted + length + 1;
    if (!over && strlen(line) == length && !memcmp(line, wanted, length))
        return;
    if (differences++ >= SHOWN)
        return;
    printf("# on Linux: %.*s\n# here:     %s\n", over ? 11 : (int)length,
           over ? "(no such line)" : wanted, line);
}

static void group_begin(const char *name) {
    const char *line;
    size_t length = expected_line(&line);
    differences = lines = 0;
    if (length != strlen(name) + 3 || memcmp(line + 3, name, length - 3) != 0)
        differences++;
    next = line + length + 1;
}

/* Lines that are missing count as differences. */
static void group_end(const char *name) {
    const char *line;
    size_t length;
    while (length = expected_line(&line), !is_head(line, length)) {
        next = line + length + 1;
        if (differences++ < SHOWN)
            printf("# on Linux: %.*s\n# here:     nothing\n", (int)length, line);
    }
    if (differences)
        printf("# %u of %u lines differ\n", differences, lines);
    printf("%s - posix.%s\n", differences || !lines ? "not ok" : "ok", name);
}

int main(int argc, char **argv) {
    int count = 0, code;
    if (process_mode(argc, argv, &code))
        return code;
    int devices = open("/dev", O_RDONLY | O_DIRECTORY);
    if (dup2(devices, DEVICES_DIRECTORY) < 0 || close(devices) || mkdir("posix", 0755) < 0 ||
        chdir("posix") < 0)
        return 0;
    for (; groups[count].name; count++) {
        group_begin(groups[count].name);
        group_run(&groups[count]);
        group_end(groups[count].name);
    }
    count += memory_run();
    return count + union_run();
}
