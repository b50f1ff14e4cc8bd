/* SPDX-License-Identifier: MIT */
/*
 * Directories: the working directory and what is in one. The working directory is an open file
 * without a number. At the start of a program it is the root of the namespace, which needs no
 * session, since its names count from the root anyway.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "abi/ns.h"
#include "lib/bare/lock.h"
#include "lib/file/union.h"
#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

#define ENTRY_ROOM (sizeof(struct file_entry) + FILE_NAME_MAX + 1) /* what a server asks for */

static struct description root = {
    .references = 2, /* it is never given back */
    .flags = O_PATH | O_DIRECTORY,
    .mode = FILE_TYPE_DIRECTORY,
    .base = {.path = {"/", 1}, .by_path = true},
};
static struct description *working = &root;
LOCK(lock);

struct description *directory_get(void) {
    lock_take(&lock);
    struct description *d = working;
    description_hold(d);
    lock_give(&lock);
    return d;
}

void directory_set(struct description *d) {
    lock_take(&lock);
    struct description *old = working;
    working = d;
    lock_give(&lock);
    description_release(old);
}

struct description *directory_peek(void) {
    return working;
}

long call_chdir(const long *a) {
    struct description *d = description_make();
    if (!d)
        return -ENFILE;
    long error = description_open(AT_FDCWD, a[0], O_PATH | O_DIRECTORY, 0, d);
    if (error)
        description_release(d);
    else
        directory_set(d);
    return error;
}

long call_fchdir(const long *a) {
    struct description *d = descriptor_get(a[0]);
    if (!d)
        return -EBADF;
    if (description_is(d, FILE_TYPE_DIRECTORY)) {
        directory_set(d);
        return 0;
    }
    description_release(d);
    return -ENOTDIR;
}

static long put_path(const struct lookup_base *b, char *to, uint64_t size) {
    if (!b->path.length || !err_ok(lookup_base_check(posix_space, b)))
        return -ENOENT;
    if (b->path.length >= size)
        return -ERANGE;
    if (!user_writable((uint64_t)to, b->path.length + 1))
        return -EFAULT;
    memcpy(to, b->path.at, b->path.length);
    to[b->path.length] = 0;
    return (long)b->path.length + 1;
}

long call_getcwd(const long *a) {
    struct description *d = directory_get();
    long result = put_path(&d->base, (char *)a[0], (uint64_t)a[1]);
    description_release(d);
    return result;
}

/* ---- entries ---- */

/* Whether an entry of a server is whole, at the start of `left` bytes. */
static bool entry_take(const char *at, size_t left, struct file_entry *out) {
    if (left < sizeof *out)
        return false;
    memcpy(out, at, sizeof *out);
    return out->length <= left && out->length % 8 == 0 &&
           out->length >= sizeof *out + out->name_length;
}

static size_t entry_size(const struct file_entry *e) {
    return (ENTRY64_NAME + e->name_length + 1 + 7u) & ~(size_t)7;
}

/* `to` may be where the name comes from, or before that. */
static void entry_put(char *to, const struct file_entry *e, const char *name) {
    struct entry64 head = {
        .id = e->id, .next = (int64_t)e->next, .length = (uint16_t)entry_size(e), .type = e->type};
    memmove(to + ENTRY64_NAME, name, e->name_length);
    memset(to + ENTRY64_NAME + e->name_length, 0,
           head.length - ENTRY64_NAME - (size_t)e->name_length);
    memcpy(to, &head, ENTRY64_NAME);
}

/* An entry of Linux is never longer than the server's, so they are rewritten where they are. */
static long convert(char *buffer, size_t length) {
    struct file_entry e;
    size_t to = 0;
    for (size_t at = 0; at < length; at += e.length) {
        if (!entry_take(buffer + at, length - at, &e))
            return -EIO;
        entry_put(buffer + to, &e, buffer + at + sizeof e);
        to += entry_size(&e);
    }
    return (long)to;
}

/* The root of a union: what is read is no server's, but the offset is kept by the first branch's.
 * A description of it that is shared is not read by two at one time. */
static err_t union_read(const struct description *d, void *to, size_t size, size_t *length) {
    struct session_cap first = d->base.session;
    struct file_entry last;
    uint64_t at = 0;
    err_t e = file_seek(first, 0, FILE_SEEK_HERE, &at);
    if (err_ok(e))
        e = union_entries(posix_space, d->base.path, first, at, to, size, length);
    if (!err_ok(e) || !*length)
        return e;
    for (size_t i = 0; i < *length; i += last.length)
        memcpy(&last, (char *)to + i, sizeof last);
    return file_seek(first, (int64_t)last.next, FILE_SEEK_START, &at);
}

static err_t entries_read(const struct description *d, void *to, size_t size, size_t *length) {
    if (d->base.mount & NS_UNION && d->base.path.length)
        return union_read(d, to, size, length);
    return file_entries(d->base.session, FILE_CURRENT, to, size, length);
}

/* A buffer in which a server's largest entry has no room: one by one, the rest is read again. */
static long convert_small(struct description *d, char *to, size_t size) {
    _Alignas(8) char room[ENTRY_ROOM];
    struct session_cap session = d->base.session;
    struct file_entry e;
    size_t length = 0;
    uint64_t before, after;
    err_t error = file_seek(session, 0, FILE_SEEK_HERE, &before);
    if (err_ok(error))
        error = entries_read(d, room, sizeof room, &length);
    if (!err_ok(error) || !length)
        return posix_errno(error);
    if (!entry_take(room, length, &e))
        return -EIO;
    bool fits = entry_size(&e) <= size;
    error = file_seek(session, (int64_t)(fits ? e.next : before), FILE_SEEK_START, &after);
    if (!fits || !err_ok(error))
        return fits ? posix_errno(error) : -EINVAL;
    entry_put(to, &e, room + sizeof e);
    return (long)entry_size(&e);
}

static long entries(struct description *d, char *to, size_t size) {
    size_t length = 0;
    if (!description_is(d, FILE_TYPE_DIRECTORY))
        return -ENOTDIR;
    if (!user_range((uint64_t)to, size) ||
        !user_writable((uint64_t)to, size < ENTRY_ROOM ? size : ENTRY_ROOM))
        return -EFAULT;
    if (size < ENTRY_ROOM)
        return convert_small(d, to, size);
    err_t e = entries_read(d, to, size, &length);
    return err_ok(e) ? convert(to, length) : posix_errno(e);
}

long call_getdents64(const long *a) {
    struct description *d = descriptor_for(a[0], O_RDONLY);
    if (!d)
        return -EBADF;
    long result = entries(d, (char *)a[1], (uint32_t)a[2]);
    description_release(d);
    return result;
}
