/* SPDX-License-Identifier: MIT */
/* Permissions, owners and sizes are set. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/posix/posix.h"

#define SAME 0xffffffffu /* an owner that stays */

uint32_t umask_now = 022;

long call_umask(const long *a) {
    return __atomic_exchange_n(&umask_now, (uint32_t)a[0] & 0777, __ATOMIC_RELAXED);
}

static err_t set_once(struct lookup *l, void *context) {
    lookup_append(l, context, sizeof(struct file_set));
    return file_set_behind(l->session, &l->name, &l->found);
}

long name_set(const struct name_at *n, uint32_t flags, struct file_set *set) {
    if (n->from && n->from->log && !n->path.length)
        return -EPERM;
    return name_do(n, &(struct file_name){.flags = flags}, set_once, set);
}

/* ---- permissions ---- */

static struct file_set mode_set(long mode) {
    return (struct file_set){.fields = FILE_SET_MODE, .mode = (uint32_t)mode & FILE_PERMISSIONS};
}

static long chmod_at(long directory, long path, long mode) {
    struct name_at n;
    struct file_set set = mode_set(mode);
    long error = name_begin(&n, directory, path, false);
    if (error)
        return error;
    error = name_set(&n, 0, &set);
    name_end(&n);
    return error;
}

long call_chmod(const long *a) {
    return chmod_at(AT_FDCWD, a[0], a[1]);
}

long call_fchmodat(const long *a) {
    return chmod_at(a[0], a[1], a[2]);
}

/* The file of a descriptor that names may be set through: one of O_PATH may not. */
static long own_begin(struct name_at *n, long fd) {
    *n = (struct name_at){.from = descriptor_get(fd)};
    if (n->from && !(n->from->flags & O_PATH))
        return 0;
    name_end(n);
    return -EBADF;
}

long call_fchmod(const long *a) {
    struct name_at n;
    struct file_set set = mode_set(a[1]);
    long error = own_begin(&n, a[0]);
    if (error)
        return error;
    error = name_set(&n, 0, &set);
    name_end(&n);
    return error;
}

/* ---- owners ---- */

/* A file that gets an owner loses the rights that it gave with the old one. */
static void forget_rights(struct file_set *set, uint32_t mode) {
    uint32_t lost = mode & S_ISUID;
    if (mode & S_IXGRP)
        lost |= mode & S_ISGID;
    if (!lost || (mode & FILE_TYPE) == FILE_TYPE_DIRECTORY)
        return;
    set->fields |= FILE_SET_MODE;
    set->mode = mode & FILE_PERMISSIONS & ~lost;
}

static long chown_name(const struct name_at *n, uint32_t flags, long user, long group) {
    struct file_set set = {.user = (uint32_t)user, .group = (uint32_t)group};
    struct file_stat stat;
    uint64_t mount;
    if (set.user != SAME)
        set.fields |= FILE_SET_USER;
    if (set.group != SAME)
        set.fields |= FILE_SET_GROUP;
    long error = name_stat(n, flags, &stat, &mount);
    if (error)
        return error;
    forget_rights(&set, stat.mode);
    return name_set(n, flags, &set);
}

static long chown_at(long directory, long path, long user, long group, long flags) {
    struct name_at n;
    if ((int)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    long error = name_begin(&n, directory, path, flags & AT_EMPTY_PATH);
    if (error)
        return error;
    error = chown_name(&n, flags & AT_SYMLINK_NOFOLLOW ? FILE_NO_FOLLOW : 0, user, group);
    name_end(&n);
    return error;
}

long call_chown(const long *a) {
    return chown_at(AT_FDCWD, a[0], a[1], a[2], 0);
}

long call_lchown(const long *a) {
    return chown_at(AT_FDCWD, a[0], a[1], a[2], AT_SYMLINK_NOFOLLOW);
}

long call_fchownat(const long *a) {
    return chown_at(a[0], a[1], a[2], a[3], a[4]);
}

long call_fchown(const long *a) {
    struct name_at n;
    long error = own_begin(&n, a[0]);
    if (error)
        return error;
    error = chown_name(&n, 0, a[1], a[2]);
    name_end(&n);
    return error;
}

/* ---- sizes ---- */

static struct file_set size_set(long size) {
    return (struct file_set){.fields = FILE_SET_SIZE, .size = (uint64_t)size};
}

long call_truncate(const long *a) {
    struct name_at n;
    struct file_set set = size_set(a[1]);
    if (a[1] < 0)
        return -EINVAL;
    long error = name_begin(&n, AT_FDCWD, a[0], false);
    if (error)
        return error;
    error = name_set(&n, 0, &set);
    name_end(&n);
    return error;
}

long file_resize(struct description *d, uint64_t size) {
    struct file_set set = size_set((long)size);
    return name_set(&(struct name_at){.from = d}, 0, &set);
}

long call_ftruncate(const long *a) {
    if (a[1] < 0)
        return -EINVAL;
    struct description *any = descriptor_get(a[0]), *d = descriptor_for(a[0], O_WRONLY);
    long error = any && !(any->flags & O_PATH) ? -EINVAL : -EBADF;
    if (d && description_is(d, FILE_TYPE_REGULAR))
        error = file_resize(d, (uint64_t)a[1]);
    description_release(any);
    description_release(d);
    return error;
}
