/* SPDX-License-Identifier: MIT */
#include "services/auth/policy.h"

#include <string.h>

#include "abi/auth.h"
#include "lib/file/text.h"
#include "lib/password/users.h"

static const struct {
    const char *name;
    uint32_t what;
} authorities[] = {{"power", AUTH_POWER}, {"logs", AUTH_LOGS}};

#define AUTHORITIES (sizeof authorities / sizeof *authorities)

static bool word_is(struct text word, const char *other) {
    return word.length == strlen(other) && !memcmp(word.at, other, word.length);
}

/* The next word; empty: there is none. */
static struct text word_take(struct text *line) {
    while (line->length && *line->at == ' ') {
        line->at++;
        line->length--;
    }
    struct text word = {line->at, 0};
    while (word.length < line->length && word.at[word.length] != ' ')
        word.length++;
    line->at += word.length;
    line->length -= word.length;
    return word;
}

static uint32_t authority_find(struct text name) {
    for (size_t i = 0; i < AUTHORITIES; i++)
        if (word_is(name, authorities[i].name))
            return authorities[i].what;
    return 0;
}

struct rule {
    struct text user;
    enum policy_how how;
    uint32_t what;
};

static bool rule_parse(struct text line, struct rule *r) {
    r->user = word_take(&line);
    struct text how = word_take(&line), what;
    if (!user_name_valid(r->user.at, r->user.length) ||
        !(word_is(how, "login") || word_is(how, "sudo")))
        return false;
    r->how = word_is(how, "sudo") ? POLICY_SUDO : POLICY_LOGIN;
    r->what = 0;
    while ((what = word_take(&line)).length) {
        uint32_t one = authority_find(what);
        if (!one)
            return false;
        r->what |= one;
    }
    return r->what != 0;
}

/* The next line that means something; false: there is none. *number counts all. */
static bool line_take(struct text *file, struct text *line, size_t *number) {
    while (file->length) {
        const char *end = memchr(file->at, '\n', file->length);
        size_t length = end ? (size_t)(end - file->at) : file->length;
        *line = (struct text){file->at, length};
        ++*number;
        file->at += length + (end != NULL);
        file->length -= length + (end != NULL);
        if (length && *line->at != '#')
            return true;
    }
    return false;
}

size_t policy_check(const char *file, size_t size) {
    struct text left = {file, size}, line;
    struct rule r;
    size_t number = 0;
    while (line_take(&left, &line, &number))
        if (!rule_parse(line, &r))
            return number;
    return 0;
}

uint32_t policy_find(const char *file, size_t size, const char *user, enum policy_how how) {
    struct text left = {file, size}, line;
    struct rule r;
    size_t number = 0;
    uint32_t what = 0;
    while (line_take(&left, &line, &number))
        if (rule_parse(line, &r) && r.how == how && word_is(r.user, user))
            what |= r.what;
    return what;
}
