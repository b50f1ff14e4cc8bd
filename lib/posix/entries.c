/* SPDX-License-Identifier: MIT */
/*
 * Names are made, removed and read. Linux looks for the way to a name first and says then what is
 * wrong with its last part, in an order of its own; what a server answers differently is asked for
 * again here. Slashes at the end of a name never get to the server.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/posix/posix.h"

static err_t make_once(struct lookup *l, void *context) {
    const struct text *text = context;
    return file_make(l->session, &l->name, lookup_append(l, text->at, text->length), &l->found);
}

/* Something else than a directory cannot be made where a name ends in a slash. */
static long make_slashed(const struct name_at *n) {
    struct file_stat stat;
    uint64_t mount;
    long error = name_stat(n, FILE_NO_FOLLOW, &stat, &mount);
    return error ? error : -EEXIST;
}

/* `mode` has the type. */
static long make(long directory, long path, uint32_t mode, struct text text) {
    struct name_at n;
    const struct file_name how = {.mode = mode};
    long error = name_begin(&n, directory, path, false);
    if (error)
        return error;
    bool slashed = name_slashed(&n) && (mode & FILE_TYPE) != FILE_TYPE_DIRECTORY;
    name_strip(&n);
    if (name_last(&n) != LAST_NAME) {
        error = name_way(&n);
        error = error ? error : -EEXIST;
    } else if (slashed) {
        error = make_slashed(&n);
    } else {
        error = name_do(&n, &how, make_once, &text);
    }
    name_end(&n);
    return error;
}

long name_make(long directory, long path, uint32_t mode) {
    return make(directory, path, mode, (struct text){0});
}

static long make_directory(long directory, long path, long mode) {
    uint32_t bits = (uint32_t)mode & (FILE_PERMISSIONS & ~(S_ISUID | S_ISGID)) & ~umask_now;
    return make(directory, path, FILE_TYPE_DIRECTORY | bits, (struct text){0});
}

long call_mkdir(const long *a) {
    return make_directory(AT_FDCWD, a[0], a[1]);
}

long call_mkdirat(const long *a) {
    return make_directory(a[0], a[1], a[2]);
}

/* Devices are made by their servers alone. */
static long make_node(long directory, long path, long mode) {
    uint32_t bits = (uint32_t)mode & FILE_PERMISSIONS & ~umask_now;
    switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
        return make(directory, path, FILE_TYPE_REGULAR | bits, (struct text){0});
    case S_IFIFO:
    case S_IFSOCK:
        return make(directory, path, ((uint32_t)mode & FILE_TYPE) | bits, (struct text){0});
    case S_IFDIR:
    case S_IFCHR:
    case S_IFBLK:
        return -EPERM;
    default:
        return -EINVAL;
    }
}

long call_mknod(const long *a) {
    return make_node(AT_FDCWD, a[0], a[1]);
}

long call_mknodat(const long *a) {
    return make_node(a[0], a[1], a[2]);
}

static long make_link(long text, long directory, long path) {
    struct text t = {.at = (const char *)text};
    if (!user_text((uint64_t)text, FILE_PATH_MAX + 1, &t.length))
        return -EFAULT;
    if (!t.length)
        return -ENOENT;
    if (t.length > FILE_PATH_MAX)
        return -ENAMETOOLONG;
    return make(directory, path, FILE_TYPE_SYMLINK | 0777, t);
}

long call_symlink(const long *a) {
    return make_link(a[0], AT_FDCWD, a[1]);
}

long call_symlinkat(const long *a) {
    return make_link(a[0], a[1], a[2]);
}

/* ---- removing ---- */

static err_t remove_once(struct lookup *l, void *context) {
    (void)context;
    return file_remove(l->session, &l->name, &l->found);
}

/* What unlink says about a name that ends in a slash and is there. */
static long unlink_slashed(const struct name_at *n) {
    struct file_stat stat;
    uint64_t mount;
    long error = name_stat(n, FILE_NO_FOLLOW, &stat, &mount);
    if (error)
        return error;
    return (stat.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY ? -EISDIR : -ENOTDIR;
}

static long remove_name(struct name_at *n, bool directory) {
    static const long no_name[] = {
        [LAST_DOT] = -EINVAL, [LAST_PARENT] = -ENOTEMPTY, [LAST_ROOT] = -EBUSY};
    const struct file_name how = {.flags = directory ? FILE_DIRECTORY : 0};
    bool slashed = name_slashed(n);
    enum last_part last = name_last(n);
    if (last != LAST_NAME) {
        long error = name_way(n);
        return error ? error : (directory ? no_name[last] : -EISDIR);
    }
    name_strip(n);
    if (slashed && !directory)
        return unlink_slashed(n);
    return name_do(n, &how, remove_once, NULL);
}

static long remove_at(long directory, long path, bool is_directory) {
    struct name_at n;
    long error = name_begin(&n, directory, path, false);
    if (error)
        return error;
    error = remove_name(&n, is_directory);
    name_end(&n);
    return error;
}

long name_remove(long path) {
    return remove_at(AT_FDCWD, path, false);
}

long call_unlink(const long *a) {
    return remove_at(AT_FDCWD, a[0], false);
}

long call_rmdir(const long *a) {
    return remove_at(AT_FDCWD, a[0], true);
}

long call_unlinkat(const long *a) {
    if ((int)a[2] & ~AT_REMOVEDIR)
        return -EINVAL;
    return remove_at(a[0], a[1], (int)a[2] & AT_REMOVEDIR);
}

/* ---- reading links ---- */

struct link_call {
    void *to;
    size_t size, length;
};

static err_t read_link_once(struct lookup *l, void *context) {
    struct link_call *c = context;
    return file_read_link(l->session, &l->name, c->to, c->size, &c->length, &l->found);
}

static long link_put(struct text text, void *to, size_t size) {
    size_t length = text.length < size ? text.length : size;
    if (!user_writable((uint64_t)to, length))
        return -EFAULT;
    memcpy(to, text.at, length);
    return (long)length;
}

static long read_link(long directory, long path, long to, long size) {
    struct name_at n;
    const struct file_name how = {.flags = FILE_NO_FOLLOW};
    struct link_call c = {.to = (void *)to, .size = (size_t)size};
    if ((int)size <= 0)
        return -EINVAL;
    long error = name_begin(&n, directory, path, true);
    if (error)
        return error;
    struct text own = self_name(n.path);
    if (own.length)
        return link_put(own, c.to, c.size);
    bool empty = !n.path.length;
    error = empty && !description_is(n.from, FILE_TYPE_SYMLINK)
                ? -ENOENT
                : name_do(&n, &how, read_link_once, &c);
    name_end(&n);
    if (error)
        return error;
    return c.length < c.size ? (long)c.length : (int)size;
}

long call_readlink(const long *a) {
    return read_link(AT_FDCWD, a[0], a[1], a[2]);
}

long call_readlinkat(const long *a) {
    return read_link(a[0], a[1], a[2], a[3]);
}
