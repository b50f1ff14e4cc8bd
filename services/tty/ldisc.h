/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: what happens to bytes between a device and a program, as Linux' n_tty does
 * it. Nothing here makes a system call or waits: bytes come in by ldisc_receive and ldisc_write,
 * leave by ldisc_peek and through `out`, and what concerns others is left in `signals`. So it is
 * compared with Linux' own on the host. No byte of either side is believed.
 *
 * Positions count up for ever and are used modulo LDISC_INPUT: tail <= line <= head, but for `line`
 * without ICANON, where it means nothing.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/tty.h"

#define LDISC_INPUT  4096u
#define LDISC_OUTPUT 8192u
#define LDISC_ECHO   2048u /* of the output, what programs leave for echo */

enum ldisc_signal { LDISC_INTR = 1, LDISC_QUIT = 2, LDISC_SUSP = 4 };

struct ldisc_output {
    uint8_t at[LDISC_OUTPUT];
    size_t head, length;
};

struct ldisc {
    struct tty_termios termios;

    /* What was typed. */
    uint8_t input[LDISC_INPUT];
    uint8_t ends[LDISC_INPUT / 8]; /* a bit for each byte: a line ends with it */
    uint32_t head, tail, line;     /* line: behind the last line that is complete */
    bool push;                     /* what came before ICANON was set counts as a line */
    bool literal;                  /* LNEXT came */
    bool erasing;                  /* ECHOPRT shows what is erased */

    /* What is shown. */
    struct ldisc_output out;
    uint32_t column, line_column; /* of the cursor; where the line that is typed began */
    uint32_t sent_column;         /* of the cursor when `out` was empty last */
    bool stopped;                 /* nothing leaves `out`: STOP came, or TTY_OUT_OFF */
    bool held;                    /* it was TTY_OUT_OFF: START does not end it */
    uint64_t echo_lost;           /* bytes of echo that had no room */

    uint32_t signals; /* enum ldisc_signal, to be sent and cleared by whoever called */
};

void ldisc_start(struct ldisc *d);
/* What was typed is forgotten, settings are as at the start, output is not stopped. */
void ldisc_reset(struct ldisc *d);
void ldisc_set(struct ldisc *d, const struct tty_termios *termios);

/* ---- from the device ---- */

/* How many bytes of input are taken: fewer if programs have to read first. */
size_t ldisc_receive(struct ldisc *d, const uint8_t *from, size_t count);
/* It takes one more byte. */
bool ldisc_takes(const struct ldisc *d);
void ldisc_flush_input(struct ldisc *d);

/* ---- to the device ---- */

/* The first bytes of `out` that lie together, none while it is stopped. */
size_t ldisc_output(const struct ldisc *d, const uint8_t **at);
void ldisc_sent(struct ldisc *d, size_t count);
void ldisc_flush_output(struct ldisc *d);
/* A byte as it is, to be sent before what waits. */
void ldisc_send(struct ldisc *d, uint8_t c);
/* STOP and START, as typed (`held` false) or asked for by a program. */
void ldisc_stop(struct ldisc *d, bool held);
void ldisc_go(struct ldisc *d, bool held);

/* ---- for programs ---- */

/* A read gives something, though it be the end of file; without ICANON: at least `least` bytes. */
bool ldisc_ready(const struct ldisc *d, size_t least);
/* How many bytes can be read, as FIONREAD counts them. */
size_t ldisc_available(const struct ldisc *d);
/* Copies what a read of `size` bytes gives, and says how far that takes `tail`. */
size_t ldisc_peek(const struct ldisc *d, uint8_t *to, size_t size, size_t *used);
/* What was copied is read. */
void ldisc_drop(struct ldisc *d, size_t used);
/* How many bytes of a program's output are taken. */
size_t ldisc_write(struct ldisc *d, const uint8_t *from, size_t count);

/* ---- between the parts ---- */

static inline bool local(const struct ldisc *d, uint32_t flags) {
    return (d->termios.local & flags) != 0;
}

static inline bool input(const struct ldisc *d, uint32_t flags) {
    return (d->termios.input & flags) != 0;
}

static inline uint8_t input_at(const struct ldisc *d, uint32_t position) {
    return d->input[position % LDISC_INPUT];
}

/* The disabled character, 0, is never one of them. */
static inline bool is_character(const struct ldisc *d, uint8_t c, enum tty_character which) {
    return c && c == d->termios.character[which];
}

static inline bool is_control(uint8_t c) {
    return c < ' ' || c == 0x7f;
}

/* The second and further bytes of a character in UTF-8. */
static inline bool is_continuation(const struct ldisc *d, uint8_t c) {
    return input(d, TTY_IUTF8) && (c & 0xc0) == 0x80;
}

void line_end_set(struct ldisc *d, uint32_t position, bool is);
bool line_end(const struct ldisc *d, uint32_t position);

/* Echo: a byte as typed, which ECHOCTL shows as ^X, or as it is; the end of what ECHOPRT shows. */
void echo_typed(struct ldisc *d, uint8_t c);
void echo_raw(struct ldisc *d, uint8_t c);
void echo_erase_end(struct ldisc *d);
/* Moves back over a tab that began `width` columns behind the line's begin, or behind a tab. */
void echo_erase_tab(struct ldisc *d, uint32_t width, bool behind_tab);
/* ERASE, KILL or WERASE. */
void ldisc_erase(struct ldisc *d, uint8_t c);
