/* SPDX-License-Identifier: MIT */
/*
 * For programs without a C library: the four memory functions that the compiler may call by itself,
 * and the few string functions that lib/sys needs. Eight bytes at a time where it matters.
 */
#include "lib/sys/mem.h"

#include <stdint.h>

typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    char *t = to;
    const char *f = from;
    for (; n >= 8; n -= 8, t += 8, f += 8)
        *(word_t *)t = *(const word_t *)f;
    for (; n; n--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    if ((uintptr_t)t - (uintptr_t)f >= n)
        return memcpy(to, from, n);
    while (n--)
        t[n] = f[n];
    return to;
}

void *memset(void *to, int byte, size_t n) {
    char *t = to;
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ull;
    for (; n >= 8; n -= 8, t += 8)
        *(word_t *)t = pattern;
    for (; n; n--)
        *t++ = (char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const uint8_t *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s) {
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}
