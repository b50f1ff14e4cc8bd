/* SPDX-License-Identifier: MIT */
#include "services/auth/people.h"

#include <stdio.h>
#include <string.h>

#include "lib/file/client.h"
#include "lib/sys/print.h"

#define SECOND      1000000000ull
#define LINES_MAX   128u /* that users can be in */
#define FREE        3u   /* failures in a row that cost no time */
#define DELAY_SHIFT 5u   /* at most 2 to the power of this, seconds */

static char users[USERS_BYTES + 1], policy[POLICY_BYTES + 1];
static size_t users_size, policy_size;

/* What is known of tries, by line. */
static struct tries {
    uint32_t failures; /* in a row */
    uint64_t after;    /* when the next may be, nanoseconds */
} tries[LINES_MAX];

static err_t read_all(struct session_cap file, char *to, size_t size, size_t *length) {
    size_t done = 1;
    err_t e = OK;
    *length = 0;
    while (err_ok(e) && done && *length < size) {
        e = file_read(file, *length, to + *length, size - *length, &done);
        *length += err_ok(e) ? done : 0;
    }
    return err_ok(e) && *length == size ? ERROR(FILE_TOO_BIG) : e;
}

/* A file that is not there is empty. */
static size_t file_get(struct session_cap root, const char *path, char *to, size_t size) {
    const struct file_name n = {.path = text_of(path), .flags = FILE_FOR_READ};
    struct session_cap file;
    size_t length = 0;
    err_t e = file_open(root, &n, &file, NULL);
    if (err_is(e, ERR_NOT_FOUND))
        return 0;
    if (err_ok(e)) {
        e = read_all(file, to, size, &length);
        file_drop(file);
    }
    if (err_ok(e))
        return length;
    fprintf(stderr, "auth: /%s: %s\n", path, error_text(e));
    return 0;
}

static size_t checked(const char *path, size_t wrong, size_t size) {
    if (!wrong)
        return size;
    fprintf(stderr, "auth: /%s: line %zu is wrong, so none counts\n", path, wrong);
    return 0;
}

void people_start(struct session_cap root) {
    users_size = file_get(root, "etc/users", users, sizeof users);
    users_size = checked("etc/users", users_check(users, users_size), users_size);
    policy_size = file_get(root, "etc/authority", policy, sizeof policy);
    policy_size = checked("etc/authority", policy_check(policy, policy_size), policy_size);
}

/* The text of a line, from 1. */
static struct text line_of(uint32_t number) {
    const char *at = users, *end = users + users_size;
    for (uint32_t i = 1; at < end; i++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        if (i == number)
            return (struct text){at, length};
        at += length + 1;
    }
    return (struct text){NULL, 0};
}

bool people_get(uint32_t line, struct user *u) {
    struct text text = line < LINES_MAX ? line_of(line) : (struct text){NULL, 0};
    return text.length && text.at[0] != '#' && user_parse(text.at, text.length, u);
}

uint32_t people_find(const char *name) {
    struct user u;
    for (uint32_t line = 1; line < LINES_MAX; line++)
        if (people_get(line, &u) && !strcmp(u.name, name))
            return line;
    return 0;
}

uint32_t people_grants(const struct user *u, enum policy_how how) {
    return policy_find(policy, policy_size, u->name, how);
}

static void failed(struct tries *t, uint64_t now) {
    if (++t->failures < FREE)
        return;
    unsigned shift = t->failures - FREE;
    t->after = now + (SECOND << (shift < DELAY_SHIFT ? shift : DELAY_SHIFT));
}

enum people_verdict people_check(uint32_t line, const struct user *u, const char *password,
                                 size_t length, uint64_t now, uint64_t *seconds) {
    struct tries *t = &tries[line < LINES_MAX ? line : 0];
    uint8_t hash[PASSWORD_HASH] = {0};
    if (now < t->after) {
        *seconds = (t->after - now + SECOND - 1) / SECOND;
        return PEOPLE_LATER;
    }
    bool hashed = password_hash(&u->cost, u->salt, password, length, hash);
    bool same = hashed && password_same(hash, u->hash);
    explicit_bzero(hash, sizeof hash);
    if (!hashed && length <= PASSWORD_MOST)
        return PEOPLE_NO_MEMORY;
    if (same)
        *t = (struct tries){0};
    else
        failed(t, now);
    return same ? PEOPLE_RIGHT : PEOPLE_WRONG;
}
