/* SPDX-License-Identifier: MIT */
/* ERASE, WERASE and KILL: taking back what was typed, and showing that. */
#include "services/tty/ldisc.h"

enum erase { ONE, WORD, ALL };

/* Letters as the kernel of Linux has them: those of ISO 8859-1 too. */
static bool is_word(uint8_t c) {
    uint8_t lower = c | 0x20;
    bool latin = c >= 0xc0 && c != 0xd7 && c != 0xf7;
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z' && c < 0x80) || latin ||
           c == '_';
}

/* How many columns the line takes up to `at`, counted from its begin or the last tab. */
static uint32_t width_before(const struct ldisc *d, uint32_t at, bool *behind_tab) {
    uint32_t width = 0;
    *behind_tab = false;
    while (at != d->line) {
        uint8_t c = input_at(d, --at);
        if (c == '\t') {
            *behind_tab = true;
            break;
        }
        if (is_control(c))
            width += local(d, TTY_ECHOCTL) ? 2 : 0;
        else if (!is_continuation(d, c))
            width++;
    }
    return width;
}

static void rub_out(struct ldisc *d) {
    echo_raw(d, '\b');
    echo_raw(d, ' ');
    echo_raw(d, '\b');
}

/* ECHOPRT: what is erased is printed, forwards, between \ and /. */
static void show_printed(struct ldisc *d, uint32_t count) {
    if (!d->erasing)
        echo_raw(d, '\\');
    d->erasing = true;
    echo_typed(d, input_at(d, d->head));
    for (uint32_t i = 1; i < count; i++) {
        echo_raw(d, input_at(d, d->head + i));
        if (d->column)
            d->column--;
    }
}

/* Shows that the character of `count` bytes at `head` is no more in the line. */
static void show_erased(struct ldisc *d, enum erase what, uint32_t count) {
    uint8_t c = input_at(d, d->head);
    bool behind_tab;
    if (local(d, TTY_ECHOPRT)) {
        show_printed(d, count);
    } else if (what == ONE && !local(d, TTY_ECHOE)) {
        echo_typed(d, d->termios.character[TTY_ERASE]);
    } else if (c == '\t') {
        uint32_t width = width_before(d, d->head, &behind_tab);
        echo_erase_tab(d, width, behind_tab);
    } else {
        if (is_control(c) && local(d, TTY_ECHOCTL))
            rub_out(d);
        if (!is_control(c) || local(d, TTY_ECHOCTL))
            rub_out(d);
    }
}

/* Where the last character begins; false: there is none, or only a part of one. */
static bool last_character(const struct ldisc *d, uint32_t *at) {
    uint32_t head = d->head;
    if (head == d->line)
        return false;
    do
        head--;
    while (is_continuation(d, input_at(d, head)) && head != d->line);
    *at = head;
    return !is_continuation(d, input_at(d, head));
}

static void erase(struct ldisc *d, enum erase what) {
    uint32_t at;
    bool in_word = false;
    while (last_character(d, &at)) {
        uint32_t count = d->head - at;
        bool word = is_word(input_at(d, at));
        if (what == WORD && in_word && !word)
            break;
        in_word |= word;
        d->head = at;
        if (local(d, TTY_ECHO))
            show_erased(d, what, count);
        if (what == ONE)
            break;
    }
    if (d->head == d->line && local(d, TTY_ECHO))
        echo_erase_end(d);
}

/* KILL where what was typed cannot be rubbed out. */
static void drop_line(struct ldisc *d) {
    d->head = d->line;
    if (!local(d, TTY_ECHO))
        return;
    echo_erase_end(d);
    echo_typed(d, d->termios.character[TTY_KILL]);
    if (local(d, TTY_ECHOK))
        echo_raw(d, '\n');
}

void ldisc_erase(struct ldisc *d, uint8_t c) {
    static const uint32_t rubs = TTY_ECHO | TTY_ECHOK | TTY_ECHOKE | TTY_ECHOE;
    if (d->head == d->line)
        return;
    if (is_character(d, c, TTY_ERASE))
        erase(d, ONE);
    else if (is_character(d, c, TTY_WERASE) && local(d, TTY_IEXTEN))
        erase(d, WORD);
    else if ((d->termios.local & rubs) == rubs)
        erase(d, ALL);
    else
        drop_line(d);
}
