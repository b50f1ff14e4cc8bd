/* SPDX-License-Identifier: MIT */
/* What the process is called, for whoever looks at processes. */
#include "lib/posix/title.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/posix/process.h"
#include "lib/posix/state.h"
#include "lib/sys/program.h"

static char title[PROC_NAME_SIZE];

/* The last part of a path. */
static void title_derive(const char *path) {
    const char *end = strrchr(path, '/');
    path = end ? end + 1 : path;
    memset(title, 0, sizeof title);
    memcpy(title, path, strnlen(path, sizeof title - 1));
}

const char *title_now(void) {
    return title;
}

static void tell(const char *path, const char *arguments, size_t length) {
    title_derive(path);
    proc_command(title, arguments, length < PROC_COMMAND_MAX ? length : PROC_COMMAND_MAX);
}

void title_from_page(void) {
    size_t length = 0;
    if (!start_page)
        return;
    for (uint32_t i = 0; i < start_page->argument_count && length < START_ARGUMENTS; i++)
        length += strnlen(start_page->arguments + length, START_ARGUMENTS - 1 - length) + 1;
    if (length)
        tell(start_page->arguments, start_page->arguments, length);
}

/* The path that was executed, behind the environment: of a script, its own. */
static const char *path_executed(const uint64_t *vector) {
    const uint64_t *at = vector + 1 + vector[0] + 1;
    while (*at++)
        ;
    while (at[0] != AT_NULL && at[0] != AT_EXECFN)
        at += 2;
    return at[0] == AT_EXECFN ? (const char *)at[1] : "";
}

/* Their texts are behind each other, as lib/posix/arguments.c writes them. */
void title_from_vector(const uint64_t *vector) {
    const char *first = (const char *)vector[1];
    const char *last = (const char *)vector[vector[0]];
    size_t length = vector[0] ? (size_t)(last - first) + strlen(last) + 1 : 0;
    tell(path_executed(vector), first, length);
}

/* The name of the calling thread is that of the process here. */
long call_prctl(const long *a) {
    if (a[0] == PR_GET_NAME) {
        if (!user_writable((uint64_t)a[1], sizeof title))
            return -EFAULT;
        memcpy((void *)a[1], title, sizeof title);
        return 0;
    }
    if (a[0] != PR_SET_NAME)
        return -EINVAL;
    size_t length;
    if (!user_text((uint64_t)a[1], sizeof title - 1, &length))
        return -EFAULT;
    char name[sizeof title] = {0};
    memcpy(name, (const char *)a[1], length);
    memcpy(title, name, sizeof title);
    proc_name(name);
    return 0;
}
