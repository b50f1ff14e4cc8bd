/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/password/users.c */
/* The input is a file of users. What is taken is written again as it was, and found by its name. */
#include <stdlib.h>
#include <string.h>

#include "lib/password/users.h"

static void must(bool right) {
    if (!right)
        __builtin_trap();
}

static void line_try(const char *line, size_t length) {
    char back[512];
    struct user u, found;
    if (!user_parse(line, length, &u))
        return;
    must(user_name_valid(u.name, strlen(u.name)) && u.home[0] == '/' && u.shell[0] == '/');
    must(u.cost.memory >= PASSWORD_MEMORY_LEAST && u.cost.memory <= PASSWORD_MEMORY_MOST);
    must(u.cost.passes && u.cost.passes <= PASSWORD_PASSES_MOST);
    must(user_format(&u, back, sizeof back) && strlen(back) == length + 1);
    must(!memcmp(back, line, length));
    must(users_find(line, length, u.name, &found) && !strcmp(found.shell, u.shell));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *file = (const char *)data, *end = file + size;
    struct user u;
    size_t wrong = users_check(file, size), lines = 1;
    for (const char *at = file; at < end; at++)
        lines += *at == '\n';
    must(wrong <= lines);
    (void)users_find(file, size, "wcuser", &u);
    for (const char *at = file; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        line_try(at, length);
        at += length + 1;
    }
    return 0;
}
