/* SPDX-License-Identifier: MIT */
/*
 * A terminal: what bytes do to the cells of a screen, for programs that believe TERM=linux. The
 * numbers of what it obeys are those of ECMA-48 and of Linux' console_codes(4). Nothing here makes
 * a system call or draws, and no byte is believed: whatever comes, rows and columns stay within the
 * screen. Like the cells it is one flat piece of memory, without an address in it.
 */
#pragma once
#include "drivers/screen/cells.h"
#include "drivers/screen/utf8.h"

#define VT_PARAMETERS 16u
#define VT_PARAMETER  9999u /* what is higher counts as this */
#define VT_ANSWERS    256u  /* bytes; what has no room is not answered */

enum vt_state {
    VT_GROUND,
    VT_ESCAPE,
    VT_CHARSET, /* ESC and one of ( ) % # and others: one more byte follows */
    VT_CONTROL, /* ESC [ */
    VT_STRING,  /* ESC ] and others, up to BEL or ESC \ */
    VT_PALETTE, /* ESC ] P and seven digits */
    VT_STATES,
};

/* A place, and how what is written there looks. */
struct pen {
    uint32_t row, column;
    uint8_t ink, paper, style;
    uint8_t shift;    /* 1: the second of the character sets is used */
    uint8_t lines[2]; /* 1: that set is the one with lines */
    uint8_t origin;   /* rows count from the top margin */
    uint8_t full;     /* the last column is written: the next character goes to the next row */
};

struct vt {
    uint64_t magic;

    struct pen pen, saved[2]; /* saved: for each of the screens */
    uint32_t top, bottom;     /* rows of the margins: scrolling is between them */
    uint8_t wraps, inserts, newline, cursor, inverted; /* modes, 0 or 1 */
    uint8_t application;                               /* cursor keys send ESC O */
    uint8_t tabs[COLUMNS_MOST];
    uint32_t last; /* character, to be repeated; 0: none */
    uint8_t answer[VT_ANSWERS];
    uint32_t answered; /* bytes of it, for whoever reads the keyboard */

    /* A sequence that has begun. */
    uint32_t state; /* enum vt_state */
    uint32_t parameter[VT_PARAMETERS];
    uint32_t count;                        /* of the parameters, at least 1 */
    uint8_t intermediate, private, escape; /* bytes in front; ESC came within a string */
    uint32_t digits;                       /* of a palette's colour, to come */
    struct utf8 utf8;

    struct cells cells; /* the rest of the memory */
};

/* In `bytes` of memory, a screen of this size; it goes on with what is there, if that is sound.
 * False: there is not enough. */
bool vt_start(struct vt *v, size_t bytes, uint32_t columns, uint32_t rows);
void vt_write(struct vt *v, const uint8_t *bytes, size_t count);

/* ---- between the parts ---- */

struct cell vt_blank(const struct vt *v);
void vt_reset(struct vt *v);
void vt_character(struct vt *v, uint32_t character);
void vt_control(struct vt *v, uint8_t byte); /* C0 */
void vt_escape(struct vt *v, uint8_t byte);  /* what follows ESC */
void vt_sequence(struct vt *v, uint8_t end); /* ESC [ ... */
void vt_graphics(struct vt *v);              /* ESC [ ... m */
void vt_mode(struct vt *v, bool on);         /* ESC [ ... h and l */
void vt_answer(struct vt *v, const char *text);
void vt_save(struct vt *v);
void vt_restore(struct vt *v);
/* Down or up by a row, which scrolls at the margin. */
void vt_down(struct vt *v);
void vt_up(struct vt *v);
/* Within the screen, or between the margins if rows count from there. */
void vt_place(struct vt *v, int64_t row, int64_t column);
