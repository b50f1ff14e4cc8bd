/* SPDX-License-Identifier: MIT */
/* The kernel log on the screen: text cells, or pixels of 32 bits with the kernel's own font. */
#pragma once
#include "abi/boot.h"
#include "types.h"

/* `base`: where the screen is mapped; NULL: none. pixels NULL: 80 x 25 VGA text cells. */
void screen_init(void *base, const struct boot_framebuffer *pixels);
void screen_put(char c);

/* One row of a character's 8 x 16 cell a byte, the top row first, the leftmost pixel highest. */
const uint8_t *font_glyph(char c);
