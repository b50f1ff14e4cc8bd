/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

#define TICK 10000000ull /* nanoseconds: there are 100 in a second, as AT_CLKTCK says */

static inline unsigned long long ticks(uint64_t nanoseconds) {
    return nanoseconds / TICK;
}
