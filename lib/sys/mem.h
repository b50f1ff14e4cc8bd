/* SPDX-License-Identifier: MIT */
/*
 * Memory and text: the functions of the C library that lib/sys uses, which are musl's or those of
 * lib/freestanding, and a few of our own.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
bool text_starts(const char *s, const char *prefix);

/* Where the value of an option `name` (with its `=`) begins in a blank-separated list, or NULL. */
const char *option_find(const char *options, const char *name);
/* The decimal number that a text starts with; 0 if none. */
uint64_t number_parse(const char *s);
