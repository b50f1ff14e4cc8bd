/* SPDX-License-Identifier: MIT */
/*
 * Contents of files. One message moves at most WINDOWS_MAX bytes; a regular file is read on until
 * all is done, another one is read only once, since it may wait for more. What is written is
 * written on until all is done, or there is no room and the server does not wait for some. What was
 * moved before an error is told, not the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/posix/linux.h"
#include "lib/posix/process.h"
#include "lib/sys/print.h"

static long move_log(uint32_t access, const char *buffer, size_t size) {
    if (access == O_RDONLY)
        return 0;
    print_to(buffer, size);
    return (long)size;
}

/* A regular file does not wait for anything that a signal should end. */
static err_t move_part(struct description *d, uint32_t access, uint64_t offset, char *buffer,
                       size_t size, size_t *done) {
    bool waits = !description_is(d, FILE_TYPE_REGULAR);
    err_t e;
    do {
        if (waits && signals_waiting())
            return ERROR(INTERRUPTED);
        e = access == O_RDONLY ? file_read(d->base.session, offset, buffer, size, done)
                               : file_write(d->base.session, offset, buffer, size, done);
    } while (!waits && err_is(e, ERR_INTERRUPTED));
    if (err_is(e, ERR_BROKEN_PIPE))
        signal_own(SIGPIPE);
    return e;
}

long data_move(struct description *d, uint32_t access, uint64_t offset, char *buffer, size_t size) {
    bool again = access == O_WRONLY || description_is(d, FILE_TYPE_REGULAR);
    size_t all = 0, part, done;
    if (d->log)
        return move_log(access, buffer, size);
    do {
        done = 0;
        part = size - all < WINDOWS_MAX ? size - all : WINDOWS_MAX;
        err_t e = move_part(d, access, offset == FILE_CURRENT ? offset : offset + all, buffer + all,
                            part, &done);
        if (!err_ok(e))
            return all ? (long)all : posix_errno(e);
        all += done;
    } while (again && done && (done == part || access == O_WRONLY) && all < size);
    return (long)all;
}

long data_check(const struct description *d, uint64_t offset, long buffer, long size) {
    if (offset != FILE_CURRENT && d->log)
        return -ESPIPE;
    if (!user_range((uint64_t)buffer, (uint64_t)size))
        return -EFAULT;
    return offset != FILE_CURRENT && (int64_t)offset > INT64_MAX - size ? -EINVAL : 0;
}

static long move_call(const long *a, uint32_t access, uint64_t offset) {
    struct description *d = descriptor_for(a[0], access);
    if (!d)
        return -EBADF;
    size_t size = (size_t)a[2] < MOVE_MAX ? (size_t)a[2] : MOVE_MAX;
    long result = data_check(d, offset, a[1], a[2]);
    if (!result)
        result = data_move(d, access, offset, (char *)a[1], size);
    description_release(d);
    return result;
}

long call_read(const long *a) {
    return move_call(a, O_RDONLY, FILE_CURRENT);
}

long call_write(const long *a) {
    return move_call(a, O_WRONLY, FILE_CURRENT);
}

long call_pread64(const long *a) {
    return a[3] < 0 ? -EINVAL : move_call(a, O_RDONLY, (uint64_t)a[3]);
}

long call_pwrite64(const long *a) {
    return a[3] < 0 ? -EINVAL : move_call(a, O_WRONLY, (uint64_t)a[3]);
}

/* ---- offsets ---- */

/* What is not told apart is data, and behind the end is a hole. */
static long seek_data(struct description *d, int64_t offset, bool hole) {
    struct file_stat stat;
    uint64_t at;
    err_t e = file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL);
    if (!err_ok(e))
        return posix_errno(e);
    if (offset < 0 || (uint64_t)offset >= stat.size)
        return -ENXIO;
    e = file_seek(d->base.session, hole ? (int64_t)stat.size : offset, FILE_SEEK_START, &at);
    return err_ok(e) ? (long)at : posix_errno(e);
}

static long seek(struct description *d, int64_t offset, uint32_t whence) {
    uint64_t at;
    if (d->flags & O_PATH)
        return -EBADF;
    if (d->log)
        return -ESPIPE;
    if (whence == SEEK_DATA || whence == SEEK_HOLE)
        return seek_data(d, offset, whence == SEEK_HOLE);
    if (whence > SEEK_END)
        return -EINVAL;
    err_t e = file_seek(d->base.session, offset, (enum file_seek)whence, &at);
    return err_ok(e) ? (long)at : posix_errno(e);
}

long call_lseek(const long *a) {
    struct description *d = descriptor_get(a[0]);
    if (!d)
        return -EBADF;
    long result = seek(d, a[1], (uint32_t)a[2]);
    description_release(d);
    return result;
}

/* ---- on the disk ---- */

static long sync_file(long fd) {
    struct description *d = descriptor_get(fd);
    long result = -EBADF;
    if (d && d->log)
        result = -EINVAL;
    else if (d && !(d->flags & O_PATH))
        result = posix_errno(file_sync(d->base.session));
    description_release(d);
    return result;
}

long call_fsync(const long *a) {
    return sync_file(a[0]);
}

long call_fdatasync(const long *a) {
    return sync_file(a[0]);
}

/* Servers are asked for one file each: what this process wrote through others is not waited for. */
long call_syncfs(const long *a) {
    return sync_file(a[0]);
}

/* All that this process has open. */
long call_sync(const long *a) {
    (void)a;
    for (long fd = 0; fd < DESCRIPTORS_MAX; fd++)
        (void)sync_file(fd);
    return 0;
}
