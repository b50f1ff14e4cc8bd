/* SPDX-License-Identifier: MIT */
/* The font: made at build time by tools/glyphs. Cells are 8 x 16 pixels. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u

/* 16 rows, the top one first, the leftmost pixel highest. What the font has not is U+FFFD. */
const uint8_t *glyph_find(uint32_t character, bool bold);
