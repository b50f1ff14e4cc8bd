/* SPDX-License-Identifier: MIT */
/*
 * Contents of files. One message moves at most WINDOWS_MAX bytes; a regular file is read on until
 * all is done, a device as long as it has more at once, and another file only once, since it may
 * wait for more. What is written is written on until all is done, or there is no room and the
 * server does not wait for some. What was moved before an error is told, not the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "abi/tty.h"
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

/* A write to a terminal by a process in the background that may. */
static err_t write_anyway(struct description *d, const char *from, size_t size, size_t *done) {
    struct file_call c = {.op = FILE_WRITE, .word = {FILE_CURRENT, size, TTY_ANYWAY}};
    c.data = (struct text){from, size};
    if (signals_waiting())
        return ERROR(INTERRUPTED);
    err_t e = file_call(d->base.session, &c);
    if (err_ok(e))
        *done = c.word[0] < size ? c.word[0] : size;
    return e;
}

bool data_there(uint32_t access, const char *buffer, size_t size) {
    if (access == O_RDONLY)
        return size > FILE_READ_WORDS || user_writable((uint64_t)buffer, size);
    return size > FILE_WRITE_WORDS || user_readable((uint64_t)buffer, size);
}

/* Bytes done, or -errno. */
static long move_once(struct description *d, uint32_t access, uint64_t offset, char *buffer,
                      size_t size) {
    size_t done = 0;
    bool insist = false;
    if (!data_there(access, buffer, size))
        return -EFAULT;
    for (;;) {
        err_t e = insist ? write_anyway(d, buffer, size, &done)
                         : move_part(d, access, offset, buffer, size, &done);
        if (!err_is(e, ERR_BUSY) || !description_is(d, FILE_TYPE_CHARACTER))
            return err_ok(e) ? (long)done : posix_errno(e);
        long error = background(access == O_RDONLY ? SIGTTIN : SIGTTOU, &insist);
        if (error)
            return error;
    }
}

/* Whether what is left is moved with another message, after one that has moved something. */
static bool moves_on(struct description *d, uint32_t access, bool whole) {
    uint64_t more = 0;
    if (access == O_WRONLY || !whole)
        return access == O_WRONLY;
    if (description_is(d, FILE_TYPE_CHARACTER))
        return err_ok(file_poll(d->base.session, NULL, &more)) && more;
    return description_is(d, FILE_TYPE_REGULAR);
}

long data_move(struct description *d, uint32_t access, uint64_t offset, char *buffer, size_t size) {
    size_t all = 0, part;
    long done;
    if (d->log)
        return move_log(access, buffer, size);
    if (d->socket.kind)
        return offset == FILE_CURRENT ? socket_move(d, access, buffer, size) : -ESPIPE;
    do {
        part = size - all < WINDOWS_MAX ? size - all : WINDOWS_MAX;
        done = move_once(d, access, offset == FILE_CURRENT ? offset : offset + all, buffer + all,
                         part);
        if (done < 0)
            return all ? (long)all : done;
        all += (size_t)done;
    } while (done && all < size && moves_on(d, access, (size_t)done == part));
    return (long)all;
}

long data_check(const struct description *d, uint64_t offset, long buffer, long size) {
    if (offset != FILE_CURRENT && d->log)
        return -ESPIPE;
    if (!user_range((uint64_t)buffer, (uint64_t)size))
        return -EFAULT;
    if (d->epoll)
        return -EINVAL;
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

/* What is not told apart is data, and behind the end is a hole. Only files with contents have that;
 * others take it for any seek. */
static long seek_data(struct description *d, int64_t offset, bool hole) {
    struct file_stat stat;
    uint64_t at;
    err_t e;
    if (description_is(d, FILE_TYPE_CHARACTER)) {
        e = file_seek(d->base.session, offset, FILE_SEEK_START, &at);
        return err_ok(e) ? (long)at : posix_errno(e);
    }
    e = file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL);
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
    for (long fd = 0; fd < descriptors_end(); fd++)
        (void)sync_file(fd);
    return 0;
}
