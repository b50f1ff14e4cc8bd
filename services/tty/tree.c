/* SPDX-License-Identifier: MIT */
#include "services/tty/tree.h"

#include <stdio.h>

#include "lib/file/catalog.h"
#include "services/tty/pty.h"

enum { ID_ROOT = 1, ID_SLAVES, ID_PTMX, ID_TTY, ID_CONSOLE, ID_SCREEN };

#define DEVICE_CONSOLE (5ull << 32 | 1)
#define DEVICE_TTY     (5ull << 32)
#define DEVICE_SCREEN  (4ull << 32 | 1)
#define FIRST_COOKIE   2u

struct terminal console, screen;
static struct node slaves, ptmx, own;

/* The last one is there if there is a screen. */
static const struct catalog_entry names[] = {{"cons", &console.node}, {"console", &console.node},
                                             {"ptmx", &ptmx},         {"pts", &slaves},
                                             {"tty", &own},           {"tty1", &screen.node}};
static const struct node_ops root_ops = {CATALOG_OPS};
static struct catalog root = {.entries = names};

/* ---- pts ---- */

/* The number as it is written, without zeros in front; PTYS_MAX: it is none. */
static uint32_t number_of(struct text name) {
    uint32_t number = 0;
    if (name.length > 3 || (name.length > 1 && name.at[0] == '0'))
        return PTYS_MAX;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return PTYS_MAX;
        number = 10 * number + (uint32_t)(name.at[i] - '0');
    }
    return number;
}

static err_t slaves_look_up(struct node *directory, struct text name, struct node **out) {
    struct pty *p = pty_find(number_of(name));
    (void)directory;
    if (!p)
        return ERROR(NOT_FOUND);
    node_hold(&p->slave.node);
    *out = &p->slave.node;
    return OK;
}

static struct node *slaves_parent(struct node *directory) {
    (void)directory;
    node_hold(&root.node);
    return &root.node;
}

static err_t slaves_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    char name[8];
    (void)directory;
    for (uint64_t i = cookie - FIRST_COOKIE; i < PTYS_MAX; i++) {
        struct pty *p = pty_find((uint32_t)i);
        size_t length = (size_t)snprintf(name, sizeof name, "%u", (unsigned)i);
        if (p && !file_entry_add(r, (struct text){name, length}, p->slave.node.mode,
                                 p->slave.node.id, i + FIRST_COOKIE + 1))
            break;
    }
    return OK;
}

static const struct node_ops slaves_ops = {
    .look_up = slaves_look_up, .parent = slaves_parent, .entries = slaves_entries};

/* ---- tty ---- */

/* The terminal that controls the session of whoever opens it. */
static err_t own_open(struct file *f) {
    struct who who;
    err_t e = jobs_who(f->process, &who);
    struct terminal *t = err_ok(e) ? terminal_of_session(who.session) : NULL;
    if (!t)
        return ERROR(UNSUPPORTED);
    f->node = &t->node;
    e = terminal_open(f);
    if (!err_ok(e))
        f->node = &own;
    return e;
}

static void own_stat(struct node *n, struct file_stat *s) {
    (void)n;
    s->device = DEVICE_TTY;
}

static const struct node_ops own_ops = {.open = own_open, .stat = own_stat};

static struct node node_with(const struct node_ops *ops, uint64_t id, uint32_t mode) {
    return (struct node){.ops = ops, .id = id, .mode = mode, .references = 1};
}

/* Its size is that of a VT100, until somebody knows. */
static void line_terminal(struct terminal *t, struct file_server *s, struct line *l, uint64_t id,
                          uint64_t device) {
    t->node = node_with(&terminal_ops, id, FILE_TYPE_CHARACTER | 0600);
    terminal_begin(t, s, NULL, l, device);
    t->size = (struct tty_size){.rows = 24, .columns = 80};
}

struct node *tree_start(struct file_server *s, struct line *serial, struct line *glass) {
    slaves = node_with(&slaves_ops, ID_SLAVES, FILE_TYPE_DIRECTORY | 0755);
    ptmx = node_with(&ptmx_ops, ID_PTMX, FILE_TYPE_CHARACTER | 0666);
    own = node_with(&own_ops, ID_TTY, FILE_TYPE_CHARACTER | 0666);
    line_terminal(&console, s, serial, ID_CONSOLE, DEVICE_CONSOLE);
    root.count = sizeof names / sizeof *names - !glass;
    if (glass) {
        line_terminal(&screen, s, glass, ID_SCREEN, DEVICE_SCREEN);
        screen.ldisc.termios.input |= TTY_IUTF8;
    }
    ptys_start(s);
    return catalog_start(&root, &root_ops, ID_ROOT);
}
