/* SPDX-License-Identifier: MIT */
#include "tests/expected/compare.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
void compare_line(const char *line) {
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

void compare_begin(const char *name) {
    const char *line;
    size_t length = expected_line(&line);
    differences = lines = 0;
    if (length != strlen(name) + 3 || memcmp(line + 3, name, length - 3) != 0)
        differences++;
    next = line + length + 1;
}

/* Lines that are missing count as differences. */
void compare_end(const char *suite, const char *name) {
    const char *line;
    size_t length;
    while (length = expected_line(&line), !is_head(line, length)) {
        next = line + length + 1;
        if (differences++ < SHOWN)
            printf("# on Linux: %.*s\n# here:     nothing\n", (int)length, line);
    }
    if (differences)
        printf("# %u of %u lines differ\n", differences, lines);
    printf("%s - %s.%s\n", differences || !lines ? "not ok" : "ok", suite, name);
}
