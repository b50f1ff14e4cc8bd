/* SPDX-License-Identifier: MIT */
/* Options and numbers in text; see the header. */
#include "lib/sys/mem.h"

bool text_starts(const char *s, const char *prefix) {
    while (*prefix)
        if (*s++ != *prefix++)
            return false;
    return true;
}

const char *option_find(const char *options, const char *name) {
    const char *s = options;
    while (*s) {
        while (*s == ' ')
            s++;
        if (text_starts(s, name))
            return s + strlen(name);
        while (*s && *s != ' ')
            s++;
    }
    return NULL;
}

uint64_t number_parse(const char *s) {
    uint64_t value = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        value = value * 10 + (uint64_t)(*s - '0');
    return value;
}
