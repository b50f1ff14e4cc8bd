/* SPDX-License-Identifier: MIT */
/*
 * Characters as pixels, of any form that boot loaders tell of: 15 to 32 bits with red, green and
 * blue anywhere in them. The frame buffer is only written, never read, which is slow on real
 * machines.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/screen/cells.h"

#define PIXEL_BYTES_MOST 4u

struct frame {
    uint8_t *base;
    uint32_t pitch, width, height; /* bytes, pixels, pixels */
    uint32_t bytes;                /* of a pixel */
    struct channel {
        uint8_t shift, bits;
    } red, green, blue;
    uint32_t palette[256]; /* xterm's colours as pixels, by frame_start */
};

/* Checks what a boot loader said, `size` bytes being there, and makes the palette. */
bool frame_start(struct frame *f, size_t size);
/* Draws a cell at its place, which is on the screen. `cursor`: with ink and paper exchanged. */
void frame_draw(const struct frame *f, uint32_t row, uint32_t column, const struct cell *c,
                bool cursor);
/* Fills all of it with the colour of the paper, also what is beside and below the cells. */
void frame_clear(const struct frame *f);
