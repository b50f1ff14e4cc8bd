/* SPDX-License-Identifier: MIT */
/*
 * What stands on a screen: a cell for each character, in lines. The first screen's lines are a ring
 * which also has those that went out at the top, so that scrolling moves no cell; the second has
 * its own. All of it is one flat piece of memory, without an address in it, so that the driver that
 * follows one that ended goes on with it; cells_sound says whether it is what it should be.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLUMNS_MOST 512u
#define ROWS_MOST    256u
#define KEPT_MOST    2000u /* lines that went out at the top */
#define COLOUR_INK   7u
#define COLOUR_PAPER 0u

enum style {
    STYLE_BOLD = 1,
    STYLE_UNDERLINE = 2,
    STYLE_REVERSE = 4,
    STYLE_DIM = 8,
    STYLE_HIDDEN = 16,
};

struct cell {
    uint32_t character; /* 0: the right half of the one before */
    uint8_t ink, paper; /* xterm's 256 colours */
    uint8_t style;      /* enum style */
    uint8_t unused;
};

enum row_change {
    ROW_CHANGED = 1,
    ROW_LOST = 2, /* what is on the glass is not known */
};

struct cells {
    uint32_t columns, rows;
    uint32_t lines;             /* of the ring, at least `rows` */
    uint32_t top;               /* the line of the ring that is the first row */
    uint32_t kept;              /* lines above that */
    uint32_t second;            /* 1: the second screen is shown and written */
    uint64_t gone;              /* lines that went out at the top, ever */
    uint8_t changed[ROWS_MOST]; /* enum row_change, since whoever shows them looked */
    struct cell at[];
};

/* As many lines as there is room for are kept; false: there is not enough for the screens. */
bool cells_start(struct cells *c, size_t bytes, uint32_t columns, uint32_t rows);
/* It can be gone on with, in as many bytes, with a screen of this size. */
bool cells_sound(const struct cells *c, size_t bytes, uint32_t columns, uint32_t rows);

/* A row of the screen that is written. */
struct cell *cells_row(struct cells *c, uint32_t row);
/* A row of what is seen when it is moved back by `back` lines, at most `kept`. */
const struct cell *cells_seen(const struct cells *c, uint32_t row, uint32_t back);

static inline void cells_touch(struct cells *c, uint32_t row) {
    c->changed[row] |= ROW_CHANGED;
}

/* Rows `first` to `last` of the screen, both within it. What comes in is filled with `blank`. What
 * goes out at the top of the whole first screen is kept. */
void cells_up(struct cells *c, uint32_t first, uint32_t last, uint32_t count, struct cell blank);
void cells_down(struct cells *c, uint32_t first, uint32_t last, uint32_t count, struct cell blank);
/* Columns `from` up to, not with, `to` of a row, of which `from` is the lower. */
void cells_erase(struct cells *c, uint32_t row, uint32_t from, uint32_t to, struct cell blank);
/* Moves the rest of a row right or left. */
void cells_insert(struct cells *c, uint32_t row, uint32_t column, uint32_t count,
                  struct cell blank);
void cells_delete(struct cells *c, uint32_t row, uint32_t column, uint32_t count,
                  struct cell blank);
/* Shows the second screen, which is empty then, or the first again. */
void cells_switch(struct cells *c, bool second, struct cell blank);
