/* SPDX-License-Identifier: MIT */
/* Descriptors as numbers: duplicated, closed, and what fcntl and ioctl do with any file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "abi/tty.h"
#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

/* ---- duplicates ---- */

static long duplicate(long fd, long from, bool close_on_exec) {
    struct description *d = descriptor_get(fd);
    return d ? descriptor_add(d, from, close_on_exec) : -EBADF;
}

long call_dup(const long *a) {
    return duplicate(a[0], 0, false);
}

static bool number_free(long fd) {
    return fd >= 0 && fd < __atomic_load_n(&descriptors_limit, __ATOMIC_RELAXED);
}

static long duplicate_to(long fd, long to, bool close_on_exec) {
    if (!number_free(to))
        return -EBADF;
    struct description *d = descriptor_get(fd);
    return d ? descriptor_replace(d, to, close_on_exec) : -EBADF;
}

long call_dup2(const long *a) {
    long fd = (int)a[0], to = (int)a[1];
    if (fd == to)
        return descriptor_on_exec(fd, false, false) < 0 ? -EBADF : to;
    return duplicate_to(fd, to, false);
}

long call_dup3(const long *a) {
    if ((int)a[2] & ~O_CLOEXEC || (int)a[0] == (int)a[1])
        return -EINVAL;
    return duplicate_to((int)a[0], (int)a[1], (int)a[2] & O_CLOEXEC);
}

long call_close(const long *a) {
    return descriptor_close(a[0]);
}

/* The table is shared with no other process. */
long call_close_range(const long *a) {
    uint32_t first = (uint32_t)a[0], last = (uint32_t)a[1], flags = (uint32_t)a[2];
    if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    for (uint32_t fd = first; fd <= last && fd < DESCRIPTORS_MAX; fd++) {
        if (flags & CLOSE_RANGE_CLOEXEC)
            (void)descriptor_on_exec(fd, true, true);
        else
            (void)descriptor_close(fd);
    }
    return 0;
}

/* ---- fcntl ---- */

static long duplicate_above(long fd, long from, bool close_on_exec) {
    return number_free((int)from) ? duplicate(fd, (int)from, close_on_exec) : -EINVAL;
}

/* What the server keeps, since others may have the file open too. */
static long flags_get(const struct description *d) {
    uint32_t flags = 0;
    if (d->flags & O_PATH || d->log)
        return d->flags;
    err_t e = file_flags(d->base.session, 0, 0, &flags);
    if (!err_ok(e))
        return posix_errno(e);
    return (long)((d->flags & ~(uint32_t)(O_APPEND | O_NONBLOCK)) |
                  (flags & FILE_APPEND ? O_APPEND : 0) | (flags & FILE_NONBLOCK ? O_NONBLOCK : 0));
}

static long flags_set(const struct description *d, uint32_t flags) {
    uint32_t all,
        wanted = (flags & O_APPEND ? FILE_APPEND : 0) | (flags & O_NONBLOCK ? FILE_NONBLOCK : 0);
    if (d->log)
        return 0;
    return posix_errno(file_flags(d->base.session, wanted, FILE_APPEND | FILE_NONBLOCK, &all));
}

static long control(struct description *d, long command, long argument) {
    switch (command) {
    case F_GETFL:
        return flags_get(d);
    case F_SETFL:
        return d->flags & O_PATH ? -EBADF : flags_set(d, (uint32_t)argument);
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ:
        return pipe_capacity(d, command == F_SETPIPE_SZ, (uint32_t)argument);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return d->flags & O_PATH ? -EBADF : lock_control(d, command, (struct flock *)argument);
    default:
        return d->flags & O_PATH ? -EBADF : -EINVAL;
    }
}

long call_fcntl(const long *a) {
    struct description *d = descriptor_get(a[0]);
    long result = -EBADF, command = (int)a[1];
    if (!d)
        return result;
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        result = duplicate_above(a[0], a[2], command == F_DUPFD_CLOEXEC);
    else if (command == F_GETFD || command == F_SETFD)
        result = descriptor_on_exec(a[0], command == F_SETFD, a[2] & FD_CLOEXEC);
    else
        result = control(d, command, a[2]);
    description_release(d);
    return result < 0 || command != F_SETFD ? result : 0;
}

/* ---- ioctl ---- */

/* The log is a terminal of unknown size, so that text goes out line by line. */
static long log_control(uint32_t request, long argument) {
    struct winsize *size = (struct winsize *)argument;
    if (request != TIOCGWINSZ)
        return -ENOTTY;
    if (!user_writable((uint64_t)size, sizeof *size))
        return -EFAULT;
    *size = (struct winsize){0};
    return 0;
}

static long nonblock_set(const struct description *d, const int *on) {
    uint32_t all;
    if (!user_readable((uint64_t)on, sizeof *on))
        return -EFAULT;
    return d->log ? 0
                  : posix_errno(
                        file_flags(d->base.session, *on ? FILE_NONBLOCK : 0, FILE_NONBLOCK, &all));
}

/* Of devices only terminals tell how much there is to read. */
static bool tells_bytes(const struct description *d) {
    struct file_call c = {.op = TTY_STATE};
    if (description_is(d, FILE_TYPE_DIRECTORY) || d->log)
        return false;
    return !description_is(d, FILE_TYPE_CHARACTER) || err_ok(file_call(d->base.session, &c));
}

/* Bytes from the offset to the end, or that wait. */
static long bytes_left(const struct description *d, int *to) {
    struct file_stat stat;
    uint64_t at = 0;
    err_t e;
    if (!tells_bytes(d))
        return -ENOTTY;
    if (description_is(d, FILE_TYPE_REGULAR)) {
        e = file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL);
        if (err_ok(e))
            e = file_seek(d->base.session, 0, FILE_SEEK_HERE, &at);
    } else {
        e = file_poll(d->base.session, NULL, &stat.size);
    }
    if (!err_ok(e))
        return posix_errno(e);
    if (!user_writable((uint64_t)to, sizeof *to))
        return -EFAULT;
    *to = (int)(stat.size - at);
    return 0;
}

static long device_control(struct description *d, long fd, uint32_t request, long argument) {
    switch (request) {
    case FIOCLEX:
    case FIONCLEX:
        return descriptor_on_exec(fd, true, request == FIOCLEX) < 0 ? -EBADF : 0;
    case FIONBIO:
        return nonblock_set(d, (const int *)argument);
    case FIONREAD:
        return bytes_left(d, (int *)argument);
    default:
        return d->log ? log_control(request, argument) : terminal_control(d, request, argument);
    }
}

long call_ioctl(const long *a) {
    struct description *d = descriptor_get(a[0]);
    long result = -EBADF;
    if (d && !(d->flags & O_PATH))
        result = device_control(d, a[0], (uint32_t)a[1], a[2]);
    description_release(d);
    return result;
}
