/* SPDX-License-Identifier: MIT */
/*
 * Bytes from one file to another, and room for more: through a block of the library, since servers
 * do not talk to each other.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

struct end {
    struct description *d;
    int64_t *offset; /* of the program; NULL: the file's own */
    uint64_t at;
};

/* `end` begins as an open file that `access` is allowed for. */
static long end_begin(struct end *e, long fd, uint32_t access, long offset) {
    *e = (struct end){.d = descriptor_for(fd, access), .offset = (int64_t *)offset};
    return e->d ? 0 : -EBADF;
}

static long end_offset(struct end *e) {
    if (!e->offset) {
        e->at = FILE_CURRENT;
        return 0;
    }
    if (!user_writable((uint64_t)e->offset, sizeof *e->offset))
        return -EFAULT;
    e->at = (uint64_t)*e->offset;
    return 0;
}

static bool negative(const struct end *e) {
    return e->offset && (int64_t)e->at < 0;
}

static void end_move(struct end *e, size_t done) {
    if (!e->offset)
        return;
    e->at += done;
    *e->offset = (int64_t)e->at;
}

/* The source's own offset moves by what was written, not by what was read. */
static long copy_part(struct end *in, struct end *out, char *buffer, size_t size) {
    uint64_t at;
    long read = data_move(in->d, O_RDONLY, in->at, buffer, size);
    if (read <= 0)
        return read;
    long written = data_move(out->d, O_WRONLY, out->at, buffer, (size_t)read);
    size_t done = written < 0 ? 0 : (size_t)written;
    if (!in->offset && done < (size_t)read)
        (void)file_seek(in->d->base.session, (int64_t)done - read, FILE_SEEK_HERE, &at);
    end_move(in, done);
    end_move(out, done);
    return written;
}

static long copy(struct end *in, struct end *out, size_t size) {
    size_t all = 0;
    long done = 0;
    char *buffer = block_take();
    if (!buffer)
        return -ENOMEM;
    do {
        size_t part = size - all < BLOCK_SIZE ? size - all : BLOCK_SIZE;
        done = part ? copy_part(in, out, buffer, part) : 0;
        all += done > 0 ? (size_t)done : 0;
    } while (done > 0);
    block_give(buffer);
    return all ? (long)all : done;
}

static bool appends(const struct description *d) {
    uint32_t flags = 0;
    return !d->log && err_ok(file_flags(d->base.session, 0, 0, &flags)) && flags & FILE_APPEND;
}

static long send_check(struct end *in, struct end *out, long size) {
    if (in->offset && in->d->log)
        return -ESPIPE;
    if (size < 0 || negative(in) || !description_is(in->d, FILE_TYPE_REGULAR) || appends(out->d))
        return -EINVAL;
    return 0;
}

/* sendfile(out, in, offset, count) */
long call_sendfile(const long *a) {
    struct end in, out = {.d = NULL};
    size_t size = (size_t)a[3] < MOVE_MAX ? (size_t)a[3] : MOVE_MAX;
    long result = end_begin(&in, a[1], O_RDONLY, a[2]);
    if (!result)
        result = end_offset(&in);
    if (!result)
        result = end_begin(&out, a[0], O_WRONLY, 0);
    if (!result)
        result = end_offset(&out);
    if (!result)
        result = send_check(&in, &out, a[3]);
    if (!result)
        result = copy(&in, &out, size);
    description_release(in.d);
    description_release(out.d);
    return result;
}

/* ---- copy_file_range ---- */

static long own_offset(const struct end *e, uint64_t *at) {
    *at = e->at;
    return e->at == FILE_CURRENT ? posix_errno(file_seek(e->d->base.session, 0, FILE_SEEK_HERE, at))
                                 : 0;
}

static long same_file(const struct end *a, const struct end *b, bool *same) {
    const struct file_name own = {.flags = 0};
    struct file_found first = {.id = 0}, second = {.id = 0};
    struct file_stat stat;
    err_t e = file_stat(a->d->base.session, &own, &stat, &first);
    if (err_ok(e))
        e = file_stat(b->d->base.session, &own, &stat, &second);
    if (err_ok(e))
        *same = first.id == second.id && a->d->base.mount == b->d->base.mount;
    return posix_errno(e);
}

/* A file is not copied over itself. */
static long overlap_check(const struct end *in, const struct end *out, size_t size) {
    bool same = false;
    uint64_t from, to;
    long error = own_offset(in, &from);
    if (!error)
        error = own_offset(out, &to);
    if (!error)
        error = same_file(in, out, &same);
    if (error || !same)
        return error;
    return from < to + size && to < from + size ? -EINVAL : 0;
}

static bool wraps(const struct end *e, size_t size) {
    return e->offset && e->at + size < e->at;
}

static long range_check(const struct end *in, const struct end *out, size_t size) {
    if (description_is(in->d, FILE_TYPE_DIRECTORY) || description_is(out->d, FILE_TYPE_DIRECTORY))
        return -EISDIR;
    if (!description_is(in->d, FILE_TYPE_REGULAR) || !description_is(out->d, FILE_TYPE_REGULAR))
        return -EINVAL;
    if (appends(out->d))
        return -EBADF;
    if (wraps(in, size) || wraps(out, size))
        return -EOVERFLOW;
    return negative(in) || negative(out) ? -EINVAL : overlap_check(in, out, size);
}

/* copy_file_range(in, offset, out, offset, count, flags) */
long call_copy_file_range(const long *a) {
    struct end in, out = {.d = NULL};
    size_t size = (size_t)a[4] < MOVE_MAX ? (size_t)a[4] : MOVE_MAX;
    struct description *any[] = {descriptor_get(a[0]), descriptor_get(a[2])};
    long result = any[0] && any[1] ? 0 : -EBADF;
    in.d = NULL;
    if (!result && (uint32_t)a[5])
        result = -EINVAL;
    if (!result)
        result = end_begin(&in, a[0], O_RDONLY, a[1]);
    if (!result)
        result = end_begin(&out, a[2], O_WRONLY, a[3]);
    if (!result)
        result = end_offset(&in);
    if (!result)
        result = end_offset(&out);
    if (!result)
        result = range_check(&in, &out, size);
    if (!result && size)
        result = copy(&in, &out, size);
    description_release(any[0]);
    description_release(any[1]);
    description_release(in.d);
    description_release(out.d);
    return result;
}

/* ---- fallocate ---- */

/* Room behind the end is taken by zeros; holes before it stay. */
static long allocate(struct description *d, uint64_t end) {
    struct file_stat stat;
    long error =
        posix_errno(file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL));
    if (error || end <= stat.size)
        return error;
    char *zeros = block_take();
    if (!zeros)
        return -ENOMEM;
    memset(zeros, 0, BLOCK_SIZE);
    for (uint64_t at = stat.size; at < end && !error;) {
        size_t part = end - at < BLOCK_SIZE ? (size_t)(end - at) : BLOCK_SIZE;
        long done = data_move(d, O_WRONLY, at, zeros, part);
        error = done > 0 ? 0 : (done ? done : -ENOSPC);
        at += done > 0 ? (size_t)done : 0;
    }
    block_give(zeros);
    if (error)
        (void)file_resize(d, stat.size);
    return error;
}

static long allocate_check(const struct description *d, const long *a) {
    if (a[2] < 0 || a[3] <= 0)
        return -EINVAL;
    if ((uint32_t)a[1])
        return -EOPNOTSUPP;
    if (!(d->flags & O_ACCMODE & 3))
        return -EBADF;
    if (description_is(d, FILE_TYPE_FIFO))
        return -ESPIPE;
    if (description_is(d, FILE_TYPE_DIRECTORY))
        return -EISDIR;
    if (!description_is(d, FILE_TYPE_REGULAR))
        return -ENODEV;
    return a[2] > INT64_MAX - a[3] ? -EFBIG : 0;
}

long call_fallocate(const long *a) {
    struct description *d = descriptor_get(a[0]);
    if (!d || d->flags & O_PATH) {
        description_release(d);
        return -EBADF;
    }
    long error = allocate_check(d, a);
    if (!error)
        error = allocate(d, (uint64_t)a[2] + (uint64_t)a[3]);
    description_release(d);
    return error;
}
