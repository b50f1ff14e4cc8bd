/* SPDX-License-Identifier: MIT */
#include "lib/file/lookup.h"

#include "abi/ns.h"

/* ---- the names ---- */

static char *name_at(struct lookup *l, unsigned which) {
    return l->text + (which ? l->length[0] : 0);
}

static size_t total(const struct lookup *l) {
    return l->length[0] + l->length[1];
}

/* Puts a text that is not in l->text in the place of the bytes from `from` to `to` of a name. */
static err_t splice(struct lookup *l, unsigned which, size_t from, size_t to, struct text with) {
    size_t length = l->length[which] - (to - from) + with.length;
    char *at = name_at(l, which);
    if (length > FILE_PATH_MAX || total(l) - (to - from) + with.length > INLINE_MAX)
        return ERROR(NAME_TOO_LONG);
    memmove(at + from + with.length, at + to, (size_t)(l->text + total(l) - (at + to)));
    if (with.length)
        memcpy(at + from, with.at, with.length);
    l->length[which] = length;
    l->name.path = (struct text){l->text, l->length[0]};
    return OK;
}

static void cut(struct lookup *l, unsigned which, size_t from, size_t to) {
    (void)splice(l, which, from, to, (struct text){0});
}

/* Where the last name of a path begins. */
static size_t last_name(const char *path, size_t length) {
    while (length && path[length - 1] == '/')
        length--;
    while (length && path[length - 1] != '/')
        length--;
    return length;
}

/* ---- unions ---- */

/* The union has another branch to look in. Each is later than the one before, whatever servers say.
 */
static bool next_branch(struct file_name *n, const struct file_found *found) {
    if (found->branch <= n->branch)
        return false;
    n->branch = found->branch;
    return true;
}

/* What is at a path, which has no link but perhaps as a part: SYMLINK. */
static err_t stat_path(struct session_cap s, struct text path, struct file_found *found) {
    struct file_stat stat;
    struct file_name n = {.path = path};
    err_t e;
    do
        e = file_stat(s, &n, &stat, found);
    while (err_is(e, ERR_NOT_FOUND) && next_branch(&n, found));
    return e;
}

/* ---- from a directory to the root ---- */

/* Root is where it was. */
err_t lookup_base_check(struct session_cap space, const struct lookup_base *b) {
    struct file_found path, own;
    if (!b->path.length)
        return ERROR(NOT_FOUND);
    if (b->by_path || b->path.length == 1)
        return OK;
    err_t e = stat_path(space, b->path, &path);
    if (err_ok(e))
        e = stat_path(b->session, (struct text){0}, &own);
    if (!err_ok(e))
        return ERROR(NOT_FOUND);
    bool same = path.id == own.id && (uint32_t)path.mount == (uint32_t)b->mount;
    return same ? OK : ERROR(NOT_FOUND);
}

static err_t root_name(struct lookup *l, unsigned which) {
    const struct lookup_base *b = l->base[which];
    if (!b || (l->length[which] && *name_at(l, which) == '/'))
        return OK;
    err_t e = lookup_base_check(l->space, b);
    bool slash = b->path.length && b->path.at[b->path.length - 1] != '/';
    if (err_ok(e) && slash)
        e = splice(l, which, 0, 0, (struct text){"/", 1});
    if (err_ok(e))
        e = splice(l, which, 0, 0, b->path);
    l->physical[which] = b->path.length;
    return e;
}

/* From now on the names count from the root. */
static err_t root_names(struct lookup *l) {
    err_t e = root_name(l, 0);
    if (err_ok(e) && l->names > 1)
        e = root_name(l, 1);
    l->session = l->space;
    l->rooted = true;
    return e;
}

/* ---- links ---- */

/* The link at the end of the first `used` bytes of a name gives way to its text. What is behind it
 * is moved out of the way first: the server writes the text to where it belongs. */
static err_t expand_link(struct lookup *l, unsigned which, size_t used) {
    char *at = name_at(l, which), *text = at + used;
    struct file_name link = {.path = {at, used}, .branch = l->name.branch};
    size_t rest = (size_t)(l->text + total(l) - text), room = sizeof l->text - total(l), length;
    if (++l->links > LOOKUP_LINKS_MAX)
        return ERROR(TOO_MANY_LINKS);
    memmove(text + room, text, rest);
    memset(text, 0, room); /* the server may write less than it says */
    err_t e = file_read_link(l->session, &link, text, room, &length, NULL);
    if (err_ok(e) && (!length || length >= room))
        e = length ? ERROR(NAME_TOO_LONG) : ERROR(NOT_FOUND);
    if (!err_ok(e))
        return e;
    bool absolute = *text == '/';
    size_t directory = absolute ? 0 : last_name(at, used);
    memmove(at + directory, text, length);
    memmove(at + directory + length, text + room, rest);
    l->length[which] = l->length[which] - used + directory + length;
    l->name.path.length = l->length[0];
    l->name.branch = 0;
    if (l->physical[which] > directory)
        l->physical[which] = directory;
    if (l->length[which] > FILE_PATH_MAX || total(l) > INLINE_MAX)
        return ERROR(NAME_TOO_LONG);
    return absolute && !l->rooted ? root_names(l) : OK;
}

/* A link that was in the way is expanded. `used` counts from the beginning of the first name. */
static err_t expand_found(struct lookup *l, size_t used) {
    unsigned which = used > l->length[0];
    if (which)
        used -= l->length[0];
    if (!used || used > l->length[which])
        return ERROR(CORRUPT); /* the server's mistake */
    return expand_link(l, which, used);
}

/* ---- `..` in names that count from the root ---- */

/* The first `..` of the path: *at where it begins, and the result where it ends; 0: there is none.
 */
static size_t find_parent(struct text path, size_t *at) {
    for (size_t i = 0; i + 1 < path.length; i++) {
        if (path.at[i] != '.')
            continue;
        size_t end = i + 2;
        if (path.at[i + 1] == '.' && (!i || path.at[i - 1] == '/') &&
            (end == path.length || path.at[end] == '/')) {
            *at = i;
            return end;
        }
    }
    return 0;
}

/* Where the last name begins that is not `.`. */
static size_t last_real_name(const char *path, size_t length) {
    size_t at = last_name(path, length);
    while (at && path[at] == '.' && path[at + 1] == '/')
        at = last_name(path, at);
    return at;
}

/* Makes sure that the first `length` bytes are a directory's name without links; *expanded: there
 * was one, which is expanded now. */
static err_t make_physical(struct lookup *l, unsigned which, size_t length, bool *expanded) {
    struct file_found found;
    *expanded = false;
    if (length == 1 || length <= l->physical[which])
        return OK;
    err_t e = stat_path(l->space, (struct text){name_at(l, which), length}, &found);
    if (err_is(e, ERR_SYMLINK)) {
        *expanded = true;
        return found.used && found.used <= length ? expand_link(l, which, found.used)
                                                  : ERROR(CORRUPT);
    }
    if (err_ok(e) && (found.mode & FILE_TYPE) != FILE_TYPE_DIRECTORY)
        return ERROR(NOT_DIRECTORY);
    if (err_ok(e))
        l->physical[which] = length;
    return e;
}

/* Takes every `..` out, with the name before it. */
static err_t remove_parents(struct lookup *l, unsigned which) {
    size_t at, end;
    while ((end = find_parent((struct text){name_at(l, which), l->length[which]}, &at))) {
        bool expanded;
        err_t e = make_physical(l, which, at, &expanded);
        if (!err_ok(e))
            return e;
        if (expanded)
            continue;
        const char *name = name_at(l, which);
        size_t before = last_real_name(name, at);
        if (!before)
            before = 1; /* the root's is the root */
        if (end < l->length[which])
            end++; /* a slash */
        l->physical[which] = before;
        cut(l, which, before, end);
    }
    return OK;
}

static err_t remove_all_parents(struct lookup *l) {
    err_t e = OK;
    for (unsigned i = 0; l->rooted && i < l->names && err_ok(e); i++)
        e = remove_parents(l, i);
    return e;
}

/* ---- the whole ---- */

/* Also tells whether one of the names can only count from the root. */
static err_t add_names(struct lookup *l, const struct lookup_base *const *base,
                       const struct text *path, bool *absolute) {
    err_t e = OK;
    for (unsigned i = 0; i < l->names && err_ok(e); i++) {
        l->base[i] = base[i];
        e = splice(l, i, 0, 0, path[i]);
        *absolute |= !base[i] || base[i]->by_path || (path[i].length && path[i].at[0] == '/');
        *absolute |= base[i] != base[0];
    }
    return e;
}

static err_t start(struct lookup *l, struct session_cap space,
                   const struct lookup_base *const *base, const struct text *path) {
    bool absolute = false;
    l->space = space;
    l->found = (struct file_found){0};
    l->links = 0;
    l->rooted = false;
    l->length[0] = l->length[1] = l->physical[0] = l->physical[1] = 0;
    err_t e = add_names(l, base, path, &absolute);
    if (!err_ok(e) || absolute)
        return err_ok(e) ? root_names(l) : e;
    l->session = base[0]->session;
    return OK;
}

err_t lookup_start(struct lookup *l, struct session_cap space, const struct lookup_base *base,
                   struct text path, uint32_t flags) {
    l->name = (struct file_name){.flags = flags};
    l->names = 1;
    return start(l, space, &base, &path);
}

err_t lookup_start_two(struct lookup *l, struct session_cap space,
                       const struct lookup_base *const base[2], const struct text path[2],
                       uint32_t flags) {
    l->name = (struct file_name){.flags = flags};
    l->names = 2;
    return start(l, space, base, path);
}

/* Whether the answer SYMLINK is about the file itself. */
static bool link_meant(const struct lookup *l) {
    return l->name.flags & FILE_NO_FOLLOW && l->found.used == l->length[0];
}

err_t lookup_do(struct lookup *l, err_t (*call)(struct lookup *l, void *context), void *context) {
    err_t e = remove_all_parents(l);
    while (err_ok(e)) {
        e = call(l, context);
        if (err_is(e, ERR_NOT_FOUND) && next_branch(&l->name, &l->found))
            e = OK;
        else if (err_is(e, ERR_SYMLINK) && !link_meant(l))
            e = expand_found(l, l->found.used);
        else if (err_is(e, ERR_ABOVE_ROOT) && !l->rooted)
            e = root_names(l);
        else
            break;
        if (err_ok(e))
            e = remove_all_parents(l);
    }
    if (err_ok(e) && !l->rooted)
        l->found.mount = l->base[0]->mount;
    return e;
}

/* ---- paths ---- */

static bool add_part(char *to, size_t *length, struct text part) {
    if (*length + 1 + part.length > FILE_PATH_MAX)
        return false;
    to[(*length)++] = '/';
    memcpy(to + *length, part.at, part.length);
    *length += part.length;
    return true;
}

static void remove_part(const char *to, size_t *length) {
    while (*length && to[--*length] != '/')
        ;
}

/* Adds the parts of a path to a clean one, which ends in no slash. */
static bool add_parts(char *to, size_t *length, struct text path) {
    for (size_t at = 0; at < path.length; at++) {
        size_t end = at;
        while (end < path.length && path.at[end] != '/')
            end++;
        struct text part = {path.at + at, end - at};
        at = end;
        if (!part.length || (part.length == 1 && part.at[0] == '.'))
            continue;
        if (part.length == 2 && part.at[0] == '.' && part.at[1] == '.')
            remove_part(to, length);
        else if (!add_part(to, length, part))
            return false;
    }
    return true;
}

err_t lookup_path(const struct lookup *l, char to[FILE_PATH_MAX + 1], size_t *length) {
    *length = 0;
    if (!l->rooted && !l->base[0]->path.length)
        return ERROR(NOT_FOUND);
    bool room = l->rooted || add_parts(to, length, l->base[0]->path);
    if (!room || !add_parts(to, length, (struct text){l->text, l->length[0]}))
        return ERROR(NAME_TOO_LONG);
    if (!*length)
        to[(*length)++] = '/';
    return OK;
}

/* ---- operations ---- */

struct text lookup_append(struct lookup *l, const void *from, size_t length) {
    char *at = l->text + total(l);
    if (length)
        memcpy(at, from, length);
    return (struct text){at, length};
}

static err_t open_once(struct lookup *l, void *context) {
    return file_open(l->session, &l->name, context, &l->found);
}

err_t lookup_open(struct lookup *l, struct session_cap *out) {
    return lookup_do(l, open_once, out);
}

static err_t stat_once(struct lookup *l, void *context) {
    return file_stat(l->session, &l->name, context, &l->found);
}

err_t lookup_stat(struct lookup *l, struct file_stat *out) {
    return lookup_do(l, stat_once, out);
}
