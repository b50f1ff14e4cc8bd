/* SPDX-License-Identifier: MIT */
/*
 * Text on the boot screen. When it is full it is cleared and begins with the last lines again:
 * reading a frame buffer back, as scrolling does, is slow on real machines.
 */
#include "screen.h"

#include "log.h"

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u
#define INK          0x00d8dee9u
#define PAPER        0x00101418u
#define TEXT_INK     0x0700u /* light grey on black */

static uint8_t *screen; /* NULL: none */
static bool text;
static uint32_t pitch, columns, rows, column, row;
static bool replaying;

static void clear_row(uint32_t r) {
    uint32_t height = text ? 1 : GLYPH_HEIGHT;
    for (uint32_t y = r * height; y < (r + 1) * height; y++)
        for (uint32_t x = 0; x < (text ? columns : columns * GLYPH_WIDTH); x++)
            if (text)
                ((volatile uint16_t *)(screen + y * pitch))[x] = TEXT_INK | ' ';
            else
                ((volatile uint32_t *)(screen + (uint64_t)y * pitch))[x] = PAPER;
}

void screen_init(void *base, const struct boot_framebuffer *f) {
    bool again = screen; /* the same screen, mapped anew */
    screen = base;
    text = !f;
    pitch = f ? f->pitch : 160;
    columns = f ? f->width / GLYPH_WIDTH : 80;
    rows = f ? f->height / GLYPH_HEIGHT : 25;
    if (!columns || !rows || (f && f->pitch / 4 < f->width))
        screen = NULL;
    for (uint32_t r = 0; screen && !again && r < rows; r++)
        clear_row(r);
}

static void draw(char c) {
    if (text) {
        ((volatile uint16_t *)(screen + row * pitch))[column] = TEXT_INK | (uint8_t)c;
        return;
    }
    const uint8_t *glyph = font_glyph(c);
    uint8_t *at = screen + (uint64_t)row * GLYPH_HEIGHT * pitch + column * GLYPH_WIDTH * 4;
    for (uint32_t y = 0; y < GLYPH_HEIGHT; y++, at += pitch)
        for (uint32_t x = 0; x < GLYPH_WIDTH; x++)
            ((volatile uint32_t *)at)[x] = glyph[y] << x & 0x80 ? INK : PAPER;
}

/* True: the screen began again, with everything that the log has. */
static bool next_row(void) {
    column = 0;
    if (++row < rows)
        return false;
    for (uint32_t r = 0; r < rows; r++)
        clear_row(r);
    row = 0;
    if (replaying)
        return false;
    replaying = true;
    log_replay(rows / 2);
    replaying = false;
    return true;
}

void screen_put(char c) {
    if (!screen)
        return;
    if (c == '\n') {
        next_row();
    } else if (column < columns || !next_row()) {
        draw(c);
        column++;
    }
}
