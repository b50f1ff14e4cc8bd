/* SPDX-License-Identifier: MIT */
/* Modes, and how characters look: console_codes(4); 256 colours and the second screen as xterm. */
#include "drivers/screen/vt.h"

/* ---- modes ---- */

static void switch_screen(struct vt *v, bool second) {
    cells_switch(&v->cells, second, vt_blank(v));
    v->pen.full = 0;
}

static void switch_and_save(struct vt *v, bool second) {
    if (second && !v->cells.second)
        vt_save(v);
    switch_screen(v, second);
    if (!second)
        vt_restore(v);
}

static void set_private(struct vt *v, uint32_t mode, bool on) {
    switch (mode) {
    case 1:
        v->application = on;
        break;
    case 5:
        v->inverted = on;
        for (uint32_t row = 0; row < v->cells.rows; row++)
            cells_touch(&v->cells, row);
        break;
    case 6:
        v->pen.origin = on;
        vt_place(v, on ? v->top : 0, 0);
        break;
    case 7:
        v->wraps = on;
        break;
    case 25:
        v->cursor = on;
        break;
    case 47:
    case 1047:
        switch_screen(v, on);
        break;
    case 1048:
        (on ? vt_save : vt_restore)(v);
        break;
    case 1049:
        switch_and_save(v, on);
        break;
    default:
        break;
    }
}

void vt_mode(struct vt *v, bool on) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->private == '?')
            set_private(v, v->parameter[i], on);
        else if (!v->private && v->parameter[i] == 4)
            v->inserts = on;
        else if (!v->private && v->parameter[i] == 20)
            v->newline = on;
}

/* ---- colours ---- */

/* The nearest of six steps, which xterm's cube has at 0, 95, 135, 175, 215 and 255. */
static uint32_t step_of(uint32_t value) {
    if (value < 48)
        return 0;
    return value < 115 ? 1 : ((value > 255 ? 255 : value) - 35) / 40;
}

/* 38 and 48 are followed by 5 and a number, or by 2 and three parts. Returns how many parameters
 * belong to it. */
static uint32_t colour(const struct vt *v, uint32_t at, uint8_t *to) {
    const uint32_t *p = v->parameter + at;
    uint32_t left = v->count - at;
    if (left > 2 && p[1] == 5) {
        if (p[2] < 256)
            *to = (uint8_t)p[2];
        return 3;
    }
    if (left > 4 && p[1] == 2) {
        *to = (uint8_t)(16 + 36 * step_of(p[2]) + 6 * step_of(p[3]) + step_of(p[4]));
        return 5;
    }
    return left;
}

static void plain(struct pen *p) {
    p->ink = COLOUR_INK;
    p->paper = COLOUR_PAPER;
    p->style = 0;
}

/* 1 to 8 set a style, 21 to 28 end it. */
static void style(struct pen *p, uint32_t n) {
    static const uint8_t styles[] = {[1] = STYLE_BOLD,    [2] = STYLE_DIM,    [4] = STYLE_UNDERLINE,
                                     [7] = STYLE_REVERSE, [8] = STYLE_HIDDEN, [9] = 0};
    if (n < 10)
        p->style |= styles[n];
    else if (n == 21)
        p->style |= STYLE_UNDERLINE; /* doubly, as Linux since 4.17 */
    else if (n == 22)
        p->style &= (uint8_t) ~(STYLE_BOLD | STYLE_DIM);
    else if (n > 22 && n < 30)
        p->style &= (uint8_t)~styles[n - 20];
}

static void basic_colour(struct pen *p, uint32_t n) {
    if (n >= 30 && n < 38)
        p->ink = (uint8_t)(n - 30);
    else if (n == 39)
        p->ink = COLOUR_INK;
    else if (n >= 40 && n < 48)
        p->paper = (uint8_t)(n - 40);
    else if (n == 49)
        p->paper = COLOUR_PAPER;
    else if (n >= 90 && n < 98)
        p->ink = (uint8_t)(n - 82);
    else if (n >= 100 && n < 108)
        p->paper = (uint8_t)(n - 92);
}

void vt_graphics(struct vt *v) {
    for (uint32_t i = 0; i < v->count;) {
        uint32_t n = v->parameter[i];
        if (n == 38 || n == 48) {
            i += colour(v, i, n == 38 ? &v->pen.ink : &v->pen.paper);
            continue;
        }
        if (!n)
            plain(&v->pen);
        else if (n < 30)
            style(&v->pen, n);
        else
            basic_colour(&v->pen, n);
        i++;
    }
}
