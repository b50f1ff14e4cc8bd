/* SPDX-License-Identifier: MIT */
/*
 * The terminal edits the lines. ^C is no signal meanwhile, but ends the line as its last byte, so
 * that whoever asks knows.
 */
#include "services/ttyshelly/ask.h"

#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PIECE       64u
#define ETX         3 /* ^C */
#define SECOND      1000000000ull
#define MILLISECOND 1000000u

uint64_t ask_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

void say(const char *text) {
    size_t left = strlen(text);
    for (ssize_t n; left && (n = write(1, text, left)) > 0; left -= (size_t)n)
        text += n;
}

/* Whether there is something to read in time, or the terminal has ended. */
static bool ready_until(uint64_t until) {
    struct pollfd p = {.fd = 0, .events = POLLIN};
    int wait = -1;
    if (until != ASK_FOREVER) {
        uint64_t now = ask_now();
        wait = until > now ? (int)((until - now) / MILLISECOND) + 1 : 0;
    }
    return poll(&p, 1, wait) != 0;
}

/* A line with its end: it, or as much of it as fits. */
struct line {
    char *to;
    size_t size, count;
    char last; /* byte that was typed; 0: none */
};

static void take(struct line *l, const char *piece, size_t count) {
    size_t room = l->size - l->count;
    memcpy(l->to + l->count, piece, count < room ? count : room);
    l->count += count < room ? count : room;
    l->last = piece[count - 1];
}

/* ANSWER_AGAIN: there is no more of it. */
static enum answer read_piece(struct line *l, uint64_t until) {
    char piece[PIECE];
    if (!ready_until(until))
        return ANSWER_LATE;
    ssize_t n = read(0, piece, sizeof piece);
    if (n < 0)
        return ANSWER_ENDED;
    if (n > 0)
        take(l, piece, (size_t)n);
    explicit_bzero(piece, sizeof piece);
    return n ? ANSWER_LINE : ANSWER_AGAIN;
}

static enum answer read_line(struct line *l, uint64_t until) {
    enum answer a;
    while ((a = read_piece(l, until)) == ANSWER_LINE)
        if (l->last == '\n' || l->last == ETX)
            break;
    if (a != ANSWER_LINE)
        return a;
    /* Of one that is too long the end is not there. */
    if (l->last == ETX || l->to[l->count - 1] != '\n')
        return ANSWER_AGAIN;
    l->to[--l->count] = 0;
    return memchr(l->to, 0, l->count) ? ANSWER_AGAIN : ANSWER_LINE;
}

static void settings_for(struct termios *t, bool hidden) {
    t->c_lflag |= ICANON | ECHO | ECHOE | ECHOK;
    t->c_lflag &= (tcflag_t)~ISIG;
    if (hidden)
        t->c_lflag &= (tcflag_t) ~(ECHO | ECHOE | ECHOK | ECHONL);
    t->c_iflag |= ICRNL;
    t->c_cc[VEOL] = ETX;
}

enum answer ask(const char *prompt, bool hidden, uint64_t until, char *to, size_t size) {
    struct line l = {.to = to, .size = size};
    struct termios before, t;
    if (tcgetattr(0, &before))
        return ANSWER_ENDED;
    t = before;
    settings_for(&t, hidden);
    if (tcsetattr(0, hidden ? TCSAFLUSH : TCSANOW, &t))
        return ANSWER_ENDED;
    say(prompt);
    enum answer a = read_line(&l, until);
    if (a != ANSWER_LINE)
        explicit_bzero(to, size);
    if (hidden || a != ANSWER_LINE)
        say("\n");
    tcsetattr(0, TCSANOW, &before);
    return a;
}
