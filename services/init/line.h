/* SPDX-License-Identifier: MIT */
/*
 * The console shared by the person who types a line and the threads that print: what is printed
 * while a line is typed stands above it.
 */
#pragma once
#include <stddef.h>

/* For print_to: text, whole. */
void line_print(const char *text, size_t length);
/* Reads a line with echo, which knows backspace; what does not fit is not taken. One thread. */
void line_read(const char *prompt, char *line, size_t size);
