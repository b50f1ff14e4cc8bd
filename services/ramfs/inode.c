/* SPDX-License-Identifier: MIT */
/* Files, directories and symbolic links of the RAM disk. */
#include "services/ramfs/inode.h"

#include <stdlib.h>
#include <string.h>

struct ramfs ramfs;

static const struct node_ops ramfs_ops;

err_t ramfs_take(uint64_t bytes) {
    if (bytes > ramfs.limit - ramfs.used)
        return ERROR(NO_SPACE);
    ramfs.used += bytes;
    return OK;
}

void ramfs_give(uint64_t bytes) {
    ramfs.used -= bytes;
}

/* Removes a file that is neither named nor open any more. */
static void inode_free(struct node *n) {
    struct inode *i = inode_of(n);
    if (node_is(n, FILE_TYPE_SYMLINK)) {
        ramfs_give(i->text.length);
        free((char *)i->text.at);
    } else if (!node_is(n, FILE_TYPE_DIRECTORY)) { /* an empty directory has nothing */
        store_free(&i->store);
    }
    placed_end(i->placed);
    ramfs_give(sizeof *i);
    ramfs.files--;
    free(i);
}

static err_t inode_make(const struct file_stat *owner, struct inode **out) {
    err_t e = ramfs_take(sizeof **out);
    if (!err_ok(e))
        return e;
    struct inode *i = calloc(1, sizeof *i);
    if (!i) {
        ramfs_give(sizeof *i);
        return ERROR(NO_SPACE);
    }
    i->node = (struct node){.ops = &ramfs_ops,
                            .id = ++ramfs.next_id,
                            .mode = owner->mode,
                            .user = owner->user,
                            .group = owner->group,
                            .references = 1};
    i->accessed = i->modified = i->changed = ramfs_now();
    ramfs.files++;
    *out = i;
    return OK;
}

static err_t text_set(struct inode *i, struct text text) {
    err_t e = ramfs_take(text.length);
    if (!err_ok(e))
        return e;
    char *copy = malloc(text.length);
    if (!copy) {
        ramfs_give(text.length);
        return ERROR(NO_SPACE);
    }
    memcpy(copy, text.at, text.length);
    i->text.at = copy;
    i->text.length = text.length;
    return OK;
}

/* ---- names ---- */

static err_t look_up(struct node *n, struct text name, struct node **out) {
    struct entry *e = directory_find(&inode_of(n)->directory, name);
    if (!e)
        return ERROR(NOT_FOUND);
    *out = &e->inode->node;
    node_hold(*out);
    return OK;
}

static struct node *parent(struct node *n) {
    struct inode *up = inode_of(n)->directory.parent;
    if (!up)
        return NULL;
    node_hold(&up->node);
    return &up->node;
}

static err_t entries(struct node *n, struct file_request *r, uint64_t cookie) {
    struct entry *e = directory_from(&inode_of(n)->directory, cookie);
    while (e && file_entry_add(r, (struct text){e->name, e->length}, e->inode->node.mode,
                               e->inode->node.id, e->cookie + 1))
        e = e->next;
    return OK;
}

/* A name of `directory` now means `i`. A directory knows where it is. */
static void attach(struct inode *directory, struct inode *i) {
    node_hold(&i->node);
    i->links++;
    if (node_is(&i->node, FILE_TYPE_DIRECTORY)) {
        i->links++;
        i->directory.parent = directory;
        directory->links++;
    }
    directory->modified = directory->changed = i->changed = ramfs_now();
}

static void detach(struct inode *directory, struct inode *i) {
    i->links--;
    if (node_is(&i->node, FILE_TYPE_DIRECTORY)) {
        i->links--;
        i->directory.parent = NULL;
        directory->links--;
    }
    directory->modified = directory->changed = i->changed = ramfs_now();
    node_release(&i->node);
}

static err_t name_add(struct inode *directory, struct text name, struct inode *i) {
    err_t e = directory->links ? directory_add(&directory->directory, name, i)
                               : ERROR(NOT_FOUND); /* it was removed */
    if (err_ok(e))
        attach(directory, i);
    return e;
}

static err_t make(struct node *n, struct text name, const struct file_stat *owner, struct text text,
                  struct node **out) {
    struct inode *i;
    err_t e = inode_make(owner, &i);
    if (!err_ok(e))
        return e;
    if (node_is(&i->node, FILE_TYPE_SYMLINK))
        e = text_set(i, text);
    if (err_ok(e))
        e = name_add(inode_of(n), name, i);
    if (err_ok(e))
        *out = &i->node;
    else
        node_release(&i->node);
    return e;
}

static bool occupied(struct node *n) {
    return node_is(n, FILE_TYPE_DIRECTORY) && inode_of(n)->directory.entries;
}

static void name_drop(struct inode *directory, struct text name) {
    struct entry *e = directory_find(&directory->directory, name);
    struct inode *i = e->inode;
    directory_remove(&directory->directory, e);
    detach(directory, i);
}

static err_t remove_name(struct node *n, struct text name, struct node *child) {
    if (occupied(child))
        return ERROR(NOT_EMPTY);
    name_drop(inode_of(n), name);
    return OK;
}

static err_t link_name(struct node *n, struct text name, struct node *file) {
    return name_add(inode_of(n), name, inode_of(file));
}

/* First what can fail, the new name's entry; a name that is there is taken over. */
static err_t rename_name(struct node *from, struct text name, struct node *file, struct node *to,
                         struct text new_name, struct node *replaced) {
    struct inode *i = inode_of(file), *target = inode_of(to);
    if (replaced && occupied(replaced))
        return ERROR(NOT_EMPTY);
    if (!target->links)
        return ERROR(NOT_FOUND);
    if (replaced) {
        directory_find(&target->directory, new_name)->inode = i;
        detach(target, inode_of(replaced));
    } else {
        err_t e = directory_add(&target->directory, new_name, i);
        if (!err_ok(e))
            return e;
    }
    name_drop(inode_of(from), name);
    attach(target, i);
    return OK;
}

/* ---- attributes ---- */

static void stat(struct node *n, struct file_stat *out) {
    const struct inode *i = inode_of(n);
    out->links = i->links;
    out->accessed = i->accessed;
    out->modified = i->modified;
    out->changed = i->changed;
    if (node_is(n, FILE_TYPE_DIRECTORY)) {
        out->size = i->directory.entries;
    } else if (node_is(n, FILE_TYPE_SYMLINK)) {
        out->size = i->text.length;
    } else {
        out->size = i->store.size;
        out->blocks = (i->store.kept + 511) / 512;
    }
}

static err_t set(struct node *n, const struct file_set *s) {
    struct inode *i = inode_of(n);
    if (s->fields & FILE_SET_SIZE) {
        err_t e = store_resize(&i->store, s->size);
        if (!err_ok(e))
            return e;
        i->modified = ramfs_now();
    }
    if (s->fields & FILE_SET_MODE)
        n->mode = (n->mode & FILE_TYPE) | (s->mode & FILE_PERMISSIONS);
    if (s->fields & FILE_SET_USER)
        n->user = s->user;
    if (s->fields & FILE_SET_GROUP)
        n->group = s->group;
    if (s->fields & FILE_SET_ACCESSED)
        i->accessed = s->accessed;
    if (s->fields & FILE_SET_MODIFIED)
        i->modified = s->modified;
    i->changed = ramfs_now();
    return OK;
}

static err_t read_link(struct node *n, struct text *out) {
    *out = inode_of(n)->text;
    return OK;
}

static void space(struct node *n, struct file_space *out) {
    (void)n;
    out->total = ramfs.limit;
    out->available = ramfs.limit - ramfs.used;
    out->files = ramfs.files;
    out->files_available = out->available / sizeof(struct inode);
}

/* ---- contents ---- */

static err_t read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    struct inode *i = inode_of(f->node);
    if (i->accessed <= i->modified) /* once after each change, as Linux does (relatime) */
        i->accessed = ramfs_now();
    return store_read(&i->store, r, offset, count);
}

static err_t write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    struct inode *i = inode_of(f->node);
    err_t e = store_write(&i->store, r, offset, count);
    if (r->done)
        i->modified = i->changed = ramfs_now();
    return e;
}

/* ---- FIFOs and sockets ---- */

static err_t place(struct node *n, struct file_request *r) {
    struct inode *i = inode_of(n);
    return i->placed ? ERROR(EXISTS) : placed_make(r, &i->placed);
}

static handle_t behind(struct node *n) {
    const struct inode *i = inode_of(n);
    return i->placed ? i->placed->handle : HANDLE_NONE;
}

static const struct node_ops ramfs_ops = {
    .place = place,
    .behind = behind,
    .look_up = look_up,
    .parent = parent,
    .entries = entries,
    .make = make,
    .remove = remove_name,
    .link = link_name,
    .rename = rename_name,
    .stat = stat,
    .set = set,
    .read_link = read_link,
    .space = space,
    .unused = inode_free,
    .read = read,
    .write = write,
};

err_t ramfs_start(uint64_t limit) {
    struct file_stat owner = {.mode = FILE_TYPE_DIRECTORY | 0755};
    ramfs = (struct ramfs){.limit = limit};
    err_t e = inode_make(&owner, &ramfs.root);
    if (err_ok(e))
        ramfs.root->links = 2;
    return e;
}
