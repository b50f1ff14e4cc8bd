/* SPDX-License-Identifier: MIT */
/*
 * What lib/posix uses of the C library and lib/freestanding does not have: musl is not linked here,
 * since it may use the extended state, which is the program's.
 */
#include <string.h>

#include <stdint.h>

size_t strnlen(const char *s, size_t most) {
    size_t n = 0;
    while (n < most && s[n])
        n++;
    return n;
}

void *memchr(const void *s, int byte, size_t n) {
    for (const uint8_t *at = s; n; n--, at++)
        if (*at == (uint8_t)byte)
            return (void *)at;
    return NULL;
}

char *strrchr(const char *s, int c) {
    const char *found = NULL;
    do
        if (*s == (char)c)
            found = s;
    while (*s++);
    return (char *)found;
}
