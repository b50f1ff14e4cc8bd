/* SPDX-License-Identifier: MIT */
/* What Linux' programs ask of terminals by ioctl: abi/tty.h. */
#include <string.h>

#include "services/tty/terminal.h"

/* Changes are for the group in front, or for who insists. */
static err_t may_change(const struct terminal *t, const struct file_request *r, unsigned word) {
    if (t->hung_up)
        return ERROR(DEAD);
    return r->word[word] & TTY_ANYWAY ? OK : terminal_in_front(t, r);
}

/* ---- settings ---- */

static err_t get(struct terminal *t, struct file_request *r) {
    if (r->limit < sizeof t->ldisc.termios)
        return ERROR_ARG(BAD_WINDOW, 2);
    return file_emit(r, &t->ldisc.termios, sizeof t->ldisc.termios);
}

static err_t set(struct terminal *t, struct file_request *r) {
    struct tty_termios termios;
    uint32_t when = (uint32_t)r->word[0];
    if (when > TTY_FLUSHED)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->read_window < sizeof termios)
        return ERROR_ARG(BAD_WINDOW, 2);
    err_t e = may_change(t, r, 0);
    if (err_ok(e))
        e = file_take(r, 0, &termios, sizeof termios);
    if (!err_ok(e))
        return e;
    if (when != TTY_NOW && !terminal_drained(t))
        return file_wait(r, &t->drains);
    if (when == TTY_FLUSHED)
        ldisc_flush_input(&t->ldisc);
    ldisc_set(&t->ldisc, &termios);
    t->deadline = 0;
    return OK;
}

static err_t flush(struct terminal *t, struct file_request *r) {
    uint32_t what = (uint32_t)r->word[0];
    if (!what || what > (TTY_FLUSH_INPUT | TTY_FLUSH_OUTPUT))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = may_change(t, r, 0);
    if (!err_ok(e))
        return e;
    if (what & TTY_FLUSH_INPUT)
        ldisc_flush_input(&t->ldisc);
    if (what & TTY_FLUSH_OUTPUT)
        terminal_forget_output(t);
    return OK;
}

static err_t flow(struct terminal *t, struct file_request *r) {
    uint32_t what = (uint32_t)r->word[0];
    if (what > TTY_IN_ON)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = may_change(t, r, 0);
    if (!err_ok(e))
        return e;
    if (what == TTY_OUT_OFF)
        ldisc_stop(&t->ldisc, true);
    else if (what == TTY_OUT_ON)
        ldisc_go(&t->ldisc, true);
    else
        ldisc_send(&t->ldisc,
                   t->ldisc.termios.character[what == TTY_IN_OFF ? TTY_STOP : TTY_START]);
    return OK;
}

static err_t drain(struct terminal *t, struct file_request *r) {
    err_t e = may_change(t, r, 0);
    if (!err_ok(e))
        return e;
    return terminal_drained(t) ? OK : file_wait(r, &t->drains);
}

/* ---- size ---- */

static err_t size_get(struct terminal *t, struct file_request *r) {
    memcpy(&r->answer[0], &t->size, sizeof t->size);
    return OK;
}

static err_t size_set(struct terminal *t, struct file_request *r) {
    struct tty_size size;
    memcpy(&size, &r->word[0], sizeof size);
    terminal_size(t, &size);
    return OK;
}

/* ---- jobs ---- */

/* Whether the call came through the terminal's master, which may see who uses it. */
static bool by_master(const struct terminal *t, const struct file_request *r) {
    return r->file->node != &t->node;
}

/* The caller, whose session the terminal controls: WRONG_TYPE. */
static err_t controlled(const struct terminal *t, const struct file_request *r, struct who *who) {
    err_t e = jobs_who(r->process, who);
    return err_ok(e) && t->session && who->session == t->session ? OK : ERROR(WRONG_TYPE);
}

static err_t group_get(struct terminal *t, struct file_request *r) {
    struct who who;
    r->answer[0] = t->group;
    return by_master(t, r) ? OK : controlled(t, r, &who);
}

static err_t group_set(struct terminal *t, struct file_request *r) {
    struct who who;
    bool led;
    err_t e = controlled(t, r, &who);
    if (err_ok(e))
        e = may_change(t, r, 1);
    if (!err_ok(e))
        return e;
    if (r->word[0] > INT32_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    uint32_t session = jobs_session((uint32_t)r->word[0], &led);
    if (session != t->session)
        return session ? ERROR(NO_RIGHT) : ERROR(NOT_FOUND);
    t->group = (uint32_t)r->word[0];
    return OK;
}

static err_t session_get(struct terminal *t, struct file_request *r) {
    struct who who;
    r->answer[0] = t->session;
    return by_master(t, r) ? OK : controlled(t, r, &who);
}

static err_t control(struct terminal *t, struct file_request *r) {
    struct who who;
    err_t e = t->hung_up ? ERROR(DEAD) : jobs_who(r->process, &who);
    if (!err_ok(e))
        return e;
    if (t->session == who.session)
        return OK;
    terminal_leave(t);
    if (terminal_cut_off(t, r->file))
        return ERROR(DEAD);
    if (who.number != who.session || t->session || terminal_of_session(who.session))
        return ERROR(NO_RIGHT);
    t->session = who.session;
    t->group = who.group;
    return OK;
}

static err_t release(struct terminal *t, struct file_request *r) {
    struct who who;
    err_t e = controlled(t, r, &who);
    if (err_ok(e) && who.number == who.session)
        terminal_release(t);
    return e;
}

static err_t state(struct terminal *t, struct file_request *r) {
    r->answer[0] = ldisc_available(&t->ldisc);
    r->answer[1] = t->ldisc.out.length;
    r->answer[2] = t->ldisc.echo_lost;
    return OK;
}

/* The place of an operation in the table. */
#define AT(op) ((op)&0xff)

/* All of them need a file that was opened to read or to write. */
err_t terminal_control(struct terminal *t, struct file_request *r) {
    static err_t (*const operations[])(struct terminal * t, struct file_request * r) = {
        [AT(TTY_GET)] = get,
        [AT(TTY_SET)] = set,
        [AT(TTY_FLUSH)] = flush,
        [AT(TTY_FLOW)] = flow,
        [AT(TTY_DRAIN)] = drain,
        [AT(TTY_SIZE_GET)] = size_get,
        [AT(TTY_SIZE_SET)] = size_set,
        [AT(TTY_GROUP_GET)] = group_get,
        [AT(TTY_GROUP_SET)] = group_set,
        [AT(TTY_SESSION)] = session_get,
        [AT(TTY_CONTROL)] = control,
        [AT(TTY_RELEASE)] = release,
        [AT(TTY_STATE)] = state,
    };
    if (r->op < TTY_GET || r->op >= TTY_GET + 0x80 ||
        AT(r->op) >= sizeof operations / sizeof *operations)
        return ERROR(UNSUPPORTED);
    if (!(r->rights & (FILE_RIGHT_READ | FILE_RIGHT_WRITE)))
        return ERROR(NO_RIGHT);
    if (terminal_cut_off(t, r->file))
        return r->op == TTY_GROUP_SET ? ERROR(WRONG_TYPE) : ERROR(DEAD); /* as Linux */
    return operations[AT(r->op)](t, r);
}

err_t terminal_other(struct file *f, struct file_request *r) {
    return terminal_control(terminal_of(f->node), r);
}
