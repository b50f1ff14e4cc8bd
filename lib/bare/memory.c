/* SPDX-License-Identifier: MIT */
/*
 * Anonymous memory over memory objects. A mapping keeps its object, so no handle is kept: unmapping
 * gives the pages back. What is MAP_SHARED is shared with the children of a fork.
 */
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

#define LENGTH_MAX (1ull << 46)

_Static_assert(PROT_READ == MEMORY_READ && PROT_WRITE == MEMORY_WRITE &&
                   PROT_EXEC == MEMORY_EXECUTE,
               "the access bits are the same");

err_t bare_map(struct memory_cap memory, uint64_t bytes, uint32_t access, uint64_t *at) {
    uint64_t address, taken = bytes;
    err_t e;
    for (;; taken *= 2) {
        address = range_take(taken);
        if (!address)
            return ERROR(NO_MEMORY);
        e = sys_process_map(SELF_PROCESS, memory, address, 0, bytes, access);
        if (!err_is(e, ERR_OVERLAP))
            break;
    }
    uint64_t used = err_ok(e) ? bytes : 0;
    range_give(address + used, taken - used);
    if (err_ok(e))
        *at = address;
    return e;
}

static err_t map_fixed(struct memory_cap memory, uint64_t bytes, uint32_t access, uint64_t at,
                       bool replace) {
    err_t e = replace ? sys_process_unmap(SELF_PROCESS, at, bytes) : OK;
    return err_ok(e) ? sys_process_map(SELF_PROCESS, memory, at, 0, bytes, access) : e;
}

/* Write access beside read access: the kernel has none without. */
static uint32_t access_of(long protection) {
    return ((uint32_t)protection & MEMORY_ACCESS) | (protection & PROT_WRITE ? MEMORY_READ : 0);
}

long bare_mmap(uint64_t address, uint64_t length, long protection, long flags, long fd) {
    uint64_t bytes = page_round(length), at = address;
    struct memory_cap memory;
    if (!(flags & MAP_ANONYMOUS) || fd != -1)
        return -EBADF;
    if (!length)
        return -EINVAL;
    if (length > LENGTH_MAX)
        return -ENOMEM;
    if (protection & PROT_EXEC)
        return -EACCES; /* nothing that is written here is code */
    err_t e = sys_memory_create(program_pool, bytes, MEMORY_READ | MEMORY_WRITE, &memory);
    if (!err_ok(e))
        return -ENOMEM;
    uint32_t access = access_of(protection) | (flags & MAP_SHARED ? 0 : MAP_PRIVATE_COPY);
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
        e = map_fixed(memory, bytes, access, at, !(flags & MAP_FIXED_NOREPLACE));
    else
        e = bare_map(memory, bytes, access, &at);
    sys_handle_close(ANY(memory));
    return err_ok(e) ? (long)at : bare_errno(e);
}

long bare_munmap(uint64_t address, uint64_t length) {
    if (!length || length > LENGTH_MAX)
        return -EINVAL;
    err_t e = sys_process_unmap(SELF_PROCESS, address, page_round(length));
    if (err_ok(e))
        range_give(address, page_round(length));
    return bare_errno(e);
}

long bare_mprotect(uint64_t address, uint64_t length, long protection) {
    if (length > LENGTH_MAX)
        return -ENOMEM;
    err_t e = sys_process_protect(SELF_PROCESS, address, page_round(length), access_of(protection));
    return err_is(e, ERR_BAD_ADDRESS) ? -ENOMEM : bare_errno(e);
}

/* Advice that may be ignored is; MADV_DONTNEED promises zeros. */
long bare_madvise(long advice) {
    return advice == MADV_DONTNEED || advice > MADV_DODUMP ? -EINVAL : 0;
}
