/* SPDX-License-Identifier: MIT */
/*
 * Text on the boot screen. When it is full it is cleared and begins with the last lines again:
 * reading a frame buffer back, as scrolling does, is slow on real machines.
 */
#include "screen.h"

#include "log.h"
#include "string.h"

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u
#define INK          0x00d8dee9u
#define PAPER_BYTE   0x14 /* of every colour: memset fills fast */
#define PAPER        (0x01010101u * PAPER_BYTE)
#define TEXT_INK     0x0700u /* light grey on black */

static uint8_t *screen; /* NULL: none */
static bool text;
static uint32_t pitch, columns, rows, column, row;
static bool replaying;

static void clear(void) {
    memset(screen, text ? 0 : PAPER_BYTE, (uint64_t)rows * (text ? 1 : GLYPH_HEIGHT) * pitch);
    row = column = 0;
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
    if (screen && !again)
        clear();
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
    clear();
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
