/* SPDX-License-Identifier: MIT */
/* Sets of physical memory: ranges that are sorted, disjoint, not adjacent, and page aligned. */
#pragma once
#include "frame.h"
#include "types.h"

#define BOOT_RANGES 128

struct memory_map {
    struct memory_range ranges[BOOT_RANGES];
    size_t count;
};

/* Adds or takes away [start, end), page aligned. False: the map is full, and unchanged. */
bool memory_map_add(struct memory_map *m, paddr_t start, paddr_t end);
bool memory_map_remove(struct memory_map *m, paddr_t start, paddr_t end);
bool memory_map_contains(const struct memory_map *m, paddr_t start, paddr_t end);
/* What firmware says of [start, start + length): RAM is rounded inwards and added; anything else is
 * rounded outwards and taken away. Page 0 and what the direct map cannot reach are left out. */
bool memory_map_firmware(struct memory_map *m, paddr_t start, uint64_t length, bool ram);
/* Start of the lowest place for `bytes` in `ram` outside `reserved` and below `limit`; 0: none. */
paddr_t memory_map_place(const struct memory_map *ram, const struct memory_map *reserved,
                         uint64_t bytes, paddr_t limit);
uint64_t memory_map_bytes(const struct memory_map *m);
