/* SPDX-License-Identifier: MIT */
/* The few types and macros that every kernel file uses. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/err.h"

typedef uint64_t paddr_t; /* physical address, bytes */
typedef uint64_t vaddr_t; /* virtual address, bytes */
typedef uint64_t nanos_t; /* monotonic time, nanoseconds since boot */

#define PAGE_SHIFT  12
#define PAGE_BYTES  4096ul
#define NANOS_NEVER UINT64_MAX

#define likely(x)                    __builtin_expect(!!(x), 1)
#define unlikely(x)                  __builtin_expect(!!(x), 0)
#define container_of(p, type, field) ((type *)((char *)(p)-offsetof(type, field)))
#define array_size(a)                (sizeof(a) / sizeof((a)[0]))

static inline uint64_t round_up(uint64_t n, uint64_t unit) {
    return (n + unit - 1) / unit * unit;
}
static inline uint64_t min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}
