/* SPDX-License-Identifier: MIT */
#include "tests/file/follow.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/file/host/host.h"

#define LINKS_MAX 40u

/* One or two names and where they are looked up. */
struct way {
    struct session_cap root, s;
    char name[2][FILE_PATH_MAX + 1];
    unsigned links;
};

static void way_start(struct way *w, struct session_cap root, struct session_cap s,
                      const char *first, const char *second) {
    *w = (struct way){.root = root, .s = s};
    strcpy(w->name[0], first);
    strcpy(w->name[1], second);
}

/* Puts the text of the link that ends at `used` in its place. */
static err_t replace(struct way *w, char *name, size_t used) {
    char text[FILE_PATH_MAX + 1], whole[3 * FILE_PATH_MAX];
    size_t length = 0, directory = used;
    struct file_name n = {.path = {name, used}};
    if (used > strlen(name))
        abort(); /* not what the protocol says */
    err_t e = file_read_link(w->s, &n, text, sizeof text, &length, NULL);
    if (!err_ok(e))
        return e;
    while (directory && name[directory - 1] != '/')
        directory--;
    memcpy(whole, name, directory);
    memcpy(whole + directory, text, length);
    strcpy(whole + directory + length, name + used);
    if (strlen(whole) > FILE_PATH_MAX)
        return ERROR(NAME_TOO_LONG);
    strcpy(name, whole);
    return OK;
}

/* Whether to try again: a link was in the way and is replaced. *e says what came of it. */
static bool again(struct way *w, err_t *e, size_t used) {
    size_t first = strlen(w->name[0]);
    bool second = used > first;
    char *name = w->name[second];
    if (!err_is(*e, ERR_SYMLINK) || ++w->links > LINKS_MAX)
        return false;
    *e = replace(w, name, second ? used - first : used);
    return err_ok(*e);
}

err_t follow_open(struct session_cap root, struct session_cap s, const struct file_name *n,
                  struct session_cap *out) {
    struct way w;
    struct file_name now = *n;
    struct file_found found;
    char name[FILE_PATH_MAX + 1] = "";
    memcpy(name, n->path.at, n->path.length);
    way_start(&w, root, s, name, "");
    err_t e;
    do {
        now.path = text_of(w.name[0]);
        e = file_open(s, &now, out, &found);
        /* The link itself, which was not to be followed. */
        if (err_is(e, ERR_SYMLINK) && n->flags & FILE_NO_FOLLOW && found.used == now.path.length)
            return e;
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_stat(struct session_cap root, struct session_cap s, const char *name, uint32_t flags,
                  struct file_stat *out) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, name, "");
    do {
        struct file_name n = {.path = text_of(w.name[0]), .flags = flags};
        e = file_stat(s, &n, out, &found);
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_set(struct session_cap root, struct session_cap s, const char *name,
                 const struct file_set *set) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, name, "");
    do {
        struct file_name n = {.path = text_of(w.name[0])};
        e = file_set(s, &n, set, &found);
    } while (again(&w, &e, found.used));
    return e;
}

/* A link that a name with a slash behind it leads to is there already, wherever that leads. */
static bool ends_in_link(const struct way *w, size_t used) {
    const char *rest = w->name[0] + used;
    return used <= strlen(w->name[0]) && rest[strspn(rest, "/")] == 0;
}

err_t follow_make(struct session_cap root, struct session_cap s, const char *name, uint32_t mode,
                  const char *text) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, name, "");
    do {
        struct file_name n = {.path = text_of(w.name[0]), .mode = mode};
        e = file_make(s, &n, text_of(text), &found);
        if (err_is(e, ERR_SYMLINK) && ends_in_link(&w, found.used))
            return ERROR(EXISTS);
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_remove(struct session_cap root, struct session_cap s, const char *name,
                    uint32_t flags) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, name, "");
    do {
        struct file_name n = {.path = text_of(w.name[0]), .flags = flags};
        e = file_remove(s, &n, &found);
        if (err_is(e, ERR_SYMLINK) && ends_in_link(&w, found.used))
            return ERROR(NOT_DIRECTORY); /* as Linux does it */
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_read_link(struct session_cap root, struct session_cap s, const char *name, char *to,
                       size_t size, size_t *length) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, name, "");
    do {
        struct file_name n = {.path = text_of(w.name[0])};
        e = file_read_link(s, &n, to, size, length, &found);
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_rename(struct session_cap root, struct session_cap s, const char *from, const char *to,
                    uint32_t flags) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, from, to);
    do {
        struct file_name n = {.path = text_of(w.name[0]), .flags = flags};
        e = file_rename(s, &n, text_of(w.name[1]), &found);
    } while (again(&w, &e, found.used));
    return e;
}

err_t follow_link(struct session_cap root, struct session_cap s, const char *from, const char *to,
                  uint32_t flags) {
    struct way w;
    struct file_found found;
    err_t e;
    way_start(&w, root, s, from, to);
    do {
        struct file_name n = {.path = text_of(w.name[0]), .flags = flags};
        e = file_link(s, &n, text_of(w.name[1]), &found);
    } while (again(&w, &e, found.used));
    return e;
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
