/* SPDX-License-Identifier: MIT */
#include "services/tty/pty.h"

#include <stdlib.h>

#define DEVICE_SLAVES (136ull << 32) /* Linux' major number */
#define FIRST_ID      16u            /* identities of files: a slave's, then its master's */

static struct file_server *server;
static struct pty *ptys[PTYS_MAX];
static const struct node_ops master_ops;

void ptys_start(struct file_server *s) {
    server = s;
}

struct pty *pty_find(uint32_t number) {
    struct pty *p = number < PTYS_MAX ? ptys[number] : NULL;
    return p && !p->slave.hung_up ? p : NULL;
}

bool pty_locked(const struct pty *p) {
    return p->locked;
}

static struct pty *pty_of(struct node *master) {
    return LINK_OF(master, struct pty, master);
}

/* ---- life ---- */

static err_t number_take(uint64_t account, uint32_t *out) {
    uint32_t of_account = 0, number = PTYS_MAX;
    for (uint32_t i = PTYS_MAX; i--;) {
        if (!ptys[i])
            number = i;
        else
            of_account += ptys[i]->account == account;
    }
    if (number == PTYS_MAX || of_account >= PTYS_OF_ACCOUNT)
        return ERROR(TOO_MANY_OPEN);
    *out = number;
    return OK;
}

static err_t ptmx_open(struct file *f) {
    uint32_t number;
    err_t e = number_take(f->badged.account, &number);
    struct pty *p = err_ok(e) ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return err_ok(e) ? ERROR(NO_MEMORY) : e;
    uint64_t id = FIRST_ID + 2 * (uint64_t)number;
    p->number = number;
    p->account = f->badged.account;
    p->locked = true;
    p->master = (struct node){.ops = &master_ops, .id = id + 1, .mode = FILE_TYPE_CHARACTER | 0666};
    p->slave.node = (struct node){
        .ops = &terminal_ops, .id = id, .mode = FILE_TYPE_CHARACTER | 0620, .references = 1};
    terminal_begin(&p->slave, server, p, NULL, DEVICE_SLAVES | number);
    ptys[number] = p;
    f->node = &p->master;
    f->positioned = false;
    return OK;
}

static void ptmx_stat(struct node *n, struct file_stat *s) {
    (void)n;
    s->device = 5ull << 32 | 2;
}

const struct node_ops ptmx_ops = {.open = ptmx_open, .stat = ptmx_stat};

static void master_close(struct file *f) {
    terminal_hang_up(&pty_of(f->node)->slave);
}

static void master_unused(struct node *n) {
    node_release(&pty_of(n)->slave.node);
}

void pty_unused(struct pty *p) {
    terminal_end(&p->slave);
    ptys[p->number] = NULL;
    free(p);
}

/* ---- bytes ---- */

void pty_wake(struct pty *p) {
    p->opened |= p->slave.opens != 0;
    file_wake(server, &p->reads);
    file_wake(server, &p->writes);
    file_changed(&p->master, FILE_EVENTS);
}

/* Its slave was closed for the last time. */
static bool left(const struct pty *p) {
    return p->opened && !p->slave.opens;
}

static err_t master_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct pty *p = pty_of(f->node);
    const uint8_t *at;
    size_t count = ldisc_output(&p->slave.ldisc, &at);
    (void)offset;
    if (!wanted)
        return OK;
    if (!count && left(p))
        return ERROR(DEAD);
    if (!count || file_behind(r, &p->reads))
        return file_wait(r, &p->reads);
    return file_emit(r, at, count < wanted ? count : wanted);
}

static err_t master_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct pty *p = pty_of(f->node);
    uint8_t piece[512];
    err_t e = OK;
    (void)offset;
    if (!wanted)
        return OK;
    if (file_behind(r, &p->writes))
        return file_wait(r, &p->writes);
    while (r->done < wanted) {
        size_t count = wanted - r->done < sizeof piece ? wanted - r->done : sizeof piece;
        e = file_take(r, r->done, piece, count);
        size_t taken = err_ok(e) ? ldisc_receive(&p->slave.ldisc, piece, count) : 0;
        r->done += taken;
        if (taken < count)
            break;
    }
    return err_ok(e) && !r->done ? file_wait(r, &p->writes) : e;
}

static void master_settled(struct file *f, struct file_request *r, bool answered) {
    struct pty *p = pty_of(f->node);
    if (r->op == FILE_READ && answered)
        ldisc_sent(&p->slave.ldisc, r->done);
    terminal_run(&p->slave);
}

static uint32_t master_poll(struct file *f, uint64_t *bytes) {
    const struct pty *p = pty_of(f->node);
    const uint8_t *at;
    *bytes = ldisc_output(&p->slave.ldisc, &at);
    return (*bytes ? FILE_READABLE : 0) | (ldisc_takes(&p->slave.ldisc) ? FILE_WRITABLE : 0) |
           (left(p) ? FILE_HUNG_UP : 0);
}

static err_t master_other(struct file *f, struct file_request *r) {
    struct pty *p = pty_of(f->node);
    if (r->op == PTY_NUMBER) {
        r->answer[0] = p->number;
        return OK;
    }
    if (r->op == PTY_LOCK) {
        p->locked = r->word[0] != 0;
        return OK;
    }
    return terminal_control(&p->slave, r);
}

static const struct node_ops master_ops = {
    .unused = master_unused,
    .stat = ptmx_stat,
    .close = master_close,
    .read = master_read,
    .write = master_write,
    .poll = master_poll,
    .other = master_other,
    .settled = master_settled,
};
