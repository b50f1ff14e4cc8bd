/* SPDX-License-Identifier: MIT */
/*
 * The table of descriptors. An entry is free, reserved for a file that is being opened, or has a
 * file. A call holds the file that it works on, so that closing its number in another thread does
 * not end it.
 */
#include <errno.h>
#include <fcntl.h>

#include "lib/bare/lock.h"
#include "lib/posix/process.h"

static struct entry {
    struct description *file;
    bool reserved, close_on_exec;
} table[DESCRIPTORS_MAX];

static long used_end; /* of the table: fork and exec do not look further */
LOCK(lock);
uint32_t descriptors_limit = DESCRIPTORS_MAX;

static struct entry *entry_of(long fd) {
    return fd >= 0 && fd < DESCRIPTORS_MAX ? &table[fd] : NULL;
}

/* Arguments of calls that are descriptors have 32 bits. */
struct description *descriptor_get(long fd) {
    struct description *d = NULL;
    lock_take(&lock);
    struct entry *e = entry_of((int)fd);
    if (e && e->file) {
        d = e->file;
        description_hold(d);
    }
    lock_give(&lock);
    return d;
}

struct description *descriptor_for(long fd, uint32_t access) {
    static const uint8_t allowed[] = {
        [O_RDONLY] = 1 << O_RDONLY,
        [O_WRONLY] = 1 << O_WRONLY,
        [O_RDWR] = 1 << O_RDONLY | 1 << O_WRONLY,
        [O_ACCMODE & 3] = 0,
    };
    struct description *d = descriptor_get(fd);
    if (!d || (!(d->flags & O_PATH) && allowed[d->flags & 3] >> access & 1))
        return d;
    description_release(d);
    return NULL;
}

long descriptors_end(void) {
    return used_end;
}

/* The lock is held. */
static void put(long fd, struct entry e) {
    table[fd] = e;
    if (used_end <= fd)
        used_end = fd + 1;
}

/* The lock is held. */
static long find_free(long from) {
    long limit = __atomic_load_n(&descriptors_limit, __ATOMIC_RELAXED);
    for (long fd = from; fd < limit; fd++)
        if (!table[fd].file && !table[fd].reserved)
            return fd;
    return -EMFILE;
}

long descriptor_reserve(long from) {
    lock_take(&lock);
    long fd = find_free(from);
    if (fd >= 0)
        put(fd, (struct entry){.reserved = true});
    lock_give(&lock);
    return fd;
}

void descriptor_fill(long fd, struct description *d, bool close_on_exec) {
    lock_take(&lock);
    put(fd, (struct entry){d, false, close_on_exec});
    lock_give(&lock);
}

long descriptor_add(struct description *d, long from, bool close_on_exec) {
    lock_take(&lock);
    long fd = find_free(from);
    if (fd >= 0)
        put(fd, (struct entry){d, false, close_on_exec});
    lock_give(&lock);
    if (fd < 0)
        description_release(d);
    return fd;
}

long descriptor_replace(struct description *d, long fd, bool close_on_exec) {
    struct description *old = NULL;
    long result = fd;
    lock_take(&lock);
    struct entry *e = entry_of(fd);
    if (e->reserved) {
        old = d;
        result = -EBUSY;
    } else {
        old = e->file;
        put(fd, (struct entry){d, false, close_on_exec});
    }
    lock_give(&lock);
    if (old && old != d)
        locks_closing(old);
    description_release(old);
    return result;
}

long descriptor_close(long fd) {
    struct description *d = NULL;
    lock_take(&lock);
    struct entry *e = entry_of((int)fd);
    if (e && e->file) {
        d = e->file;
        *e = (struct entry){0};
    }
    lock_give(&lock);
    if (d)
        locks_closing(d);
    description_release(d);
    return d ? 0 : -EBADF;
}

long descriptor_on_exec(long fd, bool change, bool close_on_exec) {
    long result = -EBADF;
    lock_take(&lock);
    struct entry *e = entry_of((int)fd);
    if (e && e->file) {
        result = e->close_on_exec;
        if (change)
            e->close_on_exec = close_on_exec;
    }
    lock_give(&lock);
    return result;
}

struct description *descriptor_peek(long fd, bool *close_on_exec) {
    *close_on_exec = table[fd].close_on_exec;
    return table[fd].file;
}

#define FROM_BEFORE (1u << 31) /* added to references that are counted anew */

static void hold_again(struct description *d) {
    if (d)
        d->references++;
}

static void count_end(struct description *d) {
    if (!d->references)
        return;
    d->references -= FROM_BEFORE;
    if (d->references)
        return;
    d->references = 1;
    description_release(d);
}

void descriptors_after_fork(void) {
    struct description *d;
    locks_after_fork();
    for (unsigned i = 0; (d = description_at(i)); i++)
        d->references = d->references ? FROM_BEFORE : 0;
    for (long fd = 0; fd < used_end; fd++) {
        table[fd].reserved = false;
        hold_again(table[fd].file);
    }
    hold_again(directory_peek());
    for (unsigned i = 0; (d = description_at(i)); i++)
        count_end(d);
}
