/* SPDX-License-Identifier: MIT */
/*
 * mmap(2). A private mapping of a file is memory into which the file was read: what is written to
 * the file afterwards is not seen in it, which Linux leaves open, and what is behind the end of the
 * file reads as zeros. There are no shared mappings of files. Of devices
 * only /dev/zero can be mapped, as memory without a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/posix/posix.h"

#define TYPES 0x0f             /* MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE */
#define ZERO  (1ull << 32 | 5) /* the device number, as struct file_stat has it */

static long fill(struct description *d, uint64_t offset, uint64_t at, uint64_t length) {
    uint64_t done = 0;
    long got;
    do {
        got = data_move(d, O_RDONLY, offset + done, (char *)(at + done), length - done);
        if (got < 0)
            return got == -EISDIR || got == -ESPIPE ? -ENODEV : got;
        done += (uint64_t)got;
    } while (got && done < length);
    return 0;
}

static bool is_zero(const struct description *d) {
    struct file_stat stat;
    return description_is(d, FILE_TYPE_CHARACTER) && !d->log &&
           err_ok(file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL)) &&
           stat.device == ZERO;
}

static long map_file(const long *a, struct description *d) {
    uint64_t length = (uint64_t)a[1], type = a[3] & TYPES;
    if (!length || (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE))
        return -EINVAL;
    if (a[5] > INT64_MAX - (int64_t)length)
        return -EOVERFLOW;
    bool writes = type != MAP_PRIVATE && a[2] & PROT_WRITE;
    uint32_t access = d->flags & O_ACCMODE & 3;
    if (access == O_WRONLY || (writes && access != O_RDWR))
        return -EACCES;
    if (is_zero(d))
        return bare_mmap((uint64_t)a[0], length, a[2], a[3] | MAP_ANONYMOUS, -1);
    if (type != MAP_PRIVATE || !description_is(d, FILE_TYPE_REGULAR))
        return -ENODEV;
    if (a[2] & PROT_EXEC)
        return -EACCES; /* as lib/bare: nothing that is written here is code */
    long at = bare_mmap((uint64_t)a[0], length, PROT_READ | PROT_WRITE, a[3] | MAP_ANONYMOUS, -1);
    if (at < 0)
        return at;
    long error = fill(d, (uint64_t)a[5], (uint64_t)at, length);
    if (!error && (a[2] & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
        error = bare_mprotect((uint64_t)at, length, a[2]);
    if (error)
        (void)bare_munmap((uint64_t)at, length);
    return error ? error : at;
}

long call_mmap(const long *a) {
    if ((uint64_t)a[5] % PAGE_SIZE)
        return -EINVAL;
    if (a[3] & MAP_ANONYMOUS)
        return bare_mmap((uint64_t)a[0], (uint64_t)a[1], a[2], a[3], -1);
    struct description *d = descriptor_get(a[4]);
    long result = d && !(d->flags & O_PATH) ? map_file(a, d) : -EBADF;
    description_release(d);
    return result;
}
