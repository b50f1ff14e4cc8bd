/* SPDX-License-Identifier: MIT */
#include "services/tty/terminal.h"

#include <string.h>

#include "services/tty/clock.h"
#include "services/tty/line.h"
#include "services/tty/pty.h"

#define DECISECOND 100000000ull
#define ECHO_ROOM  1024u /* what is typed waits while there is less room for its echo */

static struct link all;

/* ---- time ---- */

static void timer_adjust(void) {
    uint64_t next = 0;
    for (struct link *l = list_first(&all); l; l = list_next(&all, l)) {
        const struct terminal *t = LINK_OF(l, struct terminal, link);
        if (t->deadline && (!next || t->deadline < next))
            next = t->deadline;
    }
    clock_alarm(next);
}

void terminals_expire(void) {
    for (struct link *l = list_first(&all); l; l = list_next(&all, l)) {
        struct terminal *t = LINK_OF(l, struct terminal, link);
        if (t->deadline && t->deadline <= clock_now())
            file_wake(t->server, &t->reads);
    }
}

bool terminal_has_time(struct terminal *t, const struct file_request *r) {
    uint64_t tenths = t->ldisc.termios.character[TTY_TIME];
    size_t have = ldisc_available(&t->ldisc);
    bool least = t->ldisc.termios.character[TTY_MIN] != 0;
    if (!tenths)
        return least;
    if (t->timed != r->reply.h || t->timed_have != have || !t->deadline) {
        t->timed = r->reply.h;
        t->timed_have = have;
        t->deadline = clock_now() + tenths * DECISECOND;
        if (least && !have)
            t->deadline = 0;
    }
    bool over = t->deadline && t->deadline <= clock_now();
    if (over)
        t->deadline = 0;
    timer_adjust();
    return !over;
}

/* ---- the device ---- */

/* Takes what came in by the line, as far as there is room for it and its echo. */
static void take_input(struct terminal *t) {
    uint8_t piece[256];
    size_t count, taken = 1;
    while (taken && (t->ldisc.stopped || LDISC_OUTPUT - t->ldisc.out.length > ECHO_ROOM) &&
           (count = line_peek(t->line, piece, sizeof piece))) {
        taken = ldisc_receive(&t->ldisc, piece, count);
        line_taken(t->line, taken);
    }
}

static void send_output(struct terminal *t) {
    const uint8_t *at;
    size_t count;
    while ((count = ldisc_output(&t->ldisc, &at)) && (count = line_send(t->line, at, count)))
        ldisc_sent(&t->ldisc, count);
}

static void send_signals(struct terminal *t) {
    uint32_t signals = t->ldisc.signals;
    t->ldisc.signals = 0;
    if (signals & LDISC_INTR)
        jobs_signal(t->group, JOBS_INT);
    if (signals & LDISC_QUIT)
        jobs_signal(t->group, JOBS_QUIT);
    if (signals & LDISC_SUSP)
        jobs_signal(t->group, JOBS_TSTP);
}

bool terminal_drained(const struct terminal *t) {
    return t->pty || t->hung_up || (!t->ldisc.out.length && line_idle(t->line));
}

void terminal_forget_output(struct terminal *t) {
    ldisc_flush_output(&t->ldisc);
    if (!t->pty)
        line_forget(t->line);
}

static void wake(struct terminal *t) {
    uint32_t events = 0;
    file_wake(t->server, &t->reads);
    file_wake(t->server, &t->writes);
    if (terminal_drained(t))
        file_wake(t->server, &t->drains);
    if (ldisc_ready(&t->ldisc, 1))
        events |= FILE_READABLE;
    if (t->ldisc.out.length < LDISC_OUTPUT - LDISC_ECHO)
        events |= FILE_WRITABLE;
    if (events)
        file_changed(&t->node, events);
}

void terminal_size(struct terminal *t, const struct tty_size *size) {
    if (!memcmp(size, &t->size, sizeof *size))
        return;
    t->size = *size;
    jobs_signal(t->group, JOBS_WINCH);
}

void terminal_run(struct terminal *t) {
    if (t->line) {
        send_output(t);
        take_input(t);
        send_output(t);
    }
    send_signals(t);
    wake(t);
    if (t->pty)
        pty_wake(t->pty);
}

/* ---- life ---- */

void terminal_begin(struct terminal *t, struct file_server *s, struct pty *pty, struct line *line,
                    uint64_t device) {
    t->server = s;
    t->pty = pty;
    t->line = line;
    t->device = device;
    ldisc_start(&t->ldisc);
    list_append(&all, &t->link);
}

void terminal_end(struct terminal *t) {
    list_remove(&t->link);
}

void terminal_release(struct terminal *t) {
    uint32_t group = t->group;
    t->session = t->group = 0;
    jobs_signal(group, JOBS_HUP);
    jobs_signal(group, JOBS_CONT);
}

void terminal_hang_up(struct terminal *t) {
    uint32_t session = t->session;
    t->hung_up = true;
    ldisc_flush_input(&t->ldisc);
    ldisc_flush_output(&t->ldisc);
    if (session != t->group) { /* the leader's own group */
        jobs_signal(session, JOBS_HUP);
        jobs_signal(session, JOBS_CONT);
    }
    terminal_release(t);
    wake(t);
    file_wake(t->server, &t->drains);
    file_changed(&t->node, FILE_EVENTS);
}

static bool led(const struct terminal *t) {
    bool alive = false;
    return jobs_session(t->session, &alive) && alive;
}

void terminal_leave(struct terminal *t) {
    if (!t->session || led(t))
        return;
    if (!t->pty) {
        t->hang_ups++;
        ldisc_reset(&t->ldisc);
    }
    terminal_release(t);
    terminal_run(t);
}

void terminals_leave(void) {
    for (struct link *l = list_first(&all); l; l = list_next(&all, l))
        terminal_leave(LINK_OF(l, struct terminal, link));
}

bool terminal_cut_off(const struct terminal *t, const struct file *f) {
    return t->hung_up || (f->node == &t->node && f->offset != t->hang_ups);
}

struct terminal *terminal_of_session(uint32_t session) {
    for (struct link *l = list_first(&all); l && session; l = list_next(&all, l)) {
        struct terminal *t = LINK_OF(l, struct terminal, link);
        if (t->session == session)
            return t;
    }
    return NULL;
}

err_t terminal_in_front(const struct terminal *t, const struct file_request *r) {
    struct who who;
    if (!t->session || !t->group || !err_ok(jobs_who(r->process, &who)))
        return OK;
    return who.session != t->session || who.group == t->group ? OK : ERROR(BUSY);
}
