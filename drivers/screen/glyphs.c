/* SPDX-License-Identifier: MIT */
#include "drivers/screen/glyphs.h"

#define MISSING 0xfffdu

/* font.S: how many, their numbers in order, and the rows of the normal ones and of the bold. */
extern const uint32_t font[];

/* Its place; how many there are, if it is not there. */
static uint32_t place_of(uint32_t character) {
    uint32_t low = 0, high = font[0];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (font[1 + middle] < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low < font[0] && font[1 + low] == character ? low : font[0];
}

const uint8_t *glyph_find(uint32_t character, bool bold) {
    const uint8_t *rows = (const uint8_t *)(font + 1 + font[0]);
    uint32_t at = place_of(character);
    if (at == font[0])
        at = place_of(MISSING);
    if (at == font[0])
        at = 0;
    return rows + (bold ? font[0] + at : at) * (uint64_t)GLYPH_HEIGHT;
}
