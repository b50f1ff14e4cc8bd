/* SPDX-License-Identifier: MIT */
#include "services/ramfs/pages.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

#define CLASSES    48u
#define ROOM_FIRST (64u << 10)

/* Address ranges that files have given up, by the logarithm of their size. */
struct range {
    struct range *next;
    uint64_t at;
};
static struct range *unused[CLASSES];

static unsigned class_of(uint64_t room) {
    return 63 - (unsigned)__builtin_clzll(room);
}

static uint64_t range_take(uint64_t room) {
    struct range **list = &unused[class_of(room)], *r = *list;
    if (!r)
        return room_take(room);
    uint64_t at = r->at;
    *list = r->next;
    free(r);
    return at;
}

/* Addresses that cannot be remembered are lost; there are enough. */
static void range_give(uint64_t at, uint64_t room) {
    struct range *r = malloc(sizeof *r), **list = &unused[class_of(room)];
    if (!r)
        return;
    *r = (struct range){*list, at};
    *list = r;
}

static void unmap(struct pages *p) {
    if (!p->room)
        return;
    sys_process_unmap(SELF_PROCESS, (uintptr_t)p->at, p->room);
    range_give((uintptr_t)p->at, p->room);
}

/* Maps the object at a range of at least `bytes`. */
static err_t map_at(struct pages *p, uint64_t bytes) {
    uint64_t room = p->room ? p->room : ROOM_FIRST;
    while (room < bytes)
        room *= 2;
    uint64_t at = range_take(room);
    err_t e = sys_process_map(SELF_PROCESS, p->memory, at, 0, room, MEMORY_READ | MEMORY_WRITE);
    if (!err_ok(e)) {
        range_give(at, room);
        return ERROR(NO_SPACE);
    }
    unmap(p);
    p->at = (char *)at;
    p->room = room;
    return OK;
}

err_t pages_resize(struct pages *p, uint64_t bytes) {
    bytes = page_round(bytes);
    bool made = p->memory.h == HANDLE_NONE;
    if (made &&
        !err_ok(sys_memory_create(program_pool, bytes, MEMORY_READ | MEMORY_WRITE, &p->memory)))
        return ERROR(NO_SPACE);
    err_t e = bytes > p->room ? map_at(p, bytes) : OK;
    if (err_ok(e) && !made)
        e = sys_memory_resize(p->memory, bytes);
    if (!err_ok(e) && made)
        pages_free(p);
    return e;
}

void pages_free(struct pages *p) {
    unmap(p);
    if (p->memory.h != HANDLE_NONE)
        sys_handle_close(ANY(p->memory));
    *p = (struct pages){0};
}
