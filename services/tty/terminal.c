/* SPDX-License-Identifier: MIT */
#include "services/tty/terminal.h"

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/tty/line.h"
#include "services/tty/pty.h"

#define DECISECOND 100000000ull
#define ECHO_ROOM  1024u /* what is typed waits while there is less room for its echo */

static struct link all;
static struct timer_cap timer;

/* ---- time ---- */

err_t terminals_start(struct signal_cap signal, uint64_t bits) {
    return sys_timer_create(program_pool, signal, bits, &timer);
}

static void timer_adjust(void) {
    uint64_t next = 0;
    for (struct link *l = list_first(&all); l; l = list_next(&all, l)) {
        const struct terminal *t = LINK_OF(l, struct terminal, link);
        if (t->deadline && (!next || t->deadline < next))
            next = t->deadline;
    }
    sys_timer_set(timer, next, 0);
}

void terminals_expire(void) {
    for (struct link *l = list_first(&all); l; l = list_next(&all, l)) {
        struct terminal *t = LINK_OF(l, struct terminal, link);
        if (t->deadline && t->deadline <= clock_nanoseconds())
            file_wake(t->server, &t->reads);
    }
}

/* A read that has to wait: false if its time is over. The time begins again with each byte. */
static bool has_time(struct terminal *t, const struct file_request *r) {
    uint64_t tenths = t->ldisc.termios.character[TTY_TIME];
    size_t have = ldisc_available(&t->ldisc);
    bool least = t->ldisc.termios.character[TTY_MIN] != 0;
    if (!tenths)
        return least;
    if (t->timed != r->reply.h || t->timed_have != have || !t->deadline) {
        t->timed = r->reply.h;
        t->timed_have = have;
        t->deadline = clock_nanoseconds() + tenths * DECISECOND;
        if (least && !have)
            t->deadline = 0;
    }
    bool over = t->deadline && t->deadline <= clock_nanoseconds();
    if (over)
        t->deadline = 0;
    timer_adjust();
    return !over;
}

/* ---- the device ---- */

/* Takes what came in by the serial line, as far as there is room for it and its echo. */
static void take_input(struct terminal *t) {
    uint8_t piece[256];
    size_t count, taken = 1;
    while (taken && (t->ldisc.stopped || LDISC_OUTPUT - t->ldisc.out.length > ECHO_ROOM) &&
           (count = line_peek(piece, sizeof piece))) {
        taken = ldisc_receive(&t->ldisc, piece, count);
        line_taken(taken);
    }
}

static void send_output(struct terminal *t) {
    const uint8_t *at;
    size_t count;
    while ((count = ldisc_output(&t->ldisc, &at)) && (count = line_send(at, count)))
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
    return t->pty || t->hung_up || (!t->ldisc.out.length && line_idle());
}

void terminal_forget_output(struct terminal *t) {
    ldisc_flush_output(&t->ldisc);
    if (!t->pty)
        line_forget();
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

void terminal_run(struct terminal *t) {
    if (!t->pty) {
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

void terminal_begin(struct terminal *t, struct file_server *s, struct pty *pty, uint64_t device) {
    t->server = s;
    t->pty = pty;
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

/* ---- open files ---- */

err_t terminal_open(struct file *f) {
    struct terminal *t = terminal_of(f->node);
    if (t->hung_up)
        return ERROR(DEAD);
    if (t->pty && pty_locked(t->pty))
        return ERROR(BUSY);
    f->positioned = false;
    t->opens++;
    return OK;
}

static void terminal_close(struct file *f) {
    struct terminal *t = terminal_of(f->node);
    if (!--t->opens && t->pty)
        pty_wake(t->pty);
}

/* How many bytes a read without lines waits for. */
static size_t least_of(const struct terminal *t, const struct file *f, size_t wanted) {
    size_t least = t->ldisc.termios.character[TTY_MIN];
    if (f->flags & FILE_NONBLOCK || !least)
        return 1;
    return least < wanted ? least : wanted;
}

/* Whether a read is answered now: with what there is, which may be nothing. */
static bool answers(struct terminal *t, struct file_request *r, const struct file *f,
                    size_t wanted) {
    if (t->hung_up || ldisc_ready(&t->ldisc, least_of(t, f, wanted)))
        return true;
    if (local(&t->ldisc, TTY_ICANON))
        return false;
    if (f->flags & FILE_NONBLOCK)
        return !t->ldisc.termios.character[TTY_MIN] && !t->ldisc.termios.character[TTY_TIME];
    return !has_time(t, r);
}

static err_t terminal_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct terminal *t = terminal_of(f->node);
    (void)offset;
    t->peeked = 0;
    if (!wanted)
        return OK;
    err_t e = terminal_in_front(t, r);
    if (!err_ok(e))
        return e;
    if (file_behind(r, &t->reads) || !answers(t, r, f, wanted))
        return file_wait(r, &t->reads);
    size_t size = wanted < INLINE_MAX ? wanted : INLINE_MAX;
    size_t count = ldisc_peek(&t->ldisc, (uint8_t *)r->space, size, &t->peeked);
    return file_emit(r, r->space, count);
}

/* A write of a program in the background waits for its turn in front, if TOSTOP asks for that. The
 * word is free where the bytes are in a window. */
static err_t may_write(const struct terminal *t, const struct file_request *r) {
    if (t->hung_up)
        return ERROR(DEAD);
    if (!local(&t->ldisc, TTY_TOSTOP) || (r->read_window && r->word[2] & TTY_ANYWAY))
        return OK;
    return terminal_in_front(t, r);
}

static err_t terminal_write(struct file *f, struct file_request *r, uint64_t offset,
                            size_t wanted) {
    struct terminal *t = terminal_of(f->node);
    uint8_t piece[512];
    (void)offset;
    err_t e = may_write(t, r);
    if (!err_ok(e) || !wanted)
        return e;
    if (file_behind(r, &t->writes))
        return file_wait(r, &t->writes);
    while (r->done < wanted) {
        size_t count = wanted - r->done < sizeof piece ? wanted - r->done : sizeof piece;
        e = file_take(r, r->done, piece, count);
        size_t taken = err_ok(e) ? ldisc_write(&t->ldisc, piece, count) : 0;
        r->done += taken;
        if (taken < count)
            break;
    }
    return err_ok(e) && !r->done ? file_wait(r, &t->writes) : e;
}

static void terminal_settled(struct file *f, struct file_request *r, bool answered) {
    struct terminal *t = terminal_of(f->node);
    if (r->op == FILE_READ && answered)
        ldisc_drop(&t->ldisc, t->peeked);
    t->peeked = 0;
    terminal_run(t);
}

static uint32_t terminal_poll(struct file *f, uint64_t *bytes) {
    const struct terminal *t = terminal_of(f->node);
    size_t least = t->ldisc.termios.character[TTY_TIME] ? 1 : t->ldisc.termios.character[TTY_MIN];
    *bytes = ldisc_available(&t->ldisc);
    if (t->hung_up)
        return FILE_EVENTS;
    return (ldisc_ready(&t->ldisc, least) ? FILE_READABLE : 0) |
           (t->ldisc.out.length < LDISC_OUTPUT - LDISC_ECHO ? FILE_WRITABLE : 0);
}

static void terminal_stat(struct node *n, struct file_stat *s) {
    s->device = terminal_of(n)->device;
}

static err_t terminal_set(struct node *n, const struct file_set *set) {
    if (set->fields & FILE_SET_MODE)
        n->mode = FILE_TYPE_CHARACTER | (set->mode & FILE_PERMISSIONS);
    if (set->fields & FILE_SET_USER)
        n->user = set->user;
    if (set->fields & FILE_SET_GROUP)
        n->group = set->group;
    return OK;
}

static void terminal_unused(struct node *n) {
    struct terminal *t = terminal_of(n);
    if (t->pty)
        pty_unused(t->pty);
}

const struct node_ops terminal_ops = {
    .stat = terminal_stat,
    .set = terminal_set,
    .unused = terminal_unused,
    .open = terminal_open,
    .close = terminal_close,
    .read = terminal_read,
    .write = terminal_write,
    .poll = terminal_poll,
    .other = terminal_other,
    .settled = terminal_settled,
};
