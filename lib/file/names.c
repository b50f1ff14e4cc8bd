/* SPDX-License-Identifier: MIT */
/* The operations on names: open, stat, set, make, remove, rename, link, read_link. */
#include <stdlib.h>
#include <string.h>

#include "lib/file/serve.h"
#include "lib/file/transport.h"
#include "lib/file/walk.h"

static uint32_t flags_of(const struct file_request *r) {
    return (uint32_t)r->word[0];
}

static uint32_t mode_of(const struct file_request *r) {
    return (uint32_t)(r->word[0] >> 32);
}

static struct text first_name(const struct file_request *r) {
    return (struct text){r->data, r->word[1] & 0xffff};
}

static struct text second_name(const struct file_request *r) {
    return (struct text){r->data + (r->word[1] & 0xffff), r->word[1] >> 16 & 0xffff};
}

static void answer_node(struct file_request *r, struct node *n) {
    struct file_stat s;
    node_stat(n, &s);
    r->answer[0] = s.mode;
    r->answer[1] = s.id;
    r->answer[2] = s.size;
}

/* Walks to a name from the session's file. The answer says how much of it was used. */
static err_t look(struct file_request *r, struct node *start, struct text name, bool follow,
                  struct walk *w) {
    size_t used = 0;
    if (name.length && !may(r, FILE_RIGHT_WALK))
        return ERROR(NO_RIGHT);
    err_t e = walk_path(start, name, follow, w, &used);
    r->answer[0] = used;
    return e;
}

/* The same, for names that must be there. */
static err_t look_existing(struct file_request *r, struct node *start, struct text name,
                           bool follow, struct walk *w) {
    err_t e = look(r, start, name, follow, w);
    if (err_ok(e) && !w->node) {
        walk_end(w);
        return ERROR(NOT_FOUND);
    }
    return e;
}

/* The same, for a name that is to be made, removed or changed: it has a directory. `none` is the
 * error for what is not a name: "", "." and "..". */
static err_t look_entry(struct file_request *r, struct node *start, struct text name, err_t none,
                        struct walk *w) {
    if (!may(r, FILE_RIGHT_CHANGE))
        return ERROR(NO_RIGHT);
    err_t e = look(r, start, name, false, w);
    if (err_ok(e) && !w->last.length) {
        e = none;
        walk_end(w);
    }
    return e;
}

/* The same, for the second name. */
static err_t look_second(struct file_request *r, struct node *start, err_t none, struct walk *w) {
    err_t e = look_entry(r, start, second_name(r), none, w);
    r->answer[0] += first_name(r).length + (r->word[3] >> 32); /* counts both names */
    return e;
}

/* ---- open ---- */

static bool open_allowed(const struct file_request *r, uint32_t flags) {
    if (flags & FILE_FOR_READ && !may(r, FILE_RIGHT_READ))
        return false;
    return !(flags & (FILE_FOR_WRITE | FILE_TRUNCATE)) || may(r, FILE_RIGHT_WRITE);
}

static err_t open_check(const struct file_request *r, const struct node *n, uint32_t flags) {
    bool directory = node_is(n, FILE_TYPE_DIRECTORY);
    if (flags & FILE_DIRECTORY && !directory)
        return ERROR(NOT_DIRECTORY);
    if (directory && flags & (FILE_FOR_WRITE | FILE_CREATE | FILE_TRUNCATE))
        return ERROR(IS_DIRECTORY);
    if (node_is(n, FILE_TYPE_SYMLINK) && flags & (FILE_FOR_READ | FILE_FOR_WRITE))
        return ERROR(SYMLINK);
    if ((node_is(n, FILE_TYPE_FIFO) || node_is(n, FILE_TYPE_SOCKET)) && !n->ops->open &&
        flags & (FILE_FOR_READ | FILE_FOR_WRITE))
        return ERROR(UNSUPPORTED); /* only a name here: what is behind it is another server's */
    return open_allowed(r, flags) ? OK : ERROR(NO_RIGHT);
}

/* A directory passes on all that its session may; a file what it was opened for. */
static uint32_t rights_for(const struct node *n, uint32_t flags) {
    uint32_t rights = FILE_RIGHT_CHANGE;
    if (node_is(n, FILE_TYPE_DIRECTORY))
        rights = FILE_RIGHTS;
    if (flags & FILE_FOR_READ)
        rights |= FILE_RIGHT_READ;
    if (flags & FILE_FOR_WRITE)
        rights |= FILE_RIGHT_WRITE;
    return rights;
}

static err_t truncate_node(struct node *n) {
    struct file_set set = {.fields = FILE_SET_SIZE};
    if (!node_is(n, FILE_TYPE_REGULAR))
        return OK; /* POSIX: no effect on FIFOs and terminals */
    return n->ops->set ? n->ops->set(n, &set) : ERROR(READ_ONLY);
}

static err_t make_file(struct file_request *r, struct node *n, uint32_t flags, struct file **out) {
    struct badges *open = &r->server->open;
    struct file *f = file_new();
    if (!f)
        return ERROR(NO_MEMORY);
    *f = (struct file){
        .node = n,
        .server = r->server,
        .process = r->process,
        .holds = 1, /* until it has a session */
        .flags = flags & (FILE_FOR_READ | FILE_FOR_WRITE | FILE_APPEND | FILE_NONBLOCK),
        .positioned = true,
        .badged.lasting = n->lasting,
    };
    err_t e = badges_add(open, &f->badged, r->account, FILE_OPEN_MAX);
    if (err_ok(e) && n->ops->open && !err_ok(e = n->ops->open(f)))
        badges_remove(open, &f->badged);
    if (!err_ok(e)) {
        file_free(f);
        return e;
    }
    node_hold(f->node);
    *out = f;
    return OK;
}

err_t file_give_again(struct file_request *r, struct file *f, uint32_t rights) {
    err_t e = transport_session(r, f->badged.badge, SESSION_USE | (rights & r->rights));
    f->sessions += err_ok(e);
    return e;
}

err_t file_give(struct file_request *r, struct node *n, uint32_t flags, uint32_t rights) {
    struct file *f;
    err_t e = make_file(r, n, flags, &f);
    if (!err_ok(e))
        return e;
    e = file_give_again(r, f, rights);
    file_unhold(f);
    return e;
}

static err_t open_node(struct file_request *r, struct node *n, uint32_t flags) {
    err_t e = file_give(r, n, flags, rights_for(n, flags));
    if (!err_ok(e))
        return e;
    return flags & FILE_TRUNCATE ? truncate_node(n) : OK;
}

static err_t open_made(struct file_request *r, struct walk *w) {
    struct file_stat owner = {.mode = FILE_TYPE_REGULAR | (mode_of(r) & FILE_PERMISSIONS),
                              .user = (uint32_t)r->word[2],
                              .group = (uint32_t)(r->word[2] >> 32)};
    if (!(flags_of(r) & FILE_CREATE))
        return ERROR(NOT_FOUND);
    if (!open_allowed(r, flags_of(r)))
        return ERROR(NO_RIGHT);
    if (w->slash)
        return ERROR(IS_DIRECTORY);
    if (!may(r, FILE_RIGHT_CHANGE))
        return ERROR(NO_RIGHT);
    if (!w->directory->ops->make)
        return ERROR(READ_ONLY);
    return w->directory->ops->make(w->directory, w->last, &owner, (struct text){0}, &w->node);
}

/* Whether it is to be another server's session that the caller gets. */
static bool leads_on(const struct node *n, uint32_t flags) {
    return flags & FILE_BEHIND && n->ops->behind &&
           (node_is(n, FILE_TYPE_FIFO) || node_is(n, FILE_TYPE_SOCKET));
}

/* As narrow as a file that is opened here. */
static err_t give_behind(struct file_request *r, struct node *n, uint32_t flags) {
    handle_t h = n->ops->behind(n);
    if (flags & FILE_DIRECTORY)
        return ERROR(NOT_DIRECTORY);
    if (!open_allowed(r, flags))
        return ERROR(NO_RIGHT);
    if (h == HANDLE_NONE)
        return ERROR(DEAD);
    return transport_copy(r, h, SESSION_USE | (rights_for(n, flags) & r->rights));
}

static err_t serve_open(struct file_request *r, struct node *start) {
    struct walk w;
    uint32_t flags = flags_of(r);
    bool alone = flags & FILE_EXCLUSIVE;
    if (flags & FILE_CREATE && flags & FILE_DIRECTORY)
        return ERROR(BAD_ARGUMENT);
    err_t e = look(r, start, first_name(r), !alone && !(flags & FILE_NO_FOLLOW), &w);
    if (!err_ok(e))
        return e;
    bool made = !w.node;
    if (w.node && !alone && leads_on(w.node, flags)) {
        e = give_behind(r, w.node, flags);
        if (err_ok(e))
            answer_node(r, w.node);
        walk_end(&w);
        return e;
    }
    if (w.node && alone)
        e = ERROR(EXISTS);
    else if (w.node)
        e = open_check(r, w.node, flags);
    else
        e = open_made(r, &w);
    if (err_ok(e)) {
        e = open_node(r, w.node, made ? flags & ~FILE_TRUNCATE : flags);
        if (!err_ok(e) && made && w.directory->ops->remove)
            w.directory->ops->remove(w.directory, w.last, w.node);
    }
    if (err_ok(e))
        answer_node(r, w.node);
    walk_end(&w);
    return e;
}

/* ---- attributes ---- */

void node_stat(struct node *n, struct file_stat *out) {
    *out = (struct file_stat){
        .id = n->id, .mode = n->mode, .user = n->user, .group = n->group, .links = 1};
    if (n->ops->stat)
        n->ops->stat(n, out);
}

static err_t serve_stat(struct file_request *r, struct node *start) {
    struct walk w;
    struct file_stat *s = (struct file_stat *)(void *)r->space;
    err_t e = look_existing(r, start, first_name(r), !(flags_of(r) & FILE_NO_FOLLOW), &w);
    if (!err_ok(e))
        return e;
    node_stat(w.node, s);
    answer_node(r, w.node);
    walk_end(&w);
    if (r->limit < sizeof *s)
        return ERROR_ARG(BAD_WINDOW, 2);
    return file_emit(r, s, sizeof *s);
}

static err_t set_check(const struct file_request *r, const struct node *n,
                       const struct file_set *set) {
    if (set->fields & ~FILE_SET_ALL)
        return ERROR(BAD_ARGUMENT);
    if (set->fields & FILE_SET_SIZE && node_is(n, FILE_TYPE_DIRECTORY))
        return ERROR(IS_DIRECTORY);
    if (set->fields & FILE_SET_SIZE && !node_is(n, FILE_TYPE_REGULAR))
        return ERROR(BAD_ARGUMENT);
    if (set->fields & FILE_SET_SIZE && !may(r, FILE_RIGHT_WRITE))
        return ERROR(NO_RIGHT);
    if (set->fields != FILE_SET_SIZE && !may(r, FILE_RIGHT_CHANGE))
        return ERROR(NO_RIGHT);
    return n->ops->set ? OK : ERROR(READ_ONLY);
}

static err_t serve_set(struct file_request *r, struct node *start) {
    struct walk w;
    struct file_set set;
    struct text name = first_name(r);
    if (r->data_length < name.length + sizeof set)
        return ERROR_ARG(BAD_WINDOW, 2);
    memcpy(&set, r->data + name.length, sizeof set);
    err_t e = look_existing(r, start, name, !(flags_of(r) & FILE_NO_FOLLOW), &w);
    if (!err_ok(e))
        return e;
    e = set_check(r, w.node, &set);
    if (err_ok(e))
        e = w.node->ops->set(w.node, &set);
    if (err_ok(e))
        answer_node(r, w.node);
    walk_end(&w);
    return e;
}

static err_t serve_read_link(struct file_request *r, struct node *start) {
    struct walk w;
    struct text text = {0};
    err_t e = look_existing(r, start, first_name(r), false, &w);
    if (!err_ok(e))
        return e;
    if (!node_is(w.node, FILE_TYPE_SYMLINK) || !w.node->ops->read_link)
        e = ERROR(BAD_ARGUMENT);
    else
        e = w.node->ops->read_link(w.node, &text);
    if (err_ok(e)) {
        /* The text may go away with the node. */
        size_t length = text.length < INLINE_MAX ? text.length : INLINE_MAX;
        memcpy(r->space, text.at, length);
        r->answer[0] = text.length;
        if (r->write_window)
            e = file_emit(r, r->space, length);
    }
    walk_end(&w);
    return e;
}

/* ---- entries of directories ---- */

static bool makeable(uint32_t mode) {
    switch (mode & FILE_TYPE) {
    case FILE_TYPE_REGULAR:
    case FILE_TYPE_DIRECTORY:
    case FILE_TYPE_FIFO:
    case FILE_TYPE_SOCKET:
    case FILE_TYPE_SYMLINK:
        return true;
    default:
        return false;
    }
}

static err_t make_check(const struct file_request *r, const struct walk *w, uint32_t mode) {
    if (w->node)
        return ERROR(EXISTS);
    if (!makeable(mode) || mode & ~(FILE_TYPE | FILE_PERMISSIONS))
        return ERROR(BAD_ARGUMENT);
    if (w->slash && (mode & FILE_TYPE) != FILE_TYPE_DIRECTORY)
        return ERROR(NOT_FOUND);
    if ((mode & FILE_TYPE) == FILE_TYPE_SYMLINK && !second_name(r).length)
        return ERROR(NOT_FOUND);
    return w->directory->ops->make ? OK : ERROR(READ_ONLY);
}

static err_t serve_make(struct file_request *r, struct node *start) {
    struct walk w;
    struct file_stat owner = {
        .mode = mode_of(r), .user = (uint32_t)r->word[2], .group = (uint32_t)(r->word[2] >> 32)};
    err_t e = look_entry(r, start, first_name(r), ERROR(EXISTS), &w);
    if (!err_ok(e))
        return e;
    e = make_check(r, &w, owner.mode);
    if (err_ok(e))
        e = w.directory->ops->make(w.directory, w.last, &owner, second_name(r), &w.node);
    if (err_ok(e))
        answer_node(r, w.node);
    walk_end(&w);
    return e;
}

static err_t remove_check(const struct walk *w, bool directory) {
    if (!w->node)
        return ERROR(NOT_FOUND);
    if (directory && !node_is(w->node, FILE_TYPE_DIRECTORY))
        return ERROR(NOT_DIRECTORY);
    if (!directory && node_is(w->node, FILE_TYPE_DIRECTORY))
        return ERROR(IS_DIRECTORY);
    return w->directory->ops->remove ? OK : ERROR(READ_ONLY);
}

static err_t serve_remove(struct file_request *r, struct node *start) {
    struct walk w;
    err_t e = look_entry(r, start, first_name(r), ERROR(BUSY), &w);
    if (!err_ok(e))
        return e;
    e = remove_check(&w, flags_of(r) & FILE_DIRECTORY);
    if (err_ok(e))
        e = w.directory->ops->remove(w.directory, w.last, w.node);
    if (err_ok(e))
        answer_node(r, w.node);
    walk_end(&w);
    return e;
}

static err_t link_check(const struct walk *file, const struct walk *to) {
    if (to->node)
        return ERROR(EXISTS);
    if (to->slash)
        return ERROR(NOT_FOUND);
    if (node_is(file->node, FILE_TYPE_DIRECTORY))
        return ERROR(IS_DIRECTORY);
    return to->directory->ops->link ? OK : ERROR(READ_ONLY);
}

static err_t serve_link(struct file_request *r, struct node *start) {
    struct walk file, to;
    err_t e = look_existing(r, start, first_name(r), !(flags_of(r) & FILE_NO_FOLLOW), &file);
    if (!err_ok(e))
        return e;
    e = look_second(r, start, ERROR(EXISTS), &to);
    if (err_ok(e)) {
        e = link_check(&file, &to);
        if (err_ok(e))
            e = to.directory->ops->link(to.directory, to.last, file.node);
        walk_end(&to);
    }
    if (err_ok(e))
        answer_node(r, file.node);
    walk_end(&file);
    return e;
}

/* Whether `n` is `directory` or above it. */
static bool contains(const struct node *n, struct node *directory) {
    struct node *at = directory;
    node_hold(at);
    while (at && at != n) {
        struct node *up = at->ops->parent(at);
        node_release(at);
        at = up;
    }
    if (!at)
        return false;
    node_release(at);
    return true;
}

static err_t rename_check(const struct file_request *r, const struct walk *from,
                          const struct walk *to) {
    bool directory = node_is(from->node, FILE_TYPE_DIRECTORY);
    if (to->slash && !directory)
        return ERROR(NOT_DIRECTORY);
    if (to->node && flags_of(r) & FILE_NO_REPLACE)
        return ERROR(EXISTS);
    if (directory && contains(from->node, to->directory))
        return ERROR(BAD_ARGUMENT);
    if (to->node && contains(to->node, from->directory))
        return ERROR(NOT_EMPTY);
    if (to->node && directory != node_is(to->node, FILE_TYPE_DIRECTORY))
        return directory ? ERROR(NOT_DIRECTORY) : ERROR(IS_DIRECTORY);
    return from->directory->ops->rename ? OK : ERROR(READ_ONLY);
}

static err_t serve_rename(struct file_request *r, struct node *start) {
    struct walk from, to;
    err_t e = look_entry(r, start, first_name(r), ERROR(BUSY), &from);
    if (!err_ok(e))
        return e;
    e = from.node ? look_second(r, start, ERROR(BUSY), &to) : ERROR(NOT_FOUND);
    if (err_ok(e)) {
        e = rename_check(r, &from, &to);
        if (err_ok(e) && from.node != to.node)
            e = from.directory->ops->rename(from.directory, from.last, from.node, to.directory,
                                            to.last, to.node);
        walk_end(&to);
    }
    if (err_ok(e))
        answer_node(r, from.node);
    walk_end(&from);
    return e;
}

err_t serve_name(struct file_request *r, struct node *start) {
    static err_t (*const serve[FILE_NAMES_END + 1])(struct file_request *, struct node *) = {
        [FILE_OPEN] = serve_open, [FILE_STAT] = serve_stat,           [FILE_SET] = serve_set,
        [FILE_MAKE] = serve_make, [FILE_REMOVE] = serve_remove,       [FILE_RENAME] = serve_rename,
        [FILE_LINK] = serve_link, [FILE_READ_LINK] = serve_read_link,
    };
    size_t first = first_name(r).length, second = second_name(r).length;
    if (first > FILE_PATH_MAX || second > FILE_PATH_MAX)
        return ERROR(NAME_TOO_LONG);
    if (first + second > r->data_length)
        return ERROR_ARG(BAD_WINDOW, 2);
    if (flags_of(r) & ~FILE_FLAGS_ALL)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = serve[r->op](r, start);
    if (err_is(e, ERR_SYMLINK) || err_is(e, ERR_ABOVE_ROOT) || err_is(e, ERR_NOT_FOUND))
        r->answer[0] += (uint32_t)r->word[3];
    return e;
}
