/* SPDX-License-Identifier: MIT */
/* What a case of a suite found. */
#include <stdio.h>
#include <string.h>

#include "tests/file/suite.h"

/* The first failure of the case. */
static char message[256], round_text[64];

static const char *name_of(unsigned code) {
    switch (code) {
#define ERR(name, number, sentence)                                                                \
    case number:                                                                                   \
        return #name;
#include "abi/err.def"
#undef ERR
    default:
        return "an unknown error";
    }
}

void suite_fail(const char *file, int line, const char *what) {
    const char *slash = strrchr(file, '/');
    if (!message[0])
        snprintf(message, sizeof message, "%s:%d: %s%s", slash ? slash + 1 : file, line, round_text,
                 what);
}

void suite_is(const char *file, int line, const char *what, err_t e, enum err_code due) {
    char text[160];
    if (err_is(e, due))
        return;
    snprintf(text, sizeof text, "%.100s: %s, not %s", what, name_of(e.code), name_of(due));
    suite_fail(file, line, text);
}

void suite_begin(void) {
    message[0] = round_text[0] = 0;
}

void suite_round_over(void) {
    round_text[0] = 0;
}

const char *suite_failure(void) {
    return message[0] ? message : NULL;
}

void suite_round(const char *what, unsigned long a, unsigned long b) {
    snprintf(round_text, sizeof round_text, "%s %lu, %lu: ", what, a, b);
}
