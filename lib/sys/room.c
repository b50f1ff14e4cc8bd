/* SPDX-License-Identifier: MIT */
/* Address ranges; see the header. Safe from several threads. */
#include "lib/sys/room.h"

#include "lib/sys/syscall.h"

static uint64_t room_next = ROOM_START;

uint64_t room_take(uint64_t bytes) {
    return __atomic_fetch_add(&room_next, page_round(bytes) + PAGE_SIZE, __ATOMIC_RELAXED);
}

err_t room_map(struct memory_cap memory, uint64_t offset, uint64_t bytes, uint32_t flags,
               uint64_t *address) {
    uint64_t at = room_take(bytes);
    err_t e = sys_process_map(SELF_PROCESS, memory, at, offset, page_round(bytes), flags);
    if (err_ok(e))
        *address = at;
    return e;
}

err_t room_allocate(struct pool_cap pool, uint64_t bytes, uint32_t flags, struct memory_cap *memory,
                    uint64_t *address) {
    struct memory_cap m;
    err_t e = sys_memory_create(pool, page_round(bytes), MEMORY_READ | MEMORY_WRITE, &m);
    if (!err_ok(e))
        return e;
    e = room_map(m, 0, bytes, flags, address);
    if (err_ok(e))
        *memory = m;
    else
        sys_handle_close(ANY(m));
    return e;
}
