/* SPDX-License-Identifier: MIT */
/* Names as the calls get them, and how they are looked up. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/posix/posix.h"

struct session_cap posix_space;

static long path_take(struct name_at *n, long path, bool empty) {
    if (!user_text((uint64_t)path, FILE_PATH_MAX + 1, &n->path.length))
        return -EFAULT;
    n->path.at = (const char *)path;
    if (n->path.length > FILE_PATH_MAX)
        return -ENAMETOOLONG;
    return n->path.length || empty ? 0 : -ENOENT;
}

long name_begin(struct name_at *n, long directory, long path, bool empty) {
    long error = path_take(n, path, empty);
    n->from = NULL;
    if (error || (n->path.length && n->path.at[0] == '/'))
        return error;
    n->from = (int)directory == AT_FDCWD ? directory_get() : descriptor_get(directory);
    if (!n->from)
        return -EBADF;
    if (!n->path.length || description_is(n->from, FILE_TYPE_DIRECTORY))
        return 0;
    description_release(n->from);
    return -ENOTDIR;
}

void name_end(const struct name_at *n) {
    description_release(n->from);
}

/* ---- the last part ---- */

static size_t without_slashes(struct text path) {
    while (path.length && path.at[path.length - 1] == '/')
        path.length--;
    return path.length;
}

/* Where the last part begins. */
static size_t last_begin(struct text path) {
    size_t at = without_slashes(path);
    while (at && path.at[at - 1] != '/')
        at--;
    return at;
}

enum last_part name_last(const struct name_at *n) {
    size_t begin = last_begin(n->path), length = without_slashes(n->path) - begin;
    const char *last = n->path.at + begin;
    if (!length)
        return LAST_ROOT;
    if (length == 1 && last[0] == '.')
        return LAST_DOT;
    return length == 2 && last[0] == '.' && last[1] == '.' ? LAST_PARENT : LAST_NAME;
}

bool name_slashed(const struct name_at *n) {
    return without_slashes(n->path) < n->path.length;
}

void name_strip(struct name_at *n) {
    size_t length = without_slashes(n->path);
    n->path.length = length ? length : n->path.length;
}

long name_way(const struct name_at *n) {
    struct file_stat stat;
    uint64_t mount;
    const struct name_at way = {.from = n->from, .path = {n->path.at, last_begin(n->path)}};
    return way.path.length ? name_stat(&way, 0, &stat, &mount) : 0;
}

/* ---- lookups ---- */

static const struct lookup_base *base_of(const struct name_at *n) {
    return n->from ? &n->from->base : NULL;
}

/* A started lookup, or the block is given back. */
static long started(struct lookup *l, err_t e, struct lookup **out) {
    if (!err_ok(e))
        block_give(l);
    else
        *out = l;
    return posix_errno(e);
}

long name_lookup(const struct name_at *n, const struct file_name *how, struct lookup **out) {
    struct lookup *l = block_take();
    if (!l)
        return -ENOMEM;
    err_t e = lookup_start(l, posix_space, base_of(n), n->path, how->flags);
    l->name.mode = how->mode;
    l->name.user = identity_user();
    l->name.group = identity_group();
    return started(l, e, out);
}

static long finish(struct lookup *l, name_call call, void *context) {
    err_t e = lookup_do(l, call, context);
    block_give(l);
    return posix_errno(e);
}

long name_do(const struct name_at *n, const struct file_name *how, name_call call, void *context) {
    struct lookup *l;
    long error = name_lookup(n, how, &l);
    return error ? error : finish(l, call, context);
}

long name_do_two(const struct name_at n[2], uint32_t flags, name_call call, void *context) {
    const struct lookup_base *const base[] = {base_of(&n[0]), base_of(&n[1])};
    const struct text path[] = {n[0].path, n[1].path};
    struct lookup *l = block_take();
    if (!l)
        return -ENOMEM;
    long error = started(l, lookup_start_two(l, posix_space, base, path, flags), &l);
    return error ? error : finish(l, call, context);
}

/* ---- stat ---- */

struct stat_call {
    struct file_stat *stat;
    uint64_t mount;
};

static err_t stat_once(struct lookup *l, void *context) {
    struct stat_call *c = context;
    err_t e = file_stat(l->session, &l->name, c->stat, &l->found);
    c->mount = l->rooted ? l->found.mount : l->base[0]->mount;
    return e;
}

long name_stat(const struct name_at *n, uint32_t flags, struct file_stat *out, uint64_t *mount) {
    struct stat_call c = {.stat = out};
    if (n->from && n->from->log && !n->path.length) {
        *out = (struct file_stat){.mode = n->from->mode, .links = 1};
        *mount = 0;
        return 0;
    }
    long error = name_do(n, &(struct file_name){.flags = flags}, stat_once, &c);
    *mount = c.mount;
    return error;
}
