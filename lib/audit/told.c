/* SPDX-License-Identifier: MIT */
#include "lib/audit/told.h"

#include <stdio.h>
#include <string.h>

static const char *const names[AUDIT_SOURCES] = {
    [AUDIT_SELF] = "audit",    [AUDIT_INIT] = "init",     [AUDIT_AUTH] = "auth",
    [AUDIT_BOOTFS] = "bootfs", [AUDIT_PROCFS] = "procfs",
};

const char *audit_source_name(unsigned source) {
    return source && source < AUDIT_SOURCES ? names[source] : "-";
}

unsigned audit_source_find(struct text name) {
    for (unsigned i = 1; i < AUDIT_SOURCES; i++)
        if (strlen(names[i]) == name.length && !memcmp(names[i], name.at, name.length))
            return i;
    return 0;
}

static bool visible(char c) {
    return c > ' ' && c < 0x7f;
}

struct text audit_word_take(struct text *from) {
    struct text word = {from->at, 0};
    while (word.length < from->length && word.at[word.length] != ' ')
        word.length++;
    size_t used = word.length + (word.length < from->length);
    from->at += used;
    from->length -= used;
    return word;
}

bool audit_word_valid(struct text word) {
    for (size_t i = 0; i < word.length; i++)
        if (!visible(word.at[i]))
            return false;
    return word.length && word.length <= AUDIT_WORD_MOST;
}

void audit_word_write(char to[AUDIT_WORD_MOST + 1], struct text from) {
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < from.length && n + 3 <= AUDIT_WORD_MOST; i++) {
        unsigned char c = (unsigned char)from.at[i];
        bool plain = visible((char)c) && c != '%';
        to[n++] = plain ? (char)c : '%';
        if (plain)
            continue;
        to[n++] = digit[c >> 4];
        to[n++] = digit[c & 15];
    }
    if (!n)
        to[n++] = '-';
    to[n] = 0;
}

bool audit_told_parse(struct text told, struct audit_told *out) {
    for (unsigned i = 0; i < AUDIT_WORDS; i++) {
        bool last = i == AUDIT_WORDS - 1;
        out->word[i] = audit_word_take(&told);
        const char *end = out->word[i].at + out->word[i].length;
        if (!audit_word_valid(out->word[i]) || (last ? told.at != end : told.at != end + 1))
            return false;
    }
    return !told.length;
}

size_t audit_told_write(char to[AUDIT_TOLD_MOST], const struct audit_told *told) {
    char word[AUDIT_WORD_MOST + 1];
    size_t n = 0;
    for (unsigned i = 0; i < AUDIT_WORDS; i++) {
        audit_word_write(word, told->word[i]);
        int add = snprintf(to + n, AUDIT_TOLD_MOST - n, "%s%s", i ? " " : "", word);
        if (add < 0 || (size_t)add >= AUDIT_TOLD_MOST - n)
            return 0;
        n += (size_t)add;
    }
    return n;
}
