/* SPDX-License-Identifier: MIT */
#include "drivers/screen/paint.h"

#include <string.h>

#include "drivers/screen/glyphs.h"

#define BRIGHT    8u
#define CUBE      16u
#define GREYS     232u
#define UNDERLINE 13u /* row of a cell */

/* ---- colours ---- */

/* Linux' console has these (drivers/tty/vt/vt.c, default_red and others); 0xRRGGBB. */
static const uint32_t basic[16] = {
    0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
    0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

static uint32_t step(uint32_t n) {
    return n ? 55 + 40 * n : 0;
}

/* xterm, ctlseqs: 16 to 231 are a cube of six steps, the rest are greys. */
static uint32_t colour_of(uint32_t index) {
    if (index < CUBE)
        return basic[index];
    if (index >= GREYS)
        return (8 + 10 * (index - GREYS)) * 0x010101u;
    index -= CUBE;
    return step(index / 36) << 16 | step(index / 6 % 6) << 8 | step(index % 6);
}

static uint32_t part(struct channel c, uint32_t value) {
    return value >> (8 - c.bits) << c.shift;
}

static uint32_t pixel_of(const struct frame *f, uint32_t colour) {
    return part(f->red, colour >> 16 & 0xff) | part(f->green, colour >> 8 & 0xff) |
           part(f->blue, colour & 0xff);
}

static bool channel_fits(const struct frame *f, struct channel c) {
    return c.bits && c.bits <= 8 && c.shift + c.bits <= 8u * f->bytes;
}

bool frame_start(struct frame *f, size_t size) {
    if (f->bytes < 2 || f->bytes > PIXEL_BYTES_MOST || !f->width || !f->height ||
        f->width > f->pitch / f->bytes || (uint64_t)f->pitch * f->height > size)
        return false;
    if (!channel_fits(f, f->red) || !channel_fits(f, f->green) || !channel_fits(f, f->blue))
        return false;
    for (uint32_t i = 0; i < 256; i++)
        f->palette[i] = pixel_of(f, colour_of(i));
    return true;
}

/* ---- pixels ---- */

/* A row of a cell; the processor is little-endian, as the pixels are. */
static void draw_row(uint8_t *to, unsigned bytes, uint8_t bits, uint32_t ink, uint32_t paper) {
    uint8_t row[GLYPH_WIDTH * PIXEL_BYTES_MOST];
    for (unsigned x = 0; x < GLYPH_WIDTH; x++) {
        uint32_t pixel = bits << x & 0x80 ? ink : paper;
        memcpy(row + x * bytes, &pixel, bytes);
    }
    memcpy(to, row, GLYPH_WIDTH * bytes);
}

/* The usual case, eight times as fast. */
static void draw_row_of_words(uint8_t *to, uint8_t bits, uint32_t ink, uint32_t paper) {
    volatile uint32_t *pixel = (volatile uint32_t *)(void *)to;
    for (unsigned x = 0; x < GLYPH_WIDTH; x++)
        pixel[x] = bits << x & 0x80 ? ink : paper;
}

struct look {
    uint32_t ink, paper;
};

/* Bold characters of the eight dark colours are bright as well, as on Linux. */
static struct look look_of(const struct frame *f, const struct cell *c, bool cursor) {
    uint32_t ink = c->ink, paper = c->paper;
    if (c->style & STYLE_BOLD && ink < BRIGHT)
        ink += BRIGHT;
    if (c->style & STYLE_DIM && ink < BRIGHT)
        ink = BRIGHT;
    bool swapped = !(c->style & STYLE_REVERSE) == cursor;
    struct look l = {f->palette[swapped ? paper : ink], f->palette[swapped ? ink : paper]};
    if (c->style & STYLE_HIDDEN)
        l.ink = l.paper;
    return l;
}

void frame_draw(const struct frame *f, uint32_t row, uint32_t column, const struct cell *c,
                bool cursor) {
    const uint8_t *glyph = glyph_find(c->character ? c->character : ' ', c->style & STYLE_BOLD);
    const struct look l = look_of(f, c, cursor);
    uint8_t *at = f->base + (uint64_t)row * GLYPH_HEIGHT * f->pitch +
                  (uint64_t)column * GLYPH_WIDTH * f->bytes;
    for (unsigned y = 0; y < GLYPH_HEIGHT; y++, at += f->pitch) {
        uint8_t bits = y == UNDERLINE && c->style & STYLE_UNDERLINE ? 0xff : glyph[y];
        if (f->bytes == sizeof(uint32_t))
            draw_row_of_words(at, bits, l.ink, l.paper);
        else
            draw_row(at, f->bytes, bits, l.ink, l.paper);
    }
}

void frame_clear(const struct frame *f) {
    for (uint32_t y = 0; y < f->height; y++)
        for (uint32_t x = 0; x < f->width; x++)
            memcpy(f->base + (uint64_t)y * f->pitch + x * f->bytes, &f->palette[COLOUR_PAPER],
                   f->bytes);
}
