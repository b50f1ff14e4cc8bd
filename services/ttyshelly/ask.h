/* SPDX-License-Identifier: MIT */
/* Lines that a person types at the terminal, descriptors 0 and 1. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum answer {
    ANSWER_LINE,
    ANSWER_AGAIN, /* ^C, ^D, or a line that does not fit: nothing was said */
    ANSWER_LATE,  /* the time is over */
    ANSWER_ENDED, /* the terminal is */
};

#define ASK_FOREVER 0

/* Shows a prompt and waits for a line until a time of the monotonic clock, nanoseconds, or
 * ASK_FOREVER. Its end is cut off. Of what does not fit or is thrown away nothing is left in
 * memory. `hidden`: it is not shown, and what was typed before, which was, is forgotten. */
enum answer ask(const char *prompt, bool hidden, uint64_t until, char *to, size_t size);
/* Nanoseconds of the monotonic clock. */
uint64_t ask_now(void);
/* Writes text, all of it or as much as the terminal takes. */
void say(const char *text);
