/* SPDX-License-Identifier: MIT */
/* The page that a hostile process shares with the test that started it. */
#pragma once
#include <stdint.h>

#include "abi/handle.h"

#define HOSTILE_CONTROL 0x0b0000000000ull /* where it is in the hostile process */
#define HOSTILE_GIFTS   8u
#define HOSTILE_PRIORITY                                                                           \
    120u /* the highest that it gives to its threads, see docs/threat-model.md */

struct hostile_control {
    uint64_t seed;
    uint64_t count;               /* system calls to make */
    uint64_t threads;             /* that make them */
    handle_t gift[HOSTILE_GIFTS]; /* what it was given; HANDLE_NONE: no more */
    volatile uint64_t made;       /* system calls so far */
    volatile uint64_t succeeded;
};
