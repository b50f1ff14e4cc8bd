/* SPDX-License-Identifier: MIT */
#include "lib/password/users.h"

#include <stdio.h>
#include <string.h>

/* What is left of a line. */
struct rest {
    const char *at, *end;
};

static bool lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool user_name_valid(const char *name, size_t length) {
    if (!length || length >= USER_NAME || !lower(name[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!lower(name[i]) && !digit(name[i]) && name[i] != '-' && name[i] != '_')
            return false;
    return true;
}

/* The next field; false: there is none. The last one ends with the line. */
static bool field(struct rest *r, bool last, const char **at, size_t *length) {
    const char *colon = memchr(r->at, ':', (size_t)(r->end - r->at));
    if (!colon != last)
        return false;
    const char *end = last ? r->end : colon;
    *at = r->at;
    *length = (size_t)(end - r->at);
    r->at = last ? end : end + 1;
    return true;
}

static bool text_field(struct rest *r, bool last, char *to, size_t room) {
    const char *at;
    size_t length;
    if (!field(r, last, &at, &length) || length >= room)
        return false;
    memcpy(to, at, length);
    to[length] = 0;
    return true;
}

/* No sign, no zeros in front. */
static bool number_field(struct rest *r, uint32_t most, uint32_t *out) {
    const char *at;
    size_t length;
    uint64_t n = 0;
    if (!field(r, false, &at, &length) || !length || length > 9 || at[0] == '0')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!digit(at[i]))
            return false;
        n = n * 10 + (uint64_t)(at[i] - '0');
    }
    *out = (uint32_t)n;
    return n <= most;
}

static int nibble(char c) {
    if (digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool bytes_field(struct rest *r, uint8_t *to, size_t count) {
    const char *at;
    size_t length;
    if (!field(r, false, &at, &length) || length != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = nibble(at[2 * i]), low = nibble(at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* An absolute path of characters that can be seen. */
static bool path_field(struct rest *r, bool last, char to[USER_PATH]) {
    if (!text_field(r, last, to, USER_PATH) || to[0] != '/')
        return false;
    for (const char *c = to; *c; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return true;
}

bool user_parse(const char *line, size_t length, struct user *u) {
    struct rest r = {line, line + length};
    return !memchr(line, 0, length) && text_field(&r, false, u->name, sizeof u->name) &&
           user_name_valid(u->name, strlen(u->name)) &&
           number_field(&r, PASSWORD_MEMORY_MOST, &u->cost.memory) &&
           u->cost.memory >= PASSWORD_MEMORY_LEAST &&
           number_field(&r, PASSWORD_PASSES_MOST, &u->cost.passes) &&
           bytes_field(&r, u->salt, sizeof u->salt) && bytes_field(&r, u->hash, sizeof u->hash) &&
           path_field(&r, false, u->home) && path_field(&r, true, u->shell);
}

/* The next line of the file, without its end; false: there is none. */
static bool next_line(struct rest *file, const char **line, size_t *length) {
    if (file->at == file->end)
        return false;
    const char *end = memchr(file->at, '\n', (size_t)(file->end - file->at));
    *line = file->at;
    *length = (size_t)((end ? end : file->end) - file->at);
    file->at = end ? end + 1 : file->end;
    return true;
}

static bool means_nothing(const char *line, size_t length) {
    return !length || line[0] == '#';
}

size_t users_check(const char *file, size_t size) {
    struct rest r = {file, file + size};
    const char *line;
    size_t length;
    struct user u;
    for (size_t number = 1; next_line(&r, &line, &length); number++)
        if (!means_nothing(line, length) && !user_parse(line, length, &u))
            return number;
    return 0;
}

bool users_find(const char *file, size_t size, const char *name, struct user *u) {
    struct rest r = {file, file + size};
    const char *line;
    size_t length;
    while (next_line(&r, &line, &length))
        if (!means_nothing(line, length) && user_parse(line, length, u) && !strcmp(u->name, name))
            return true;
    return false;
}

static void bytes_format(char *to, const uint8_t *from, size_t count) {
    for (size_t i = 0; i < count; i++)
        snprintf(to + 2 * i, 3, "%02x", from[i]);
}

bool user_format(const struct user *u, char *to, size_t size) {
    char salt[2 * PASSWORD_SALT + 1], hash[2 * PASSWORD_HASH + 1];
    bytes_format(salt, u->salt, sizeof u->salt);
    bytes_format(hash, u->hash, sizeof u->hash);
    int n = snprintf(to, size, "%s:%u:%u:%s:%s:%s:%s\n", u->name, u->cost.memory, u->cost.passes,
                     salt, hash, u->home, u->shell);
    return n > 0 && (size_t)n < size;
}
