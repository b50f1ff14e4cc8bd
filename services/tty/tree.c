/* SPDX-License-Identifier: MIT */
#include "services/tty/tree.h"

#include <stdio.h>
#include <string.h>

#include "services/tty/pty.h"

enum { ID_ROOT = 1, ID_SLAVES, ID_PTMX, ID_TTY, ID_CONSOLE };

#define DEVICE_CONSOLE (5ull << 32 | 1)
#define DEVICE_TTY     (5ull << 32)
#define FIRST_COOKIE   2u

struct terminal console;
static struct node root, slaves, ptmx, own;

static const struct name {
    const char *name;
    struct node *node;
} names[] = {{"cons", &console.node},
             {"console", &console.node},
             {"ptmx", &ptmx},
             {"pts", &slaves},
             {"tty", &own}};

#define NAMES (sizeof names / sizeof *names)

/* ---- the root ---- */

static err_t root_look_up(struct node *directory, struct text name, struct node **out) {
    (void)directory;
    for (const struct name *n = names; n < names + NAMES; n++)
        if (strlen(n->name) == name.length && !memcmp(n->name, name.at, name.length)) {
            node_hold(n->node);
            *out = n->node;
            return OK;
        }
    return ERROR(NOT_FOUND);
}

static struct node *root_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

static err_t root_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    (void)directory;
    for (uint64_t i = cookie - FIRST_COOKIE; i < NAMES; i++)
        if (!file_entry_add(r, text_of(names[i].name), names[i].node->mode, names[i].node->id,
                            i + FIRST_COOKIE + 1))
            break;
    return OK;
}

static const struct node_ops root_ops = {
    .look_up = root_look_up, .parent = root_parent, .entries = root_entries};

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
    node_hold(&root);
    return &root;
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

struct node *tree_start(struct file_server *s) {
    root = node_with(&root_ops, ID_ROOT, FILE_TYPE_DIRECTORY | 0755);
    slaves = node_with(&slaves_ops, ID_SLAVES, FILE_TYPE_DIRECTORY | 0755);
    ptmx = node_with(&ptmx_ops, ID_PTMX, FILE_TYPE_CHARACTER | 0666);
    own = node_with(&own_ops, ID_TTY, FILE_TYPE_CHARACTER | 0666);
    console.node = node_with(&terminal_ops, ID_CONSOLE, FILE_TYPE_CHARACTER | 0600);
    terminal_begin(&console, s, NULL, DEVICE_CONSOLE);
    console.size = (struct tty_size){.rows = 24, .columns = 80}; /* VT100, until somebody knows */
    ptys_start(s);
    return &root;
}
