/* SPDX-License-Identifier: MIT */
/*
 * Formatted text. Letters: %s %c %d %i %u %x %p, with l, ll or z for 64 bits, a width, `0` and `-`.
 * Text goes where print_to says; at the start of a program that is the kernel's log.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

#include "abi/err.h"

/* Called with pieces of text in order. */
extern void (*print_to)(const char *text, size_t length);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_arguments(const char *format, va_list list) __attribute__((format(printf, 1, 0)));
/* At most size bytes with the final NUL; returns the length of the text that is there. */
size_t format_text(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_arguments(char *to, size_t size, const char *format, va_list list)
    __attribute__((format(printf, 3, 0)));

/* The name and the sentence of an error, from abi/err.def. */
const char *error_name(err_t e);
const char *error_text(err_t e);
