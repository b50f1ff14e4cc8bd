/* SPDX-License-Identifier: MIT */
#pragma once
#include <stddef.h>
#include <string.h>

/* A piece of text that is not NUL-terminated. */
struct text {
    const char *at;
    size_t length;
};

static inline struct text text_of(const char *s) {
    return (struct text){s, strlen(s)};
}
