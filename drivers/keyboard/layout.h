/* SPDX-License-Identifier: MIT */
/* What keys type, by the country whose keyboard it is; the tables are in layouts.c. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum level { LEVEL_PLAIN, LEVEL_SHIFT, LEVEL_ALT_GR, LEVEL_ALT_GR_SHIFT, LEVELS };

/* Rows of keys as they lie, each with a character (UTF-8) for each key; `_' where there is none,
 * `▁' for the underscore. */
struct layout {
    const char *name;
    struct layout_row {
        uint16_t first; /* key of the first character */
        const char *level[LEVELS];
    } rows[6];
    const char *dead; /* characters that, without AltGr, wait for the next one */
};

extern const struct layout layouts[];
extern const size_t layout_count;

/* NULL: there is none of this name. */
const struct layout *layout_find(const char *name, size_t length);
/* The character of a key; 0: none. *dead: it waits for the next. */
uint32_t layout_character(const struct layout *l, uint16_t key, enum level level, bool *dead);
/* What an accent makes of a character; 0: nothing. */
uint32_t layout_compose(uint32_t accent, uint32_t character);
/* A letter's other case, in the alphabets of the layouts; others stay. */
uint32_t layout_other_case(uint32_t character);
/* The character at the begin of text that was compiled in, and how many bytes it has. */
uint32_t layout_next(const char **text);
