/* SPDX-License-Identifier: MIT */
#include "drivers/screen/cells.h"

#include <string.h>

/* ---- memory ---- */

static uint64_t lines_within(size_t bytes, uint32_t columns) {
    size_t room = bytes < sizeof(struct cells) ? 0 : bytes - sizeof(struct cells);
    return columns ? room / (columns * sizeof(struct cell)) : 0;
}

static bool size_possible(uint32_t columns, uint32_t rows) {
    return columns && rows && columns <= COLUMNS_MOST && rows <= ROWS_MOST;
}

bool cells_start(struct cells *c, size_t bytes, uint32_t columns, uint32_t rows) {
    const struct cell blank = {' ', COLOUR_INK, COLOUR_PAPER, 0, 0};
    uint64_t lines = lines_within(bytes, columns);
    if (!size_possible(columns, rows) || lines < 2 * rows)
        return false;
    lines -= rows;
    memset(c, 0, sizeof *c);
    c->columns = columns;
    c->rows = rows;
    c->lines = lines < rows + KEPT_MOST ? (uint32_t)lines : rows + KEPT_MOST;
    for (uint32_t row = 0; row < rows; row++)
        cells_erase(c, row, 0, columns, blank);
    return true;
}

bool cells_sound(const struct cells *c, size_t bytes, uint32_t columns, uint32_t rows) {
    return size_possible(columns, rows) && c->columns == columns && c->rows == rows &&
           c->lines >= rows && c->lines <= rows + KEPT_MOST &&
           c->lines + (uint64_t)rows <= lines_within(bytes, columns) && c->top < c->lines &&
           c->kept <= c->lines - rows && c->second <= 1;
}

static size_t place(const struct cells *c, uint32_t line) {
    return (size_t)line * c->columns;
}

struct cell *cells_row(struct cells *c, uint32_t row) {
    uint32_t line = c->second ? c->lines + row : (c->top + row) % c->lines;
    return c->at + place(c, line);
}

const struct cell *cells_seen(const struct cells *c, uint32_t row, uint32_t back) {
    uint32_t line = c->second ? c->lines + row : (c->top + c->lines - back + row) % c->lines;
    return c->at + place(c, line);
}

/* ---- within a row ---- */

void cells_erase(struct cells *c, uint32_t row, uint32_t from, uint32_t to, struct cell blank) {
    struct cell *at = cells_row(c, row);
    for (uint32_t column = from; column < to; column++)
        at[column] = blank;
    cells_touch(c, row);
}

void cells_insert(struct cells *c, uint32_t row, uint32_t column, uint32_t count,
                  struct cell blank) {
    struct cell *at = cells_row(c, row);
    uint32_t rest = c->columns - column;
    if (count > rest)
        count = rest;
    memmove(at + column + count, at + column, (rest - count) * sizeof *at);
    cells_erase(c, row, column, column + count, blank);
}

void cells_delete(struct cells *c, uint32_t row, uint32_t column, uint32_t count,
                  struct cell blank) {
    struct cell *at = cells_row(c, row);
    uint32_t rest = c->columns - column;
    if (count > rest)
        count = rest;
    memmove(at + column, at + column + count, (rest - count) * sizeof *at);
    cells_erase(c, row, c->columns - count, c->columns, blank);
}

/* ---- rows ---- */

static void touch_all(struct cells *c) {
    for (uint32_t row = 0; row < c->rows; row++)
        cells_touch(c, row);
}

static void copy_row(struct cells *c, uint32_t to, uint32_t from) {
    memcpy(cells_row(c, to), cells_row(c, from), c->columns * sizeof(struct cell));
    cells_touch(c, to);
}

/* The ring goes on by one line. */
static void advance(struct cells *c, struct cell blank) {
    c->top = (c->top + 1) % c->lines;
    if (c->kept < c->lines - c->rows)
        c->kept++;
    c->gone++;
    cells_erase(c, c->rows - 1, 0, c->columns, blank);
    touch_all(c);
}

void cells_up(struct cells *c, uint32_t first, uint32_t last, uint32_t count, struct cell blank) {
    uint32_t height = last - first + 1;
    if (count > height)
        count = height;
    if (!c->second && !first && last == c->rows - 1) {
        while (count--)
            advance(c, blank);
        return;
    }
    for (uint32_t row = first; row + count <= last; row++)
        copy_row(c, row, row + count);
    for (uint32_t row = last + 1 - count; row <= last; row++)
        cells_erase(c, row, 0, c->columns, blank);
}

void cells_down(struct cells *c, uint32_t first, uint32_t last, uint32_t count, struct cell blank) {
    uint32_t height = last - first + 1;
    if (count > height)
        count = height;
    for (uint32_t row = last; row >= first + count; row--)
        copy_row(c, row, row - count);
    for (uint32_t row = first; row < first + count; row++)
        cells_erase(c, row, 0, c->columns, blank);
}

void cells_switch(struct cells *c, bool second, struct cell blank) {
    if (c->second == second)
        return;
    c->second = second;
    for (uint32_t row = 0; second && row < c->rows; row++)
        cells_erase(c, row, 0, c->columns, blank);
    touch_all(c);
}
