/* SPDX-License-Identifier: MIT */
/* What ESC and one byte, and ESC [ ... and an end, do: console_codes(4), ECMA-48 chapter 8. */
#include <stdio.h>
#include <string.h>

#include "drivers/screen/vt.h"

/* ---- parameters ---- */

/* One that is not there, or 0, counts as 1. */
static uint32_t number(const struct vt *v, unsigned which) {
    uint32_t n = which < v->count ? v->parameter[which] : 0;
    return n ? n : 1;
}

/* Rows as they are counted from outside. */
static int64_t row_of(const struct vt *v, uint32_t n) {
    return (int64_t)n - 1 + (v->pen.origin ? v->top : 0);
}

/* ---- moves ---- */

/* Up and down stop at a margin that they meet. */
static void move_up(struct vt *v) {
    int64_t least = v->pen.row >= v->top ? v->top : 0;
    int64_t row = (int64_t)v->pen.row - number(v, 0);
    vt_place(v, row < least ? least : row, v->pen.column);
}

static void move_down(struct vt *v) {
    int64_t most = v->pen.row <= v->bottom ? v->bottom : v->cells.rows - 1;
    int64_t row = (int64_t)v->pen.row + number(v, 0);
    vt_place(v, row > most ? most : row, v->pen.column);
}

static void move_right(struct vt *v) {
    vt_place(v, v->pen.row, (int64_t)v->pen.column + number(v, 0));
}

static void move_left(struct vt *v) {
    vt_place(v, v->pen.row, (int64_t)v->pen.column - number(v, 0));
}

static void rows_down(struct vt *v) {
    move_down(v);
    v->pen.column = 0;
}

static void rows_up(struct vt *v) {
    move_up(v);
    v->pen.column = 0;
}

static void to_column(struct vt *v) {
    vt_place(v, v->pen.row, (int64_t)number(v, 0) - 1);
}

static void to_row(struct vt *v) {
    vt_place(v, row_of(v, number(v, 0)), v->pen.column);
}

static void to_place(struct vt *v) {
    vt_place(v, row_of(v, number(v, 0)), (int64_t)number(v, 1) - 1);
}

static void back_tab(struct vt *v) {
    uint32_t column = v->pen.column;
    for (uint32_t n = number(v, 0); n && column; n--)
        while (column && !v->tabs[--column])
            ;
    vt_place(v, v->pen.row, column);
}

static void forward_tab(struct vt *v) {
    for (uint32_t n = number(v, 0); n && v->pen.column + 1 < v->cells.columns; n--)
        vt_control(v, '\t');
}

/* ---- what is there ---- */

static void erase_rows(struct vt *v, uint32_t from, uint32_t to) {
    for (uint32_t row = from; row < to; row++)
        cells_erase(&v->cells, row, 0, v->cells.columns, vt_blank(v));
}

static void erase_in_row(struct vt *v) {
    uint32_t what = v->parameter[0];
    uint32_t from = what ? 0 : v->pen.column;
    uint32_t to = what == 1 ? v->pen.column + 1 : v->cells.columns;
    if (what <= 2)
        cells_erase(&v->cells, v->pen.row, from, to, vt_blank(v));
}

/* All of it is drawn again, also what others have drawn on it, as the kernel's log. */
static void erase_screen(struct vt *v) {
    uint32_t what = v->parameter[0];
    if (what == 2 || (!what && !v->pen.row && !v->pen.column))
        memset(v->cells.changed, ROW_LOST, v->cells.rows);
    if (what == 3)
        v->cells.kept = 0;
    if (what > 3)
        return;
    if (what < 2)
        erase_in_row(v);
    erase_rows(v, what ? 0 : v->pen.row + 1, what == 1 ? v->pen.row : v->cells.rows);
}

static void erase_characters(struct vt *v) {
    uint32_t end = v->pen.column + number(v, 0);
    cells_erase(&v->cells, v->pen.row, v->pen.column,
                end < v->cells.columns ? end : v->cells.columns, vt_blank(v));
}

static void insert_characters(struct vt *v) {
    cells_insert(&v->cells, v->pen.row, v->pen.column, number(v, 0), vt_blank(v));
}

static void delete_characters(struct vt *v) {
    cells_delete(&v->cells, v->pen.row, v->pen.column, number(v, 0), vt_blank(v));
}

static bool between_margins(const struct vt *v) {
    return v->pen.row >= v->top && v->pen.row <= v->bottom;
}

static void insert_rows(struct vt *v) {
    if (between_margins(v))
        cells_down(&v->cells, v->pen.row, v->bottom, number(v, 0), vt_blank(v));
}

/* Where the cursor is in the first row of the whole screen, what goes is kept like what scrolls. */
static void delete_rows(struct vt *v) {
    if (between_margins(v))
        cells_up(&v->cells, v->pen.row, v->bottom, number(v, 0), vt_blank(v));
}

static void scroll_up(struct vt *v) {
    cells_up(&v->cells, v->top, v->bottom, number(v, 0), vt_blank(v));
}

static void scroll_down(struct vt *v) {
    cells_down(&v->cells, v->top, v->bottom, number(v, 0), vt_blank(v));
}

static void repeat(struct vt *v) {
    for (uint32_t n = number(v, 0); n && v->last; n--)
        vt_character(v, v->last);
}

/* ---- settings ---- */

static void margins(struct vt *v) {
    uint32_t top = number(v, 0) - 1;
    uint32_t bottom = v->count > 1 && v->parameter[1] ? v->parameter[1] : v->cells.rows;
    bottom = (bottom < v->cells.rows ? bottom : v->cells.rows) - 1;
    if (top >= bottom)
        return;
    v->top = top;
    v->bottom = bottom;
    vt_place(v, row_of(v, 1), 0);
}

static void clear_tabs(struct vt *v) {
    if (v->parameter[0] == 0)
        v->tabs[v->pen.column] = 0;
    else if (v->parameter[0] == 3)
        memset(v->tabs, 0, sizeof v->tabs);
}

static void set_modes(struct vt *v) {
    vt_mode(v, true);
}

static void clear_modes(struct vt *v) {
    vt_mode(v, false);
}

/* ---- answers ---- */

void vt_answer(struct vt *v, const char *text) {
    size_t length = strlen(text);
    if (length > VT_ANSWERS - v->answered)
        return;
    memcpy(v->answer + v->answered, text, length);
    v->answered += (uint32_t)length;
}

static void report(struct vt *v) {
    char text[32];
    if (v->parameter[0] == 5)
        vt_answer(v, "\033[0n");
    if (v->parameter[0] != 6)
        return;
    uint32_t row = v->pen.row - (v->pen.origin ? v->top : 0);
    snprintf(text, sizeof text, "\033[%u;%uR", (unsigned)row + 1, (unsigned)v->pen.column + 1);
    vt_answer(v, text);
}

/* As Linux: a VT102. */
static void identify(struct vt *v) {
    if (!v->parameter[0])
        vt_answer(v, "\033[?6c");
}

/* ---- the ends ---- */

void vt_sequence(struct vt *v, uint8_t end) {
    static void (*const operations[128])(struct vt * v) = {
        ['@'] = insert_characters,
        ['A'] = move_up,
        ['B'] = move_down,
        ['C'] = move_right,
        ['D'] = move_left,
        ['E'] = rows_down,
        ['F'] = rows_up,
        ['G'] = to_column,
        ['H'] = to_place,
        ['I'] = forward_tab,
        ['J'] = erase_screen,
        ['K'] = erase_in_row,
        ['L'] = insert_rows,
        ['M'] = delete_rows,
        ['P'] = delete_characters,
        ['S'] = scroll_up,
        ['T'] = scroll_down,
        ['X'] = erase_characters,
        ['Z'] = back_tab,
        ['`'] = to_column,
        ['a'] = move_right,
        ['b'] = repeat,
        ['c'] = identify,
        ['d'] = to_row,
        ['e'] = move_down,
        ['f'] = to_place,
        ['g'] = clear_tabs,
        ['h'] = set_modes,
        ['l'] = clear_modes,
        ['m'] = vt_graphics,
        ['n'] = report,
        ['r'] = margins,
        ['s'] = vt_save,
        ['u'] = vt_restore,
    };
    bool mode = end == 'h' || end == 'l';
    if (end < 128 && operations[end] && !v->intermediate && (!v->private || mode))
        operations[end](v);
}

void vt_escape(struct vt *v, uint8_t byte) {
    switch (byte) {
    case 'D':
        vt_down(v);
        break;
    case 'E':
        v->pen.column = 0;
        vt_down(v);
        break;
    case 'H':
        v->tabs[v->pen.column] = 1;
        break;
    case 'M':
        vt_up(v);
        break;
    case 'Z':
        vt_answer(v, "\033[?6c");
        break;
    case '7':
        vt_save(v);
        break;
    case '8':
        vt_restore(v);
        break;
    case 'c':
        vt_reset(v);
        cells_switch(&v->cells, false, vt_blank(v));
        erase_rows(v, 0, v->cells.rows);
        break;
    default:
        break;
    }
}
