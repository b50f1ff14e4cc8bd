/* SPDX-License-Identifier: MIT */
#include "tests/file/host/lookups.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file/lookup.h"
#include "tests/file/host/host.h"

/* An operation on one or two names, and what it needs beside them. */
struct operation {
    err_t (*once)(struct lookup *l, const struct operation *o);
    struct session_cap *opened;
    struct file_stat *stat;
    const struct file_set *set;
    struct text text;
    size_t *length;
    bool above; /* a server said so: the name leads out of the directory */
};

/* Whether nothing but slashes is behind the link that was found. */
static bool ends_in_link(const struct lookup *l) {
    const char *rest = l->text + l->found.used;
    size_t left = l->found.used < l->length[0] ? l->length[0] - l->found.used : 0;
    while (left && *rest == '/')
        rest++, left--;
    return !left;
}

static err_t call(struct lookup *l, void *context) {
    struct operation *o = context;
    err_t e = o->once(l, o);
    o->above |= err_is(e, ERR_ABOVE_ROOT);
    return e;
}

static err_t finish(struct lookup *l, struct operation *o) {
    err_t e = lookup_do(l, call, o);
    return o->above ? ERROR(ABOVE_ROOT) : e;
}

static err_t one_name(struct session_cap root, struct session_cap s, const struct file_name *n,
                      struct operation *o) {
    static struct lookup l;
    const struct lookup_base base = {.session = s};
    err_t e = lookup_start(&l, root, &base, n->path, n->flags);
    l.name.mode = n->mode;
    return err_ok(e) ? finish(&l, o) : e;
}

static err_t two_names(struct session_cap root, struct session_cap s, const char *from,
                       const char *to, uint32_t flags, struct operation *o) {
    static struct lookup l;
    const struct lookup_base base = {.session = s};
    const struct lookup_base *const both[] = {&base, &base};
    const struct text names[] = {text_of(from), text_of(to)};
    err_t e = lookup_start_two(&l, root, both, names, flags);
    return err_ok(e) ? finish(&l, o) : e;
}

/* ---- the operations ---- */

static err_t open_once(struct lookup *l, const struct operation *o) {
    return file_open(l->session, &l->name, o->opened, &l->found);
}

err_t follow_open(struct session_cap root, struct session_cap s, const struct file_name *n,
                  struct session_cap *out) {
    return one_name(root, s, n, &(struct operation){.once = open_once, .opened = out});
}

static err_t stat_once(struct lookup *l, const struct operation *o) {
    return file_stat(l->session, &l->name, o->stat, &l->found);
}

err_t follow_stat(struct session_cap root, struct session_cap s, const char *name, uint32_t flags,
                  struct file_stat *out) {
    const struct file_name n = {.path = text_of(name), .flags = flags};
    return one_name(root, s, &n, &(struct operation){.once = stat_once, .stat = out});
}

static err_t set_once(struct lookup *l, const struct operation *o) {
    lookup_append(l, o->set, sizeof *o->set);
    return file_set_behind(l->session, &l->name, &l->found);
}

err_t follow_set(struct session_cap root, struct session_cap s, const char *name,
                 const struct file_set *set) {
    const struct file_name n = {.path = text_of(name)};
    return one_name(root, s, &n, &(struct operation){.once = set_once, .set = set});
}

static err_t make_once(struct lookup *l, const struct operation *o) {
    err_t e =
        file_make(l->session, &l->name, lookup_append(l, o->text.at, o->text.length), &l->found);
    /* A link that a name with a slash behind it leads to is there, wherever that leads. */
    return err_is(e, ERR_SYMLINK) && ends_in_link(l) ? ERROR(EXISTS) : e;
}

err_t follow_make(struct session_cap root, struct session_cap s, const char *name, uint32_t mode,
                  const char *text) {
    const struct file_name n = {.path = text_of(name), .mode = mode};
    return one_name(root, s, &n, &(struct operation){.once = make_once, .text = text_of(text)});
}

static err_t remove_once(struct lookup *l, const struct operation *o) {
    (void)o;
    err_t e = file_remove(l->session, &l->name, &l->found);
    return err_is(e, ERR_SYMLINK) && ends_in_link(l) ? ERROR(NOT_DIRECTORY) : e; /* as Linux */
}

err_t follow_remove(struct session_cap root, struct session_cap s, const char *name,
                    uint32_t flags) {
    const struct file_name n = {.path = text_of(name), .flags = flags};
    return one_name(root, s, &n, &(struct operation){.once = remove_once});
}

static err_t read_link_once(struct lookup *l, const struct operation *o) {
    return file_read_link(l->session, &l->name, (void *)(uintptr_t)o->text.at, o->text.length,
                          o->length, &l->found);
}

err_t follow_read_link(struct session_cap root, struct session_cap s, const char *name, char *to,
                       size_t size, size_t *length) {
    const struct file_name n = {.path = text_of(name)};
    struct operation o = {.once = read_link_once, .text = {to, size}, .length = length};
    return one_name(root, s, &n, &o);
}

static err_t rename_once(struct lookup *l, const struct operation *o) {
    (void)o;
    return file_rename(l->session, &l->name, lookup_second(l), &l->found);
}

err_t follow_rename(struct session_cap root, struct session_cap s, const char *from, const char *to,
                    uint32_t flags) {
    return two_names(root, s, from, to, flags, &(struct operation){.once = rename_once});
}

static err_t link_once(struct lookup *l, const struct operation *o) {
    (void)o;
    return file_link(l->session, &l->name, lookup_second(l), &l->found);
}

err_t follow_link(struct session_cap root, struct session_cap s, const char *from, const char *to,
                  uint32_t flags) {
    return two_names(root, s, from, to, flags, &(struct operation){.once = link_once});
}

/* ---- emptying ---- */

static bool first_entry(struct session_cap s, char *name, bool *directory) {
    static _Alignas(8) char buffer[4096];
    struct file_entry e;
    size_t done = 0;
    if (!err_ok(file_entries(s, 2, buffer, sizeof buffer, &done)) || !done)
        return false;
    memcpy(&e, buffer, sizeof e);
    memcpy(name, buffer + sizeof e, e.name_length);
    name[e.name_length] = 0;
    *directory = e.type == FILE_TYPE_DIRECTORY >> 12;
    return true;
}

void follow_empty(struct session_cap s) {
    char name[FILE_NAME_MAX + 1];
    bool directory;
    struct file_name own = {.path = text_of(""), .flags = FILE_FOR_READ};
    struct session_cap list, inner;
    if (!err_ok(file_open(s, &own, &list, NULL)))
        abort();
    while (first_entry(list, name, &directory)) {
        struct file_name n = {.path = text_of(name), .flags = directory ? FILE_DIRECTORY : 0};
        if (directory) {
            if (!err_ok(file_open(s, &n, &inner, NULL)))
                abort();
            follow_empty(inner);
            host_close(NULL, inner);
        }
        if (!err_ok(file_remove(s, &n, NULL)))
            abort();
    }
    host_close(NULL, list);
}

void follow_empty_host(int descriptor) {
    DIR *d = fdopendir(descriptor);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (unlinkat(descriptor, e->d_name, 0) == 0)
            continue;
        follow_empty_host(openat(descriptor, e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        unlinkat(descriptor, e->d_name, AT_REMOVEDIR);
    }
    if (d)
        closedir(d);
}
