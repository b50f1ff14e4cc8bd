/* SPDX-License-Identifier: MIT */
#include "drivers/keyboard/layout.h"

#include <string.h>

#define NONE       '_'
#define UNDERSCORE 0x2581u /* ▁ */

/* ---- text that was compiled in ---- */

uint32_t layout_next(const char **text) {
    uint8_t first = (uint8_t) * *text;
    unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t c = more ? first & (0x3fu >> more) : first;
    for (++*text; more; more--, ++*text)
        c = c << 6 | ((uint8_t) * *text & 0x3f);
    return c;
}

/* The place of a character in a text, counted in characters; -1: it is not there. */
static int place_in(const char *text, uint32_t character) {
    for (int at = 0; *text; at++)
        if (layout_next(&text) == character)
            return at;
    return -1;
}

/* 0: the text is shorter. */
static uint32_t character_at(const char *text, unsigned place) {
    while (*text) {
        uint32_t c = layout_next(&text);
        if (!place--)
            return c;
    }
    return 0;
}

/* ---- layouts ---- */

const struct layout *layout_find(const char *name, size_t length) {
    for (size_t i = 0; i < layout_count; i++)
        if (strlen(layouts[i].name) == length && !memcmp(layouts[i].name, name, length))
            return &layouts[i];
    return NULL;
}

/* The last row that begins at or before the key is the one that has it. */
static uint32_t character_of(const struct layout *l, uint16_t key, enum level level) {
    const struct layout_row *found = NULL;
    for (const struct layout_row *r = l->rows; r < l->rows + 6 && r->first; r++)
        if (r->first <= key)
            found = r;
    if (!found || !found->level[level])
        return 0;
    uint32_t c = character_at(found->level[level], key - found->first);
    return c == NONE ? 0 : c == UNDERSCORE ? NONE : c;
}

uint32_t layout_character(const struct layout *l, uint16_t key, enum level level, bool *dead) {
    uint32_t c = character_of(l, key, level);
    *dead = c && level < LEVEL_ALT_GR && place_in(l->dead, c) >= 0;
    return c;
}

/* ---- letters ---- */

uint32_t layout_compose(uint32_t accent, uint32_t character) {
    static const struct {
        const char *accent, *from, *to;
    } table[] = {
        {"´", "aceilnorsuyzACEILNORSUYZ ", "áćéíĺńóŕśúýźÁĆÉÍĹŃÓŔŚÚÝŹ´"},
        {"`", "aeinouAEINOU ", "àèìǹòùÀÈÌǸÒÙ`"},
        {"^", "aceghijosuwyACEGHIJOSUWY ", "âĉêĝĥîĵôŝûŵŷÂĈÊĜĤÎĴÔŜÛŴŶ^"},
        {"¨", "aeiouyAEIOUY ", "äëïöüÿÄËÏÖÜŸ¨"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *text = table[i].accent;
        int place = layout_next(&text) == accent ? place_in(table[i].from, character) : -1;
        if (place >= 0)
            return character_at(table[i].to, (unsigned)place);
    }
    return 0;
}

uint32_t layout_other_case(uint32_t c) {
    static const char *const small = "àáâäåæçèéêëìíîïñòóôöøùúûüý";
    static const char *const capital = "ÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝ";
    int place;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return c ^ 0x20;
    if ((place = place_in(small, c)) >= 0)
        return character_at(capital, (unsigned)place);
    return (place = place_in(capital, c)) >= 0 ? character_at(small, (unsigned)place) : c;
}
