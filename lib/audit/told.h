/* SPDX-License-Identifier: MIT */
/*
 * What a source tells `audit` (abi/audit.h). Words are visible characters; others, and `%`, are
 * written as `%` and two digits, so that nothing that is told can look like something else.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "abi/audit.h"
#include "lib/file/text.h"

#define AUDIT_WORD_MOST 96u  /* bytes of a word; of longer ones the rest is cut off */
#define AUDIT_TOLD_MOST 400u /* of all six, with a NUL */

enum audit_word {
    AUDIT_PROCESS,
    AUDIT_ACCOUNT,
    AUDIT_USER,
    AUDIT_WHAT,
    AUDIT_OBJECT,
    AUDIT_OUTCOME,
    AUDIT_WORDS,
};

struct audit_told {
    struct text word[AUDIT_WORDS];
};

/* The name of a source, and the other way round: 0, there is none. */
const char *audit_source_name(unsigned source);
unsigned audit_source_find(struct text name);
/* Takes the next word, up to a blank, which is taken too, or the end. Empty: there is none. */
struct text audit_word_take(struct text *from);
/* Whether it is as audit_word writes one. */
bool audit_word_valid(struct text word);
/* Writes a word of any bytes, NUL behind it; `-` for none. */
void audit_word_write(char to[AUDIT_WORD_MOST + 1], struct text from);
/* Takes apart what a source sent. False: these are not six words. */
bool audit_told_parse(struct text told, struct audit_told *out);
/* Writes six words of any bytes, NUL behind them; how many bytes without it, 0: they do not fit. */
size_t audit_told_write(char to[AUDIT_TOLD_MOST], const struct audit_told *told);
