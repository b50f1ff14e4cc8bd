/* SPDX-License-Identifier: MIT */
/* Open files of terminals: what programs read and write. */
#include "services/tty/pty.h"
#include "services/tty/terminal.h"

err_t terminal_open(struct file *f) {
    struct terminal *t = terminal_of(f->node);
    if (t->hung_up)
        return ERROR(DEAD);
    if (t->pty && pty_locked(t->pty))
        return ERROR(BUSY);
    terminal_leave(t);
    f->positioned = false;
    f->offset = t->hang_ups;
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
    return !terminal_has_time(t, r);
}

static err_t terminal_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct terminal *t = terminal_of(f->node);
    (void)offset;
    t->peeked = 0;
    if (!wanted || (terminal_cut_off(t, f) && !t->hung_up))
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
    if (terminal_cut_off(t, r->file))
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
    if (terminal_cut_off(t, f))
        return FILE_READABLE | FILE_WRITABLE | FILE_HUNG_UP | FILE_BROKEN;
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
