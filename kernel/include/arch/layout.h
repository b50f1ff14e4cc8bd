/* SPDX-License-Identifier: MIT */
/*
 * Port contract: where things are. machine/layout.h defines
 *   USER_START, USER_END      user addresses are in [USER_START, USER_END), page aligned bounds
 *   KERNEL_BASE               where the kernel image is linked
 *   DIRECT_MAP                base of the alias of all RAM; kernel text has no writable alias there
 *   DIRECT_MAP_BYTES          its size: physical addresses at or above are not managed
 */
#pragma once
#include "machine/layout.h"
#include "types.h"

static inline void *phys_to_virt(paddr_t p) {
    void *v = (void *)(DIRECT_MAP + p);
    if (!v)
        __builtin_unreachable();
    return v;
}
static inline paddr_t virt_to_phys(const void *v) {
    return (vaddr_t)v - DIRECT_MAP;
}
static inline bool user_range_ok(vaddr_t address, uint64_t length) {
    return address >= USER_START && address <= USER_END && length <= USER_END - address;
}
