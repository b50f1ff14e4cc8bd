/* SPDX-License-Identifier: MIT */
/* Texts in fields of fixed size. */
#include "string.h"

void text_copy(char *to, size_t size, const char *from, size_t length) {
    size_t n = 0;
    while (n + 1 < size && n < length && from[n]) {
        to[n] = from[n];
        n++;
    }
    to[n] = 0;
}
