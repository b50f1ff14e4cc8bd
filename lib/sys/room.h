/* SPDX-License-Identifier: MIT */
/*
 * Address ranges for mappings, handed out in order and never twice: a program has 127 TiB. Ranges
 * are kept apart by an unmapped page.
 */
#pragma once
#include "abi/memory.h"
#include "lib/sys/cap.h"
#include "lib/sys/invoke.h"

#define ROOM_START 0x100000000000ull

static inline uint64_t page_round(uint64_t bytes) {
    return (bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

/* Takes an unused address range. */
uint64_t room_take(uint64_t bytes);
/* Maps a range of a memory object into this process at a new address. */
err_t room_map(struct memory_cap memory, uint64_t offset, uint64_t bytes, uint32_t flags,
               uint64_t *address);
/* Makes anonymous memory and maps it. */
err_t room_allocate(struct pool_cap pool, uint64_t bytes, uint32_t flags, struct memory_cap *memory,
                    uint64_t *address);
