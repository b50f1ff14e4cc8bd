/* SPDX-License-Identifier: MIT */
/*
 * Foreign bytes with bounds. The boot parsers are pure functions over these: they build on the
 * host, touch nothing outside, and return NULL or, for the person who must read it, what is wrong.
 */
#pragma once
#include "string.h"
#include "types.h"

struct bytes {
    const uint8_t *start;
    uint64_t length;
};

/* [offset, offset + n), or NULL if that is not inside. */
static inline const uint8_t *bytes_at(struct bytes b, uint64_t offset, uint64_t n) {
    return offset <= b.length && n <= b.length - offset ? b.start + offset : NULL;
}
/* Copies them, as fields may stand unaligned. */
static inline bool bytes_get(struct bytes b, uint64_t offset, void *to, size_t n) {
    const uint8_t *from = bytes_at(b, offset, n);
    if (from)
        memcpy(to, from, n);
    return from;
}
/* The text at `offset`, up to its NUL or the end of the bytes. */
static inline void bytes_text(struct bytes b, uint64_t offset, char *to, size_t size) {
    if (offset < b.length)
        text_copy(to, size, (const char *)b.start + offset, b.length - offset);
    else
        to[0] = 0;
}
