/* SPDX-License-Identifier: MIT */
/*
 * What goes to the device: the output of programs, and echo. Programs leave room for echo; echo
 * that finds no room all the same is lost and counted, since whoever types must not be held up by
 * it.
 */
#include <string.h>

#include "services/tty/ldisc.h"

#define WIDEST 8u /* bytes that one becomes: a tab */

static size_t room(const struct ldisc *d) {
    return LDISC_OUTPUT - d->out.length;
}

static void emit(struct ldisc *d, uint8_t c) {
    struct ldisc_output *o = &d->out;
    o->at[(o->head + o->length++) % LDISC_OUTPUT] = c;
}

size_t ldisc_output(const struct ldisc *d, const uint8_t **at) {
    const struct ldisc_output *o = &d->out;
    size_t straight = LDISC_OUTPUT - o->head;
    *at = o->at + o->head;
    if (d->stopped)
        return 0;
    return o->length < straight ? o->length : straight;
}

void ldisc_sent(struct ldisc *d, size_t count) {
    struct ldisc_output *o = &d->out;
    o->head = (o->head + count) % LDISC_OUTPUT;
    o->length -= count;
    if (!o->length)
        d->sent_column = d->column;
}

void ldisc_flush_output(struct ldisc *d) {
    d->out.length = 0;
    d->column = d->sent_column; /* nobody has seen the rest */
}

void ldisc_send(struct ldisc *d, uint8_t c) {
    struct ldisc_output *o = &d->out;
    if (!c || o->length == LDISC_OUTPUT)
        return;
    o->head = (o->head + LDISC_OUTPUT - 1) % LDISC_OUTPUT;
    o->at[o->head] = c;
    o->length++;
}

/* ---- OPOST ---- */

static bool set(const struct ldisc *d, uint32_t flag) {
    return (d->termios.output & flag) != 0;
}

static void newline(struct ldisc *d) {
    if (set(d, TTY_ONLRET | TTY_ONLCR))
        d->column = 0;
    if (set(d, TTY_ONLCR))
        emit(d, '\r');
    d->line_column = d->column;
    emit(d, '\n');
}

static void carriage_return(struct ldisc *d) {
    if (set(d, TTY_ONOCR) && !d->column)
        return;
    if (set(d, TTY_OCRNL)) {
        if (set(d, TTY_ONLRET))
            d->line_column = d->column = 0;
        emit(d, '\n');
        return;
    }
    d->line_column = d->column = 0;
    emit(d, '\r');
}

static void tab(struct ldisc *d) {
    uint32_t spaces = 8 - d->column % 8;
    d->column += spaces;
    if ((d->termios.output & TTY_TABDLY) != TTY_XTABS) {
        emit(d, '\t');
        return;
    }
    while (spaces--)
        emit(d, ' ');
}

/* As Linux' kernel has it, which takes every byte for a character of ISO 8859-1. */
static uint8_t upper(uint8_t c) {
    bool latin = c >= 0xdf && c != 0xf7;
    return (c >= 'a' && c <= 'z') || latin ? (uint8_t)(c - 0x20) : c;
}

static void plain(struct ldisc *d, uint8_t c) {
    if (c == '\b' && d->column)
        d->column--;
    if (!is_control(c)) {
        if (set(d, TTY_OLCUC))
            c = upper(c);
        if (!is_continuation(d, c))
            d->column++;
    }
    emit(d, c);
}

/* There is room for WIDEST bytes. */
static void process(struct ldisc *d, uint8_t c) {
    if (!set(d, TTY_OPOST))
        emit(d, c);
    else if (c == '\n')
        newline(d);
    else if (c == '\r')
        carriage_return(d);
    else if (c == '\t')
        tab(d);
    else
        plain(d, c);
}

size_t ldisc_write(struct ldisc *d, const uint8_t *from, size_t count) {
    size_t done = 0;
    while (done < count && room(d) >= LDISC_ECHO + WIDEST)
        process(d, from[done++]);
    return done;
}

/* ---- echo ---- */

static bool echo_room(struct ldisc *d) {
    if (room(d) >= WIDEST)
        return true;
    d->echo_lost++;
    return false;
}

void echo_raw(struct ldisc *d, uint8_t c) {
    if (!echo_room(d))
        return;
    if (c != 0xff) {
        process(d, c);
        return;
    }
    emit(d, c);
    d->column++;
}

void echo_typed(struct ldisc *d, uint8_t c) {
    if (!local(d, TTY_ECHOCTL) || !is_control(c) || c == '\t') {
        echo_raw(d, c);
    } else if (echo_room(d)) {
        emit(d, '^');
        emit(d, c ^ 0x40);
        d->column += 2;
    }
}

void echo_erase_end(struct ldisc *d) {
    if (d->erasing)
        echo_raw(d, '/');
    d->erasing = false;
}

void echo_erase_tab(struct ldisc *d, uint32_t width, bool behind_tab) {
    if (!behind_tab)
        width += d->line_column;
    if (!echo_room(d))
        return;
    for (uint32_t n = 8 - width % 8; n; n--) {
        emit(d, '\b');
        if (d->column)
            d->column--;
    }
}
