/* SPDX-License-Identifier: MIT */
#include "drivers/screen/view.h"

#include <string.h>

#define NOTHING UINT32_MAX /* a character that is none: what is drawn is not known */

static void touch_all(struct view *w) {
    for (uint32_t row = 0; row < w->vt->cells.rows; row++)
        cells_touch(&w->vt->cells, row);
}

void view_start(struct view *w, struct frame *frame, struct vt *vt, struct cell *drawn) {
    *w = (struct view){.frame = frame, .vt = vt, .drawn = drawn, .gone = vt->cells.gone};
    frame_clear(frame);
    memset(vt->cells.changed, ROW_LOST, vt->cells.rows);
}

static bool same(const struct cell *a, const struct cell *b) {
    return a->character == b->character && a->ink == b->ink && a->paper == b->paper &&
           a->style == b->style;
}

static void draw_cell(struct view *w, uint32_t row, uint32_t column, const struct cell *c,
                      bool cursor) {
    struct cell look = *c;
    look.style ^= w->vt->inverted ? STYLE_REVERSE : 0;
    struct cell *drawn = &w->drawn[(size_t)row * w->vt->cells.columns + column];
    if (!cursor && same(drawn, &look))
        return;
    frame_draw(w->frame, row, column, &look, cursor);
    *drawn = look;
    if (cursor)
        drawn->character = NOTHING;
}

static void forget_row(struct view *w, uint32_t row) {
    uint32_t columns = w->vt->cells.columns;
    for (uint32_t column = 0; column < columns; column++)
        w->drawn[(size_t)row * columns + column] = (struct cell){.character = NOTHING};
}

static void draw_row(struct view *w, uint32_t row) {
    const struct cell *cells = cells_seen(&w->vt->cells, row, w->back);
    if (w->vt->cells.changed[row] & ROW_LOST)
        forget_row(w, row);
    for (uint32_t column = 0; column < w->vt->cells.columns; column++)
        draw_cell(w, row, column, &cells[column], false);
    w->vt->cells.changed[row] = 0;
}

/* As long as it is moved back the same lines stay in sight, while there are that many. */
static void follow(struct view *w) {
    const struct cells *c = &w->vt->cells;
    if (w->back) {
        uint64_t back = w->back + (c->gone - w->gone);
        w->back = c->second ? 0 : back < c->kept ? (uint32_t)back : c->kept;
        touch_all(w);
    }
    w->gone = c->gone;
}

/* Below what was moved back it is out of sight. */
static bool cursor_seen(const struct view *w) {
    return w->vt->cursor && w->vt->pen.row + w->back < w->vt->cells.rows;
}

void view_draw(struct view *w) {
    struct cells *c = &w->vt->cells;
    follow(w);
    if (w->cursor)
        cells_touch(c, w->cursor_row);
    w->cursor = false;
    for (uint32_t row = 0; row < c->rows; row++)
        if (c->changed[row])
            draw_row(w, row);
    if (!cursor_seen(w))
        return;
    w->cursor = true;
    w->cursor_row = w->vt->pen.row + w->back;
    w->cursor_column = w->vt->pen.column;
    draw_cell(w, w->cursor_row, w->cursor_column,
              &cells_seen(c, w->cursor_row, w->back)[w->cursor_column], true);
}

void view_move(struct view *w, int64_t lines) {
    const struct cells *c = &w->vt->cells;
    follow(w);
    int64_t most = c->second ? 0 : c->kept, back = w->back + lines;
    w->back = (uint32_t)(back < 0 ? 0 : back > most ? most : back);
    touch_all(w);
}

void view_home(struct view *w) {
    if (w->back)
        view_move(w, -(int64_t)w->back);
}
