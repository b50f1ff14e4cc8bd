/* SPDX-License-Identifier: MIT */
/* The times of files are set. A server keeps nanoseconds since 1970 in 64 bits. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

#define SECOND      1000000000ll
#define SECONDS_MAX (INT64_MAX / SECOND - 1)

static int64_t nanoseconds(int64_t seconds, int64_t rest) {
    if (seconds > SECONDS_MAX)
        return INT64_MAX;
    return seconds < -SECONDS_MAX ? INT64_MIN : seconds * SECOND + rest;
}

static bool valid(const struct timespec *t) {
    return t->tv_nsec == UTIME_NOW || t->tv_nsec == UTIME_OMIT ||
           (t->tv_nsec >= 0 && t->tv_nsec < SECOND);
}

static void set_time(struct file_set *set, uint32_t field, int64_t *to, const struct timespec *t) {
    if (t->tv_nsec == UTIME_OMIT)
        return;
    set->fields |= field;
    *to = t->tv_nsec == UTIME_NOW ? clock_wall() : nanoseconds(t->tv_sec, t->tv_nsec);
}

/* `path` 0 means the descriptor. */
static long set_times(long directory, long path, const struct timespec *t, long flags) {
    struct name_at n;
    struct file_set set = {.fields = 0};
    set_time(&set, FILE_SET_ACCESSED, &set.accessed, &t[0]);
    set_time(&set, FILE_SET_MODIFIED, &set.modified, &t[1]);
    if ((int)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) || (!path && flags))
        return -EINVAL;
    long error = 0;
    if (path)
        error = name_begin(&n, directory, path, flags & AT_EMPTY_PATH);
    else
        n = (struct name_at){.from = descriptor_get(directory)};
    if (error || (!path && !n.from))
        return error ? error : -EBADF;
    error = !path && n.from->flags & O_PATH
                ? -EBADF
                : name_set(&n, flags & AT_SYMLINK_NOFOLLOW ? FILE_NO_FOLLOW : 0, &set);
    name_end(&n);
    return error;
}

static const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};

long call_utimensat(const long *a) {
    const struct timespec *t = a[2] ? (const struct timespec *)a[2] : now;
    if (!user_readable((uint64_t)a[2], a[2] ? sizeof now : 0))
        return -EFAULT;
    if (t[0].tv_nsec == UTIME_OMIT && t[1].tv_nsec == UTIME_OMIT)
        return 0;
    if (!valid(&t[0]) || !valid(&t[1]))
        return -EINVAL;
    if (!a[1] && (int)a[0] == AT_FDCWD)
        return -EFAULT;
    return set_times(a[0], a[1], t, a[3]);
}

long call_utime(const long *a) {
    const struct utimbuf *t = (const struct utimbuf *)a[1];
    struct timespec both[2] = {now[0], now[1]};
    if (!user_readable((uint64_t)t, t ? sizeof *t : 0) || !a[0])
        return -EFAULT;
    if (t) {
        both[0] = (struct timespec){.tv_sec = t->actime};
        both[1] = (struct timespec){.tv_sec = t->modtime};
    }
    return set_times(AT_FDCWD, a[0], both, 0);
}

static long microseconds(long directory, long path, const struct timeval *t) {
    struct timespec both[2] = {now[0], now[1]};
    if (!user_readable((uint64_t)t, t ? 2 * sizeof *t : 0))
        return -EFAULT;
    for (unsigned i = 0; t && i < 2; i++) {
        if (t[i].tv_usec < 0 || t[i].tv_usec >= 1000000)
            return -EINVAL;
        both[i] = (struct timespec){t[i].tv_sec, t[i].tv_usec * 1000};
    }
    if (!path && (int)directory == AT_FDCWD)
        return -EFAULT;
    return set_times(directory, path, both, 0);
}

long call_utimes(const long *a) {
    return microseconds(AT_FDCWD, a[0], (const struct timeval *)a[1]);
}

long call_futimesat(const long *a) {
    return microseconds(a[0], a[1], (const struct timeval *)a[2]);
}
