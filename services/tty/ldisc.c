/* SPDX-License-Identifier: MIT */
/* Settings, and what is done with each byte that comes from the device. */
#include "services/tty/ldisc.h"

#include <string.h>

void line_end_set(struct ldisc *d, uint32_t position, bool is) {
    uint8_t *byte = &d->ends[position % LDISC_INPUT / 8];
    uint8_t bit = (uint8_t)(1u << position % 8);
    *byte = is ? *byte | bit : *byte & (uint8_t)~bit;
}

bool line_end(const struct ldisc *d, uint32_t position) {
    return d->ends[position % LDISC_INPUT / 8] >> position % 8 & 1;
}

/* ---- settings ---- */

static const struct tty_termios usual = {.input = TTY_ICRNL | TTY_IXON,
                                         .output = TTY_OPOST | TTY_ONLCR,
                                         .control = TTY_B38400 | TTY_CS8 | TTY_CREAD,
                                         .local = TTY_ISIG | TTY_ICANON | TTY_ECHO | TTY_ECHOE |
                                                  TTY_ECHOK | TTY_ECHOCTL | TTY_ECHOKE | TTY_IEXTEN,
                                         .character = {[TTY_INTR] = 'C' - '@',
                                                       [TTY_QUIT] = '\\' - '@',
                                                       [TTY_ERASE] = 0x7f,
                                                       [TTY_KILL] = 'U' - '@',
                                                       [TTY_EOF] = 'D' - '@',
                                                       [TTY_MIN] = 1,
                                                       [TTY_START] = 'Q' - '@',
                                                       [TTY_STOP] = 'S' - '@',
                                                       [TTY_SUSP] = 'Z' - '@',
                                                       [TTY_REPRINT] = 'R' - '@',
                                                       [TTY_DISCARD] = 'O' - '@',
                                                       [TTY_WERASE] = 'W' - '@',
                                                       [TTY_LNEXT] = 'V' - '@'}};

void ldisc_start(struct ldisc *d) {
    memset(d, 0, sizeof *d);
    d->termios = usual;
}

/* Lines begin or cease to count. */
static void switch_lines(struct ldisc *d) {
    memset(d->ends, 0, sizeof d->ends);
    if (!local(d, TTY_ICANON) || d->head == d->tail) {
        d->line = d->tail;
        d->push = false;
    } else {
        line_end_set(d, d->head - 1, true);
        d->line = d->head;
        d->push = true;
    }
    d->erasing = d->literal = false;
}

void ldisc_set(struct ldisc *d, const struct tty_termios *termios) {
    struct tty_termios old = d->termios;
    d->termios = *termios;
    d->termios.control =
        (termios->control & ~(TTY_CSIZE | TTY_PARENB)) | TTY_CS8 | TTY_CREAD; /* bytes are whole */
    if ((old.local ^ termios->local) & TTY_ICANON)
        switch_lines(d);
    if (old.input & TTY_IXON && !input(d, TTY_IXON))
        ldisc_go(d, false);
}

void ldisc_flush_input(struct ldisc *d) {
    memset(d->ends, 0, sizeof d->ends);
    d->head = d->line = d->tail;
    d->erasing = d->push = false;
}

void ldisc_stop(struct ldisc *d, bool held) {
    d->stopped = true;
    d->held |= held;
}

void ldisc_go(struct ldisc *d, bool held) {
    if (d->held && !held)
        return;
    d->stopped = d->held = false;
}

void ldisc_reset(struct ldisc *d) {
    ldisc_flush_input(d);
    ldisc_set(d, &usual);
    ldisc_go(d, true);
}

/* ---- bytes from the device ---- */

static void put(struct ldisc *d, uint8_t c) {
    d->input[d->head++ % LDISC_INPUT] = c;
}

/* With PARMRK a 255 is told from a mark by being doubled. */
static void put_marked(struct ldisc *d, uint8_t c) {
    if (c == 0xff && input(d, TTY_PARMRK))
        put(d, c);
    put(d, c);
}

static void echo_into_line(struct ldisc *d, uint8_t c) {
    if (d->line == d->head)
        d->line_column = d->column;
    echo_typed(d, c);
}

static void receive_plain(struct ldisc *d, uint8_t c) {
    if (local(d, TTY_ECHO)) {
        echo_erase_end(d);
        echo_into_line(d, c);
    }
    put_marked(d, c);
}

/* A CR that ICRNL made a newline where there are no lines. Only this one is not shown as ^J. */
static void receive_newline(struct ldisc *d) {
    if (local(d, TTY_ECHO)) {
        echo_erase_end(d);
        echo_raw(d, '\n');
    }
    put(d, '\n');
}

static void end_line(struct ldisc *d, uint8_t c) {
    line_end_set(d, d->head, true);
    put(d, c);
    d->line = d->head;
}

static void reprint(struct ldisc *d, uint8_t c) {
    echo_erase_end(d);
    echo_typed(d, c);
    echo_raw(d, '\n');
    for (uint32_t at = d->line; at != d->head; at++)
        echo_typed(d, input_at(d, at));
}

static void begin_literal(struct ldisc *d) {
    d->literal = true;
    if (!local(d, TTY_ECHO))
        return;
    echo_erase_end(d);
    if (local(d, TTY_ECHOCTL)) {
        echo_raw(d, '^');
        echo_raw(d, '\b');
    }
}

/* The characters that end a line; true if it was one. */
static bool receive_end(struct ldisc *d, uint8_t c) {
    if (c == '\n') {
        if (local(d, TTY_ECHO | TTY_ECHONL))
            echo_raw(d, '\n');
        end_line(d, c);
    } else if (is_character(d, c, TTY_EOF)) {
        end_line(d, 0);
    } else if (is_character(d, c, TTY_EOL) ||
               (is_character(d, c, TTY_EOL2) && local(d, TTY_IEXTEN))) {
        if (local(d, TTY_ECHO))
            echo_into_line(d, c);
        if (c == 0xff && input(d, TTY_PARMRK))
            put(d, c);
        end_line(d, c);
    } else {
        return false;
    }
    return true;
}

/* The characters that edit a line; true if it was one. */
static bool receive_edit(struct ldisc *d, uint8_t c) {
    bool extended = local(d, TTY_IEXTEN);
    if (is_character(d, c, TTY_ERASE) || is_character(d, c, TTY_KILL) ||
        (extended && is_character(d, c, TTY_WERASE)))
        ldisc_erase(d, c);
    else if (extended && is_character(d, c, TTY_LNEXT))
        begin_literal(d);
    else if (extended && local(d, TTY_ECHO) && is_character(d, c, TTY_REPRINT))
        reprint(d, c);
    else
        return receive_end(d, c);
    return true;
}

static uint32_t signal_of(const struct ldisc *d, uint8_t c) {
    if (is_character(d, c, TTY_INTR))
        return LDISC_INTR;
    if (is_character(d, c, TTY_QUIT))
        return LDISC_QUIT;
    return is_character(d, c, TTY_SUSP) ? LDISC_SUSP : 0;
}

static void receive_signal(struct ldisc *d, uint8_t c, uint32_t signal) {
    d->signals |= signal;
    if (!local(d, TTY_NOFLSH)) {
        ldisc_flush_input(d);
        ldisc_flush_output(d);
    }
    if (input(d, TTY_IXON))
        ldisc_go(d, false);
    if (local(d, TTY_ECHO))
        echo_typed(d, c);
}

/* START and STOP; true if it was one. */
static bool receive_flow(struct ldisc *d, uint8_t c) {
    if (!input(d, TTY_IXON))
        return false;
    if (is_character(d, c, TTY_START))
        ldisc_go(d, false);
    else if (is_character(d, c, TTY_STOP))
        ldisc_stop(d, false);
    else
        return false;
    return true;
}

static void receive_byte(struct ldisc *d, uint8_t c) {
    uint32_t signal = local(d, TTY_ISIG) ? signal_of(d, c) : 0;
    if (receive_flow(d, c))
        return;
    if (signal) {
        receive_signal(d, c, signal);
        return;
    }
    if (d->stopped && input(d, TTY_IXON) && input(d, TTY_IXANY))
        ldisc_go(d, false);
    if (c == '\r' && input(d, TTY_IGNCR))
        return;
    bool newline = c == '\r' && input(d, TTY_ICRNL);
    if (newline)
        c = '\n';
    else if (c == '\n' && input(d, TTY_INLCR))
        c = '\r';
    if (local(d, TTY_ICANON) && receive_edit(d, c))
        return;
    if (newline)
        receive_newline(d);
    else
        receive_plain(d, c);
}

static bool is_upper(uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static uint8_t as_set(const struct ldisc *d, uint8_t c) {
    if (input(d, TTY_ISTRIP))
        c &= 0x7f;
    if (input(d, TTY_IUCLC) && local(d, TTY_IEXTEN) && is_upper(c))
        c = (uint8_t)(c + 'a' - 'A');
    return c;
}

/* That one byte may become. */
static uint32_t bytes_of_one(const struct ldisc *d) {
    return input(d, TTY_PARMRK) ? 3 : 1;
}

bool ldisc_takes(const struct ldisc *d) {
    bool only_line = local(d, TTY_ICANON) && d->line == d->tail;
    return d->head - d->tail + bytes_of_one(d) < LDISC_INPUT || only_line;
}

/*
 * In a line that is too long each byte takes the place of the last one, so that the end of the line
 * still comes through.
 */
static bool make_room(struct ldisc *d) {
    if (!ldisc_takes(d))
        return false;
    if (d->head - d->tail + bytes_of_one(d) > LDISC_INPUT)
        d->head = d->tail + LDISC_INPUT - bytes_of_one(d);
    return true;
}

size_t ldisc_receive(struct ldisc *d, const uint8_t *from, size_t count) {
    size_t done = 0;
    for (; done < count && make_room(d); done++) {
        uint8_t c = as_set(d, from[done]);
        if (d->literal) {
            d->literal = false;
            receive_plain(d, c);
        } else {
            receive_byte(d, c);
        }
    }
    return done;
}
