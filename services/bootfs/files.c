/* SPDX-License-Identifier: MIT */
/*
 * What the files of an archive do. Nothing can be changed: what the library asks for is refused
 * there, since the functions for it are absent, and opening to write is refused here.
 */
#include "services/bootfs/files.h"

#define COOKIE_FIRST 2u /* see file_entry_add */
#define SECOND       1000000000ll

static struct tree tree;
static uint64_t size; /* of the archive */

static err_t look_up(struct node *n, struct text name, struct node **out) {
    struct entry *e = tree_find(entry_of(n), name);
    if (!e)
        return ERROR(NOT_FOUND);
    node_hold(&e->node);
    *out = &e->node;
    return OK;
}

static struct node *parent(struct node *n) {
    struct entry *up = entry_of(n)->parent;
    if (!up)
        return NULL;
    node_hold(&up->node);
    return &up->node;
}

/* An entry's cookie is its place behind the directory. */
static err_t entries(struct node *n, struct file_request *r, uint64_t cookie) {
    struct entry *directory = entry_of(n), *e = tree_child(directory, cookie - COOKIE_FIRST);
    while (e) {
        uint64_t next = (uint64_t)(e - directory) + e->span;
        if (!file_entry_add(r, entry_name(e), e->node.mode, e->node.id, COOKIE_FIRST + next))
            break;
        e = tree_child(directory, next);
    }
    return OK;
}

static void stat(struct node *n, struct file_stat *out) {
    const struct entry *e = entry_of(n);
    out->size = e->data.length;
    out->blocks = (e->data.length + 511) / 512;
    if (node_is(n, FILE_TYPE_DIRECTORY))
        out->links = 2 + e->directories;
    out->accessed = out->modified = out->changed = e->seconds * SECOND;
}

static err_t read_link(struct node *n, struct text *out) {
    *out = entry_of(n)->data;
    return OK;
}

static void space(struct node *n, struct file_space *out) {
    (void)n;
    out->total = size;
    out->files = tree.count;
}

static err_t open(struct file *f) {
    return f->flags & FILE_FOR_WRITE ? ERROR(READ_ONLY) : OK;
}

static err_t read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    struct text data = entry_of(f->node)->data;
    if (offset >= data.length)
        return OK;
    if (count > data.length - offset)
        count = data.length - offset;
    return file_emit(r, data.at + offset, count);
}

/* Made when it is first asked for, and kept: the archive's files stay. */
static err_t map(struct file *f, handle_t *memory, uint64_t *bytes) {
    struct entry *e = entry_of(f->node);
    if (e->memory == HANDLE_NONE) {
        err_t error = bootfs_memory(e->data, &e->memory);
        if (!err_ok(error))
            return error;
    }
    *memory = e->memory;
    *bytes = e->data.length;
    return OK;
}

static const struct node_ops ops = {
    .look_up = look_up,
    .parent = parent,
    .entries = entries,
    .stat = stat,
    .read_link = read_link,
    .space = space,
    .open = open,
    .read = read,
    .map = map,
};

const char *bootfs_start(struct text archive, struct node **root, size_t *at) {
    struct tree t;
    const char *problem = tree_build(archive, &ops, &t, at);
    if (problem)
        return problem;
    tree = t;
    size = archive.length;
    *root = &t.root->node;
    return NULL;
}
