/* SPDX-License-Identifier: MIT */
/* User registers as tests see them. */
#pragma once
#include <stdint.h>

#define MACHINE_RED_ZONE 0u

struct regs {
    uint64_t a[9], status, full, ip, sp;
};
