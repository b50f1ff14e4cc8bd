/* SPDX-License-Identifier: MIT */
#include "lib/audit/tell.h"

#include <stdio.h>
#include <time.h>

#include "lib/file/client.h"

#define SECOND 1000000000ull

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static struct text number_write(char to[24], uint64_t n) {
    return n ? (struct text){to, (size_t)snprintf(to, 24, "%llu", (unsigned long long)n)}
             : text_of("-");
}

err_t audit_tell(struct session_cap audit, struct audit_actor who, const char *user,
                 const char *what, struct text object, const char *outcome) {
    char text[AUDIT_TOLD_MOST], process[24], account[24];
    const struct audit_told told = {{
        [AUDIT_PROCESS] = number_write(process, who.process),
        [AUDIT_ACCOUNT] = number_write(account, who.account),
        [AUDIT_USER] = text_of(user),
        [AUDIT_WHAT] = text_of(what),
        [AUDIT_OBJECT] = object,
        [AUDIT_OUTCOME] = text_of(outcome),
    }};
    size_t length = audit_told_write(text, &told);
    if (audit.h == HANDLE_NONE || !length)
        return audit.h == HANDLE_NONE ? OK : ERROR(LIMIT);
    struct file_call c = {.op = FILE_WRITE,
                          .word = {FILE_CURRENT, length},
                          .data = {text, length},
                          .deadline = now() + SECOND};
    return file_call(audit, &c);
}
