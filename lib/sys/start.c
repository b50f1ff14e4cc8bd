/* SPDX-License-Identifier: MIT */
/* Starting a program with a start page; see the header. */
#include "lib/sys/start.h"

#include "lib/sys/elf.h"
#include "lib/sys/mem.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

/* Above stack and thread block (lib/sys/elf.c), where no file may have a segment. */
#define START_ADDRESS 0x7ff000200000ull

_Static_assert(sizeof(struct start_page) <= PAGE_SIZE, "one page");

err_t program_launch_page(const struct program_room *room, struct pool_cap pool,
                          const struct start_page *page) {
    struct memory_cap memory;
    uint64_t here;
    err_t e = room_allocate(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &memory, &here);
    if (!err_ok(e))
        return e;
    memcpy((void *)here, page, sizeof *page);
    sys_process_unmap(SELF_PROCESS, here, PAGE_SIZE);
    e = sys_process_map(room->process, memory, START_ADDRESS, 0, PAGE_SIZE,
                        MEMORY_READ | MAP_PRIVATE_COPY);
    if (err_ok(e)) {
        e = program_launch(room, START_ADDRESS);
        if (!err_ok(e))
            sys_process_unmap(room->process, START_ADDRESS, PAGE_SIZE);
    }
    sys_handle_close(ANY(memory));
    return e;
}
