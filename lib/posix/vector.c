/* SPDX-License-Identifier: MIT */
/*
 * readv(2) and its relatives. Small parts are gathered, so that a line of text that a program holds
 * in two pieces is one message; larger ones go one after the other.
 */
#include "lib/posix/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

#define GATHERED 512u /* bytes, on the stack */

long vector_take(long parts, long count, struct vector *v) {
    *v = (struct vector){.part = (const struct iovec *)parts, .count = (size_t)count};
    if ((uint64_t)count > VECTOR_MAX)
        return -EINVAL;
    if (!user_readable((uint64_t)parts, v->count * sizeof *v->part))
        return -EFAULT;
    for (size_t i = 0; i < v->count; i++) {
        if ((ssize_t)v->part[i].iov_len < 0)
            return -EINVAL;
        if (!user_range((uint64_t)v->part[i].iov_base, v->part[i].iov_len))
            return -EFAULT;
        v->size +=
            v->part[i].iov_len < MOVE_MAX - v->size ? v->part[i].iov_len : MOVE_MAX - v->size;
    }
    return 0;
}

bool vector_there(const struct vector *v, bool to_parts) {
    for (size_t i = 0; i < v->count; i++) {
        uint64_t at = (uint64_t)v->part[i].iov_base, length = v->part[i].iov_len;
        if (to_parts ? !user_writable(at, length) : !user_readable(at, length))
            return false;
    }
    return true;
}

void vector_copy(const struct vector *v, size_t skip, char *buffer, size_t size, bool to_parts) {
    for (size_t i = 0; i < v->count && size; i++) {
        size_t length = v->part[i].iov_len, over = skip < length ? skip : length;
        char *part = (char *)v->part[i].iov_base + over;
        size_t n = length - over < size ? length - over : size;
        skip -= over;
        if (n && to_parts)
            memcpy(part, buffer, n);
        else if (n)
            memcpy(buffer, part, n);
        buffer += n;
        size -= n;
    }
}

char *vector_alone(const struct vector *v) {
    size_t i = 0;
    while (i + 1 < v->count && !v->part[i].iov_len)
        i++;
    return v->count && v->part[i].iov_len >= v->size ? v->part[i].iov_base : NULL;
}

static long move_gathered(struct description *d, uint32_t access, uint64_t offset,
                          const struct vector *v) {
    char buffer[GATHERED];
    if (!vector_there(v, access == O_RDONLY))
        return -EFAULT;
    if (access == O_WRONLY)
        vector_copy(v, 0, buffer, v->size, false);
    long result = data_move(d, access, offset, buffer, v->size);
    if (access == O_RDONLY && result > 0)
        vector_copy(v, 0, buffer, (size_t)result, true);
    return result;
}

static long move_parts(struct description *d, uint32_t access, uint64_t offset,
                       const struct vector *v) {
    size_t all = 0;
    for (size_t i = 0; i < v->count && all < v->size; i++) {
        size_t n = v->part[i].iov_len < v->size - all ? v->part[i].iov_len : v->size - all;
        if (!n)
            continue;
        long done = data_move(d, access, offset == FILE_CURRENT ? offset : offset + all,
                              v->part[i].iov_base, n);
        if (done < 0)
            return all ? (long)all : done;
        all += (size_t)done;
        if ((size_t)done < n)
            break;
    }
    return (long)all;
}

static long move_vector(const long *a, uint32_t access, uint64_t offset) {
    struct vector v;
    struct description *d = descriptor_for(a[0], access);
    if (!d)
        return -EBADF;
    long result = offset != FILE_CURRENT && d->log ? -ESPIPE : vector_take(a[1], a[2], &v);
    if (!result)
        result = data_check(d, offset, PAGE_SIZE, (long)v.size);
    if (!result && d->socket.kind)
        result = socket_move_vector(d, access, &v);
    else if (!result && v.size <= GATHERED)
        result = move_gathered(d, access, offset, &v);
    else if (!result)
        result = move_parts(d, access, offset, &v);
    description_release(d);
    return result;
}

long call_readv(const long *a) {
    return move_vector(a, O_RDONLY, FILE_CURRENT);
}

long call_writev(const long *a) {
    return move_vector(a, O_WRONLY, FILE_CURRENT);
}

long call_preadv(const long *a) {
    return a[3] < 0 ? -EINVAL : move_vector(a, O_RDONLY, (uint64_t)a[3]);
}

long call_pwritev(const long *a) {
    return a[3] < 0 ? -EINVAL : move_vector(a, O_WRONLY, (uint64_t)a[3]);
}

/* An offset of -1 is the file's own, which is what FILE_CURRENT is. */
static long move_vector2(const long *a, uint32_t access) {
    if (a[3] < -1)
        return -EINVAL;
    struct description *d = a[5] ? descriptor_for(a[0], access) : NULL;
    if (a[5]) { /* no flag is known */
        description_release(d);
        return d ? -EOPNOTSUPP : -EBADF;
    }
    return move_vector(a, access, (uint64_t)a[3]);
}

long call_preadv2(const long *a) {
    return move_vector2(a, O_RDONLY);
}

long call_pwritev2(const long *a) {
    return move_vector2(a, O_WRONLY);
}
