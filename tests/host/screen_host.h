/* SPDX-License-Identifier: MIT */
/*
 * A terminal and a frame buffer in the program that tests them. The font has few characters: those
 * of ASCII look each in its own way, and all others are the box of U+FFFD.
 */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "drivers/screen/view.h"

#define MEMORY     (1u << 20)
#define FONT_COUNT 96u

uint32_t font[1 + FONT_COUNT + 2 * FONT_COUNT * 4];

static inline void font_make(void) {
    uint8_t *rows = (uint8_t *)(font + 1 + FONT_COUNT);
    font[0] = FONT_COUNT;
    for (uint32_t i = 0; i < FONT_COUNT; i++)
        font[1 + i] = i == FONT_COUNT - 1 ? 0xfffd : ' ' + i;
    for (uint32_t i = 0; i < 2 * FONT_COUNT; i++)
        for (uint32_t y = 0; y < 16; y++)
            rows[16 * i + y] = (uint8_t)(i % FONT_COUNT ? i * 37 + y * 101 + 1 : 0);
}

struct glass {
    struct vt *vt;
    struct frame frame;
    struct view view;
    struct cell *drawn;
    size_t bytes;
};

struct form {
    uint32_t bytes;
    struct channel red, green, blue;
};

/* 15, 16, 24 and 32 bits. */
static const struct form forms[] = {{2, {10, 5}, {5, 5}, {0, 5}},
                                    {2, {11, 5}, {5, 6}, {0, 5}},
                                    {3, {16, 8}, {8, 8}, {0, 8}},
                                    {4, {16, 8}, {8, 8}, {0, 8}}};

static inline void glass_frame(struct glass *g, unsigned form) {
    uint32_t width = g->vt->cells.columns * 8 + 5, height = g->vt->cells.rows * 16 + 3;
    g->frame = (struct frame){.pitch = (width + 3) * forms[form].bytes,
                              .width = width,
                              .height = height,
                              .bytes = forms[form].bytes,
                              .red = forms[form].red,
                              .green = forms[form].green,
                              .blue = forms[form].blue};
    g->bytes = (size_t)g->frame.pitch * height;
    g->frame.base = calloc(1, g->bytes);
    if (!frame_start(&g->frame, g->bytes))
        abort();
}

static inline void glass_start(struct glass *g, uint32_t columns, uint32_t rows, unsigned form) {
    font_make();
    g->vt = calloc(1, MEMORY);
    if (!vt_start(g->vt, MEMORY, columns, rows))
        abort();
    glass_frame(g, form);
    g->drawn = calloc((size_t)columns * rows, sizeof *g->drawn);
    view_start(&g->view, &g->frame, g->vt, g->drawn);
}

static inline void glass_end(struct glass *g) {
    free(g->vt);
    free(g->frame.base);
    free(g->drawn);
}

/* What is drawn bit by bit is what would be drawn at once. */
static inline bool glass_right(struct glass *g) {
    struct frame frame = g->frame;
    struct view view;
    struct cell *drawn = calloc((size_t)g->vt->cells.columns * g->vt->cells.rows, sizeof *drawn);
    frame.base = calloc(1, g->bytes);
    view_start(&view, &frame, g->vt, drawn);
    view.back = g->view.back;
    view_draw(&view);
    bool right = !memcmp(frame.base, g->frame.base, g->bytes);
    free(frame.base);
    free(drawn);
    return right;
}
