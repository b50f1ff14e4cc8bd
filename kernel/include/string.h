/* SPDX-License-Identifier: MIT */
/* Memory and strings, as C defines them. The copying ones are the port's (memory.S). */
#pragma once
#include "types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
/* Copies at most size - 1 bytes of a text of at most `length` bytes, and ends it with NUL. */
void text_copy(char *to, size_t size, const char *from, size_t length);
