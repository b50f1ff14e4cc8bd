/* SPDX-License-Identifier: MIT */
/*
 * How long to wait before something that ended is started again: each time twice as long, up to a
 * limit, and from the beginning once it was well for a while.
 */
#pragma once
#include <stdint.h>

#define BACKOFF_FIRST  10000000ull    /* nanoseconds: 10 ms */
#define BACKOFF_MOST   10000000000ull /* 10 s */
#define BACKOFF_HEALTH 60000000000ull /* a minute */

/* Zeros: nothing has failed. */
struct backoff {
    uint64_t delay;    /* nanoseconds, the last one */
    uint32_t failures; /* in a row */
};

/* It ended after `ran` nanoseconds, 0 if it did not start. Returns how many to wait. */
uint64_t backoff_next(struct backoff *b, uint64_t ran);
