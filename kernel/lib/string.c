/* SPDX-License-Identifier: MIT */
/*
 * The string functions that are not worth assembly. GCC must not turn their loops into calls of
 * themselves, hence the attribute.
 */
#include "string.h"

#define PLAIN_LOOP __attribute__((optimize("no-tree-loop-distribute-patterns")))

PLAIN_LOOP int memcmp(const void *a, const void *b, size_t n) {
    const uint8_t *p = a, *q = b;
    for (size_t i = 0; i < n; i++)
        if (p[i] != q[i])
            return p[i] - q[i];
    return 0;
}

PLAIN_LOOP size_t strlen(const char *s) {
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

PLAIN_LOOP int strcmp(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}
