/* SPDX-License-Identifier: MIT */
/*
 * mremap(2) and madvise(2) of memory without a file. Nobody keeps what is mapped where with which
 * access: it is found out by touching the first page, and the rest is taken to be as that.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/posix/posix.h"
#include "lib/sys/room.h"

#define FEW_PAGES 16u
#define WRITABLE  (PROT_READ | PROT_WRITE)
#define OWN       (MAP_PRIVATE | MAP_ANONYMOUS)

static long access_at(uint64_t at) {
    if (user_writable(at, 1))
        return WRITABLE;
    return user_readable(at, 1) ? PROT_READ : PROT_NONE;
}

/* ---- mremap ---- */

/* What is behind it is free, or it cannot grow there. */
static bool grow(uint64_t end, uint64_t more) {
    return bare_mmap(end, more, access_at(end - 1), OWN | MAP_FIXED_NOREPLACE, -1) > 0;
}

/* To a place of its own, or to `wanted`, whatever is there. */
static long move(uint64_t from, uint64_t bytes, uint64_t new_bytes, uint64_t wanted) {
    uint64_t both = bytes < new_bytes ? bytes : new_bytes;
    long access = access_at(from);
    if (!user_readable(from, both))
        return -EFAULT;
    long at = bare_mmap(wanted, new_bytes, WRITABLE, OWN | (wanted ? MAP_FIXED : 0), -1);
    if (at < 0)
        return at;
    memcpy((void *)at, (const void *)from, both);
    if (access != WRITABLE)
        (void)bare_mprotect((uint64_t)at, new_bytes, access);
    (void)bare_munmap(from, bytes);
    return at;
}

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes) {
    return a < b + b_bytes && b < a + a_bytes;
}

/* mremap(address, old length, new length, flags, new address) */
long call_mremap(const long *a) {
    uint64_t at = (uint64_t)a[0], old = page_round((uint64_t)a[1]), to = (uint64_t)a[4];
    uint64_t new = page_round((uint64_t)a[2]);
    bool fixed = a[3] & MREMAP_FIXED;
    if (a[3] & ~(long)(MREMAP_MAYMOVE | MREMAP_FIXED) || at % PAGE_SIZE || !old || !new)
        return -EINVAL;
    if (fixed && (!(a[3] & MREMAP_MAYMOVE) || to % PAGE_SIZE || overlap(at, old, to, new)))
        return -EINVAL;
    if (!user_range(at, old) || !user_range(at, new))
        return -EFAULT;
    if (fixed)
        return move(at, old, new, to);
    if (new < old && bare_munmap(at + new, old - new))
        return -EFAULT;
    if (new <= old || grow(at + old, new - old))
        return (long)at;
    return a[3] & MREMAP_MAYMOVE ? move(at, old, new, 0) : -ENOMEM;
}

/* ---- madvise ---- */

static long clear_few(uint64_t at, uint64_t bytes) {
    for (uint64_t end = at + bytes; at < end; at += PAGE_SIZE) {
        if (!user_writable(at, 1))
            return -EAGAIN;
        memset((void *)at, 0, PAGE_SIZE);
    }
    return 0;
}

/* What was there is gone: zeros for what is touched next. */
static long forget(uint64_t at, uint64_t bytes) {
    if (bytes <= FEW_PAGES * PAGE_SIZE && !clear_few(at, bytes))
        return 0;
    long made = bare_mmap(at, bytes, access_at(at), OWN | MAP_FIXED, -1);
    return made < 0 ? made : 0;
}

/* madvise(address, length, advice) */
long call_madvise(const long *a) {
    uint64_t at = (uint64_t)a[0], bytes = page_round((uint64_t)a[1]);
    if (at % PAGE_SIZE)
        return -EINVAL;
    if (a[2] != MADV_DONTNEED)
        return bare_madvise(a[2]);
    if (!user_range(at, bytes))
        return -ENOMEM;
    return bytes ? forget(at, bytes) : 0;
}
