/* SPDX-License-Identifier: MIT */
/*
 * What is known about a file. The device of a file is the number of its mount; of a file that came
 * with the start of the program, 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "abi/ns.h"
#include "lib/posix/linux.h"
#include "lib/posix/posix.h"
#include "lib/sys/syscall.h"

#define BLOCK        4096
#define TMPFS        0x01021994 /* Linux, include/uapi/linux/magic.h: the nearest that there is */
#define SECOND       1000000000ll
#define STAT_FLAGS   (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)
#define STATX_FLAGS  (STAT_FLAGS | AT_STATX_SYNC)
#define ACCESS_FLAGS (AT_SYMLINK_NOFOLLOW | AT_EACCESS | AT_EMPTY_PATH)

static uint32_t follow(long flags) {
    return flags & AT_SYMLINK_NOFOLLOW ? FILE_NO_FOLLOW : 0;
}

static long stat_at(long directory, long path, long flags, struct file_stat *out, uint64_t *mount) {
    struct name_at n;
    long error = name_begin(&n, directory, path, flags & AT_EMPTY_PATH);
    if (error)
        return error;
    if (!(flags & AT_SYMLINK_NOFOLLOW))
        name_self(&n);
    error = name_stat(&n, follow(flags), out, mount);
    name_end(&n);
    return error;
}

static long stat_file(long fd, struct file_stat *out, uint64_t *mount) {
    struct name_at n = {.from = descriptor_get(fd)};
    if (!n.from)
        return -EBADF;
    long error = name_stat(&n, 0, out, mount);
    name_end(&n);
    return error;
}

/* Nanoseconds of a second, also before 1970. */
static int64_t rest_of(int64_t time) {
    int64_t rest = time % SECOND;
    return rest < 0 ? rest + SECOND : rest;
}

static struct timespec time_of(int64_t time) {
    return (struct timespec){(time - rest_of(time)) / SECOND, rest_of(time)};
}

static dev_t special_of(const struct file_stat *s) {
    return makedev((unsigned)(s->device >> 32), (unsigned)s->device);
}

static long answer(const struct file_stat *s, uint64_t mount, long to) {
    if (!user_writable((uint64_t)to, sizeof(struct stat)))
        return -EFAULT;
    *(struct stat *)to = (struct stat){
        .st_dev = mount & NS_NUMBER,
        .st_ino = s->id,
        .st_nlink = s->links,
        .st_mode = s->mode,
        .st_uid = s->user,
        .st_gid = s->group,
        .st_rdev = special_of(s),
        .st_size = (off_t)s->size,
        .st_blksize = BLOCK,
        .st_blocks = (blkcnt_t)s->blocks,
        .st_atim = time_of(s->accessed),
        .st_mtim = time_of(s->modified),
        .st_ctim = time_of(s->changed),
    };
    return 0;
}

static long stat_call(long directory, long path, long to, long flags) {
    struct file_stat s;
    uint64_t mount;
    long error = stat_at(directory, path, flags, &s, &mount);
    return error ? error : answer(&s, mount, to);
}

long call_stat(const long *a) {
    return stat_call(AT_FDCWD, a[0], a[1], 0);
}

long call_lstat(const long *a) {
    return stat_call(AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
}

long call_fstat(const long *a) {
    struct file_stat s;
    uint64_t mount;
    long error = stat_file(a[0], &s, &mount);
    return error ? error : answer(&s, mount, a[1]);
}

long call_newfstatat(const long *a) {
    if ((int)a[3] & ~STAT_FLAGS)
        return -EINVAL;
    return stat_call(a[0], a[1], a[2], a[3]);
}

static struct statx_time statx_time_of(int64_t time) {
    return (struct statx_time){(time - rest_of(time)) / SECOND, (uint32_t)rest_of(time), 0};
}

long call_statx(const long *a) {
    struct file_stat s;
    uint64_t mount;
    uint32_t mask = (uint32_t)a[3];
    if ((int)a[2] & ~STATX_FLAGS || ((int)a[2] & AT_STATX_SYNC) == AT_STATX_SYNC ||
        mask & STATX_RESERVED)
        return -EINVAL;
    long error = stat_at(a[0], a[1], a[2], &s, &mount);
    if (error)
        return error;
    if (!user_writable((uint64_t)a[4], sizeof(struct statx_answer)))
        return -EFAULT;
    *(struct statx_answer *)a[4] = (struct statx_answer){
        .mask = STATX_BASIC,
        .block_size = BLOCK,
        .links = s.links,
        .user = s.user,
        .group = s.group,
        .mode = (uint16_t)s.mode,
        .id = s.id,
        .size = s.size,
        .blocks = s.blocks,
        .accessed = statx_time_of(s.accessed),
        .changed = statx_time_of(s.changed),
        .modified = statx_time_of(s.modified),
        .special_major = (uint32_t)(s.device >> 32),
        .special_minor = (uint32_t)s.device,
        .device_major = major(mount & NS_NUMBER),
        .device_minor = minor(mount & NS_NUMBER),
    };
    return 0;
}

/* ---- access ---- */

/* Handles decide what may be done, whoever the user is; nobody can execute what is no program. */
static long access_call(long directory, long path, long wanted, long flags) {
    struct file_stat s;
    uint64_t mount;
    if ((int)wanted & ~(R_OK | W_OK | X_OK) || (int)flags & ~ACCESS_FLAGS)
        return -EINVAL;
    long error = stat_at(directory, path, flags, &s, &mount);
    if (error)
        return error;
    bool executable = s.mode & 0111 || (s.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY;
    return wanted & X_OK && !executable ? -EACCES : 0;
}

long call_access(const long *a) {
    return access_call(AT_FDCWD, a[0], a[1], 0);
}

long call_faccessat(const long *a) {
    return access_call(a[0], a[1], a[2], 0);
}

long call_faccessat2(const long *a) {
    return access_call(a[0], a[1], a[2], a[3]);
}

/* ---- file systems ---- */

static long answer_space(struct session_cap session, uint64_t mount, long to) {
    struct file_space space;
    err_t e = file_space(session, &space);
    if (!err_ok(e))
        return err_is(e, ERR_UNSUPPORTED) ? -ENOSYS : posix_errno(e);
    if (!user_writable((uint64_t)to, sizeof(struct statfs)))
        return -EFAULT;
    *(struct statfs *)to = (struct statfs){
        .f_type = TMPFS,
        .f_bsize = BLOCK,
        .f_blocks = space.total / BLOCK,
        .f_bfree = space.available / BLOCK,
        .f_bavail = space.available / BLOCK,
        .f_files = space.files + space.files_available,
        .f_ffree = space.files_available,
        .f_fsid = {{(int)(mount & NS_NUMBER), 0}},
        .f_namelen = FILE_NAME_MAX,
        .f_frsize = BLOCK,
    };
    return 0;
}

struct opened {
    struct session_cap session;
    uint64_t mount;
};

static err_t open_once(struct lookup *l, void *context) {
    struct opened *o = context;
    err_t e = file_open(l->session, &l->name, &o->session, &l->found);
    o->mount = l->rooted ? l->found.mount : l->base[0]->mount;
    return e;
}

long call_statfs(const long *a) {
    struct name_at n;
    struct opened o;
    const struct file_name how = {.flags = 0};
    long error = name_begin(&n, AT_FDCWD, a[0], false);
    if (error)
        return error;
    error = name_do(&n, &how, open_once, &o);
    name_end(&n);
    if (error)
        return error;
    error = answer_space(o.session, o.mount, a[1]);
    sys_handle_close(ANY(o.session));
    return error;
}

long call_fstatfs(const long *a) {
    struct description *d = descriptor_get(a[0]);
    if (!d)
        return -EBADF;
    long error = d->log ? -ENOSYS : answer_space(d->base.session, d->base.mount, a[1]);
    description_release(d);
    return error;
}
