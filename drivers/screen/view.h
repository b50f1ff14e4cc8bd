/* SPDX-License-Identifier: MIT */
/*
 * What is on the glass: the terminal's cells or, moved back, lines that went out at the top. It
 * remembers what it drew, and draws only what has become something else.
 */
#pragma once
#include "drivers/screen/paint.h"
#include "drivers/screen/vt.h"

struct view {
    struct frame *frame;
    struct vt *vt;
    struct cell *drawn; /* columns x rows */
    uint32_t back;      /* lines that it is moved back by */
    uint64_t gone;      /* vt.cells.gone when that was so */
    bool cursor;        /* is drawn, at */
    uint32_t cursor_row, cursor_column;
};

/* Nothing of what the screen shows is known: all of it is drawn. */
void view_start(struct view *w, struct frame *frame, struct vt *vt, struct cell *drawn);
void view_draw(struct view *w);
/* Back by so many lines, or forth if it is less than 0, as far as there are any. */
void view_move(struct view *w, int64_t lines);
void view_home(struct view *w);
