/* SPDX-License-Identifier: MIT */
/*
 * rename(2) and link(2): two names. Linux finds both ways first, then the old name, then the new
 * one; what a server says in another order is put right after an error, when it costs nothing.
 */
#include <errno.h>
#include <fcntl.h>

#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

static long begin_two(struct name_at n[2], const long *a, bool empty) {
    long error = name_begin(&n[0], a[0], a[1], empty);
    if (error)
        return error;
    error = name_begin(&n[1], a[2], a[3], false);
    if (error)
        name_end(&n[0]);
    return error;
}

static void end_two(const struct name_at n[2]) {
    name_end(&n[0]);
    name_end(&n[1]);
}

/* ---- rename ---- */

static err_t rename_once(struct lookup *l, void *context) {
    (void)context;
    return file_rename(l->session, &l->name, lookup_second(l), &l->found);
}

static long ways(const struct name_at n[2]) {
    long error = name_way(&n[0]);
    return error ? error : name_way(&n[1]);
}

/* Only a directory can have a name that ends in a slash. */
static long rename_slashed(const struct name_at n[2], uint32_t flags) {
    struct file_stat stat, other;
    uint64_t mount;
    long error = ways(n);
    if (!error)
        error = name_stat(&n[0], FILE_NO_FOLLOW, &stat, &mount);
    if (error)
        return error;
    if (flags & FILE_NO_REPLACE && !name_stat(&n[1], FILE_NO_FOLLOW, &other, &mount))
        return -EEXIST;
    return (stat.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY ? 0 : -ENOTDIR;
}

static long rename_names(struct name_at n[2], uint32_t flags) {
    bool slashed = name_slashed(&n[0]) || name_slashed(&n[1]);
    enum last_part last[] = {name_last(&n[0]), name_last(&n[1])};
    name_strip(&n[0]);
    name_strip(&n[1]);
    if (last[0] != LAST_NAME || last[1] != LAST_NAME) {
        long error = ways(n);
        if (error)
            return error;
        return last[0] == LAST_NAME && flags & FILE_NO_REPLACE ? -EEXIST : -EBUSY;
    }
    long error = slashed ? rename_slashed(n, flags) : 0;
    if (!error)
        error = name_do_two(n, flags, rename_once, NULL);
    if (error == -ENOENT || error == -ENOTDIR) {
        long way = ways(n);
        error = way ? way : error;
    }
    return error;
}

static long rename_call(const long *a, uint32_t flags) {
    struct name_at n[2];
    if (flags & ~RENAME_NOREPLACE) /* exchanging and whiteouts: no server has them */
        return -EINVAL;
    long error = begin_two(n, a, false);
    if (error)
        return error;
    error = rename_names(n, flags ? FILE_NO_REPLACE : 0);
    end_two(n);
    return error;
}

long call_rename(const long *a) {
    return rename_call((const long[]){AT_FDCWD, a[0], AT_FDCWD, a[1]}, 0);
}

long call_renameat(const long *a) {
    return rename_call(a, 0);
}

long call_renameat2(const long *a) {
    return rename_call(a, (uint32_t)a[4]);
}

/* ---- link ---- */

static err_t link_once(struct lookup *l, void *context) {
    (void)context;
    return file_link(l->session, &l->name, lookup_second(l), &l->found);
}

/* The old file is there; what the new name is wrong with. */
static long link_new(const struct name_at *n, bool slashed) {
    struct file_stat stat;
    uint64_t mount;
    if (name_last(n) != LAST_NAME) {
        long error = name_way(n);
        return error ? error : -EEXIST;
    }
    if (!slashed)
        return 0;
    long error = name_stat(n, FILE_NO_FOLLOW, &stat, &mount);
    return error ? error : -EEXIST;
}

static long link_names(struct name_at n[2], uint32_t flags) {
    struct file_stat stat;
    uint64_t mount;
    bool slashed = name_slashed(&n[1]);
    name_strip(&n[1]);
    if (slashed || name_last(&n[1]) != LAST_NAME) {
        long error = name_stat(&n[0], flags, &stat, &mount);
        if (!error)
            error = link_new(&n[1], slashed);
        if (error)
            return error;
    }
    long error = name_do_two(n, flags, link_once, NULL);
    return error == -EISDIR ? -EPERM : error;
}

static long link_call(const long *a, uint32_t flags) {
    struct name_at n[2];
    if (flags & ~(uint32_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    long error = begin_two(n, a, flags & AT_EMPTY_PATH);
    if (error)
        return error;
    error = link_names(n, flags & AT_SYMLINK_FOLLOW ? 0 : FILE_NO_FOLLOW);
    end_two(n);
    return error;
}

long call_link(const long *a) {
    return link_call((const long[]){AT_FDCWD, a[0], AT_FDCWD, a[1]}, 0);
}

long call_linkat(const long *a) {
    return link_call(a, (uint32_t)a[4]);
}
