/* SPDX-License-Identifier: MIT */
#include "drivers/screen/vt.h"

#include <string.h>

#include "drivers/screen/width.h"

#define MAGIC     0x3174765f736f6e61ull /* "anos_vt1" */
#define TAB       8u
#define BEL       0x07u
#define ESC       0x1bu
#define CANCEL    0x18u
#define CANCEL_TO 0x1au
#define DELETE    0x7fu

/* ---- life ---- */

void vt_reset(struct vt *v) {
    const struct pen usual = {.ink = COLOUR_INK, .paper = COLOUR_PAPER, .lines = {0, 1}};
    v->pen = v->saved[0] = v->saved[1] = usual;
    v->top = 0;
    v->bottom = v->cells.rows - 1;
    v->wraps = v->cursor = 1;
    v->inserts = v->newline = v->inverted = v->application = 0;
    v->last = 0;
    for (uint32_t column = 0; column < COLUMNS_MOST; column++)
        v->tabs[column] = column % TAB == 0;
}

static bool pen_sound(const struct vt *v, const struct pen *p) {
    return p->row < v->cells.rows && p->column < v->cells.columns && p->shift <= 1 &&
           p->lines[0] <= 1 && p->lines[1] <= 1;
}

static bool sound(const struct vt *v, size_t bytes, uint32_t columns, uint32_t rows) {
    return v->magic == MAGIC &&
           cells_sound(&v->cells, bytes - offsetof(struct vt, cells), columns, rows) &&
           pen_sound(v, &v->pen) && pen_sound(v, &v->saved[0]) && pen_sound(v, &v->saved[1]) &&
           v->top < v->bottom + (rows == 1) && v->bottom < rows && v->state < VT_STATES &&
           v->count >= 1 && v->count <= VT_PARAMETERS && v->answered <= VT_ANSWERS &&
           v->utf8.left <= 3;
}

bool vt_start(struct vt *v, size_t bytes, uint32_t columns, uint32_t rows) {
    size_t rest = bytes < sizeof *v ? 0 : bytes - offsetof(struct vt, cells);
    if (rest && sound(v, bytes, columns, rows))
        return true;
    if (!rest || !cells_start(&v->cells, rest, columns, rows))
        return false;
    memset(v, 0, offsetof(struct vt, cells));
    v->magic = MAGIC;
    v->count = 1;
    vt_reset(v);
    return true;
}

/* An erased cell has the colour of the paper in hand ("bce" in terminfo). */
struct cell vt_blank(const struct vt *v) {
    return (struct cell){' ', v->pen.ink, v->pen.paper, 0, 0};
}

/* ---- moving ---- */

void vt_place(struct vt *v, int64_t row, int64_t column) {
    int64_t least = v->pen.origin ? v->top : 0;
    int64_t most = v->pen.origin ? v->bottom : v->cells.rows - 1;
    int64_t right = v->cells.columns - 1;
    v->pen.row = (uint32_t)(row < least ? least : row > most ? most : row);
    v->pen.column = (uint32_t)(column < 0 ? 0 : column > right ? right : column);
    v->pen.full = 0;
}

void vt_down(struct vt *v) {
    if (v->pen.row == v->bottom)
        cells_up(&v->cells, v->top, v->bottom, 1, vt_blank(v));
    else if (v->pen.row + 1 < v->cells.rows)
        v->pen.row++;
    v->pen.full = 0;
}

void vt_up(struct vt *v) {
    if (v->pen.row == v->top)
        cells_down(&v->cells, v->top, v->bottom, 1, vt_blank(v));
    else if (v->pen.row)
        v->pen.row--;
    v->pen.full = 0;
}

static void tab(struct vt *v) {
    uint32_t column = v->pen.column;
    while (column + 1 < v->cells.columns && !v->tabs[++column])
        ;
    vt_place(v, v->pen.row, column);
}

void vt_save(struct vt *v) {
    v->saved[v->cells.second] = v->pen;
}

/* Saved rows may be outside margins that were set later: they are on the screen all the same. */
void vt_restore(struct vt *v) {
    v->pen = v->saved[v->cells.second];
}

/* ---- characters ---- */

/* VT100 User Guide, table 3-9: from ` to ~. */
static const uint16_t lines[] = {
    0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b, 0x2518,
    0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524,
    0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};

static void next_row(struct vt *v) {
    v->pen.column = 0;
    vt_down(v);
}

static void write_cell(struct vt *v, uint32_t character) {
    const struct pen *p = &v->pen;
    cells_row(&v->cells, p->row)[p->column] =
        (struct cell){character, p->ink, p->paper, p->style, 0};
    cells_touch(&v->cells, p->row);
}

/* The cursor stays in the last column until something comes that has no room there. */
static void step(struct vt *v) {
    if (v->pen.column + 1 < v->cells.columns)
        v->pen.column++;
    else
        v->pen.full = v->wraps;
}

void vt_character(struct vt *v, uint32_t c) {
    if (v->pen.lines[v->pen.shift] && c >= 0x60 && c < 0x60 + sizeof lines / sizeof *lines)
        c = lines[c - 0x60];
    unsigned width = width_of(c);
    if (!width || width > v->cells.columns)
        return;
    bool fits = v->pen.column + width <= v->cells.columns;
    if (v->pen.full || (!fits && v->wraps))
        next_row(v);
    else if (!fits)
        v->pen.column = v->cells.columns - width;
    if (v->inserts)
        cells_insert(&v->cells, v->pen.row, v->pen.column, width, vt_blank(v));
    write_cell(v, c);
    step(v);
    if (width == 2) {
        write_cell(v, 0);
        step(v);
    }
    v->last = c;
}

void vt_control(struct vt *v, uint8_t byte) {
    switch (byte) {
    case '\b':
        vt_place(v, v->pen.row, (int64_t)v->pen.column - 1);
        break;
    case '\t':
        tab(v);
        break;
    case '\n':
    case '\v':
    case '\f':
        if (v->newline)
            v->pen.column = 0;
        vt_down(v);
        break;
    case '\r':
        v->pen.column = 0;
        v->pen.full = 0;
        break;
    case 0x0e:
    case 0x0f:
        v->pen.shift = byte == 0x0e;
        break;
    default:
        break;
    }
}

/* ---- bytes ---- */

static void begin_sequence(struct vt *v) {
    memset(v->parameter, 0, sizeof v->parameter);
    v->count = 1;
    v->intermediate = v->private = 0;
    v->state = VT_CONTROL;
}

/* ECMA-48, section 5.4: parameters 3/0 to 3/15, intermediates 2/0 to 2/15, an end 4/0 to 7/14. */
static void take_sequence(struct vt *v, uint8_t byte) {
    uint32_t *p = &v->parameter[v->count - 1];
    if (byte >= '0' && byte <= '9') {
        *p = *p * 10 + (byte - '0');
        *p = *p > VT_PARAMETER ? VT_PARAMETER : *p;
    } else if (byte == ';' || byte == ':') {
        if (v->count < VT_PARAMETERS)
            v->count++;
    } else if (byte >= '<' && byte <= '?') {
        v->private = byte;
    } else if (byte < '0') {
        v->intermediate = byte;
    } else {
        v->state = VT_GROUND;
        if (byte < DELETE)
            vt_sequence(v, byte);
    }
}

static void take_escape(struct vt *v, uint8_t byte) {
    v->state = VT_GROUND;
    v->escape = 0;
    v->intermediate = byte;
    if (byte == '[')
        begin_sequence(v);
    else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_')
        v->state = VT_STRING;
    else if (byte >= ' ' && byte < '0')
        v->state = VT_CHARSET;
    else
        vt_escape(v, byte);
}

/* Linux has two strings without an end: ESC ] P and ESC ] R. ESC ends one, whatever follows. */
static void take_string(struct vt *v, uint8_t byte) {
    bool first = v->intermediate == ']';
    bool escaped = v->escape;
    v->intermediate = 0;
    v->escape = byte == ESC;
    if (byte == BEL || (escaped && byte == '\\') || (first && byte == 'R')) {
        v->state = VT_GROUND;
    } else if (escaped && byte != ESC) {
        take_escape(v, byte);
    } else if (first && byte == 'P') {
        v->state = VT_PALETTE;
        v->digits = 7;
    }
}

static void take_palette(struct vt *v) {
    if (!v->digits || !--v->digits)
        v->state = VT_GROUND;
}

/* Which set ( and ) mean: that of lines, 0, or another one. */
static void take_charset(struct vt *v, uint8_t byte) {
    v->state = VT_GROUND;
    if (v->intermediate == '(' || v->intermediate == ')')
        v->pen.lines[v->intermediate == ')'] = byte == '0';
    else if (v->intermediate == '#' && byte == '8')
        for (uint32_t row = 0; row < v->cells.rows; row++)
            cells_erase(&v->cells, row, 0, v->cells.columns,
                        (struct cell){'E', COLOUR_INK, COLOUR_PAPER, 0, 0});
}

static void take_ground(struct vt *v, uint8_t byte) {
    uint32_t characters[2];
    unsigned count = utf8_take(&v->utf8, byte, characters);
    for (unsigned i = 0; i < count; i++)
        if (characters[i] >= ' ' && characters[i] != DELETE)
            vt_character(v, characters[i]);
        else if (characters[i] == ESC)
            v->state = VT_ESCAPE;
        else
            vt_control(v, (uint8_t)characters[i]);
}

/* Control bytes act within a sequence too (ECMA-48 leaves that open; the VT100 did so). */
static void take(struct vt *v, uint8_t byte) {
    if (v->state == VT_GROUND) {
        take_ground(v, byte);
    } else if (byte == CANCEL || byte == CANCEL_TO) {
        v->state = VT_GROUND;
    } else if (v->state == VT_STRING) {
        take_string(v, byte);
    } else if (byte == ESC) {
        v->state = VT_ESCAPE;
    } else if (byte < ' ') {
        vt_control(v, byte);
    } else if (v->state == VT_CONTROL) {
        take_sequence(v, byte);
    } else if (v->state == VT_ESCAPE) {
        take_escape(v, byte);
    } else if (v->state == VT_CHARSET) {
        take_charset(v, byte);
    } else {
        take_palette(v);
    }
}

void vt_write(struct vt *v, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        take(v, bytes[i]);
}
