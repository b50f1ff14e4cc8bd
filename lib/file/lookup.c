/* SPDX-License-Identifier: MIT */
#include "lib/file/lookup.h"

static err_t set_path(struct lookup *l, struct text first, struct text second) {
    char *to = l->text;
    bool slash = first.length && second.length && first.at[first.length - 1] != '/';
    if (first.length + slash + second.length > FILE_PATH_MAX)
        return ERROR(NAME_TOO_LONG);
    memmove(to + first.length + slash, second.at, second.length);
    memmove(to, first.at, first.length);
    if (slash)
        to[first.length] = '/';
    l->name.path = (struct text){to, first.length + slash + second.length};
    return OK;
}

err_t lookup_start(struct lookup *l, struct session_cap space, struct text directory,
                   struct text path, uint32_t flags) {
    *l = (struct lookup){.space = space, .name = {.flags = flags}};
    bool absolute = path.length && path.at[0] == '/';
    l->physical = absolute ? 0 : directory.length;
    if (absolute)
        directory.length = 0;
    return set_path(l, directory, path);
}

/* The first `..` of the path: *at where it begins, and the result where it ends; 0: there is none.
 */
static size_t find_parent(struct text path, size_t *at) {
    for (size_t i = 0; i + 1 < path.length; i++) {
        size_t end = i + 2;
        if (path.at[i] == '.' && path.at[i + 1] == '.' && (!i || path.at[i - 1] == '/') &&
            (end == path.length || path.at[end] == '/')) {
            *at = i;
            return end;
        }
    }
    return 0;
}

/* Where the last name of a path begins. */
static size_t last_name(const char *path, size_t length) {
    while (length && path[length - 1] == '/')
        length--;
    while (length && path[length - 1] != '/')
        length--;
    return length;
}

/* A link's text takes the place of its name, the last one of the first `used` bytes. */
static err_t expand_link(struct lookup *l, size_t used) {
    char text[FILE_PATH_MAX + 1] = {0}; /* the server may write less than it says */
    struct file_name link = {.path = {l->text, used}, .branch = l->name.branch};
    size_t length, total = l->name.path.length;
    if (used > total)
        return ERROR(CORRUPT); /* the server's mistake */
    if (++l->links > LOOKUP_LINKS_MAX)
        return ERROR(TOO_MANY_LINKS);
    err_t e = file_read_link(l->space, &link, text, sizeof text, &length, NULL);
    if (!err_ok(e))
        return e;
    if (!length || length + total - used > FILE_PATH_MAX)
        return length ? ERROR(NAME_TOO_LONG) : ERROR(NOT_FOUND);
    memcpy(text + length, l->text + used, total - used);
    size_t directory = text[0] == '/' ? 0 : last_name(l->text, used);
    l->physical = directory;
    l->name.branch = 0;
    return set_path(l, (struct text){l->text, directory},
                    (struct text){text, length + total - used});
}

/* The union has another branch to look in. Each is later than the one before, whatever servers say.
 */
static bool next_branch(struct file_name *n, const struct file_found *found) {
    if (found->branch <= n->branch)
        return false;
    n->branch = found->branch;
    return true;
}

/* Makes sure that the first `length` bytes are a directory's name without links; *expanded: there
 * was one, which is expanded now. */
static err_t make_physical(struct lookup *l, size_t length, bool *expanded) {
    struct file_found found;
    struct file_stat stat;
    struct file_name directory = {.path = {l->text, length}};
    err_t e;
    *expanded = false;
    if (length <= l->physical)
        return OK;
    do
        e = file_stat(l->space, &directory, &stat, &found);
    while (err_is(e, ERR_NOT_FOUND) && next_branch(&directory, &found));
    if (err_is(e, ERR_SYMLINK)) {
        *expanded = true;
        return expand_link(l, found.used);
    }
    if (err_ok(e) && (found.mode & FILE_TYPE) != FILE_TYPE_DIRECTORY)
        return ERROR(NOT_DIRECTORY);
    if (err_ok(e))
        l->physical = length;
    return e;
}

/* Takes every `..` out, with the name before it. */
static err_t remove_parents(struct lookup *l) {
    size_t at, end;
    while ((end = find_parent(l->name.path, &at))) {
        bool expanded;
        err_t e = make_physical(l, at, &expanded);
        if (!err_ok(e))
            return e;
        if (expanded)
            continue;
        size_t before = last_name(l->text, at);
        struct text rest = {l->text + end, l->name.path.length - end};
        l->physical = before;
        l->text[before] = '/'; /* in case nothing else is left */
        e = set_path(l, (struct text){l->text, before ? before : 1}, rest);
        if (!err_ok(e))
            return e;
    }
    return OK;
}

err_t lookup_do(struct lookup *l, err_t (*call)(struct lookup *l, void *context), void *context) {
    err_t e = remove_parents(l);
    while (err_ok(e)) {
        e = call(l, context);
        if (err_is(e, ERR_NOT_FOUND) && next_branch(&l->name, &l->found)) {
            e = OK;
        } else if (err_is(e, ERR_SYMLINK) &&
                   !(l->name.flags & FILE_NO_FOLLOW && l->found.used >= l->name.path.length)) {
            e = expand_link(l, l->found.used);
            if (err_ok(e))
                e = remove_parents(l);
        } else {
            return e;
        }
    }
    return e;
}

static err_t open_once(struct lookup *l, void *context) {
    return file_open(l->space, &l->name, context, &l->found);
}

err_t lookup_open(struct lookup *l, struct session_cap *out) {
    return lookup_do(l, open_once, out);
}

static err_t stat_once(struct lookup *l, void *context) {
    return file_stat(l->space, &l->name, context, &l->found);
}

err_t lookup_stat(struct lookup *l, struct file_stat *out) {
    return lookup_do(l, stat_once, out);
}
