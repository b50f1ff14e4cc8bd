/* SPDX-License-Identifier: MIT */
#include "services/init/backoff.h"

uint64_t backoff_next(struct backoff *b, uint64_t ran) {
    if (ran >= BACKOFF_HEALTH)
        *b = (struct backoff){0};
    b->delay = b->delay ? 2 * b->delay : BACKOFF_FIRST;
    if (b->delay > BACKOFF_MOST)
        b->delay = BACKOFF_MOST;
    if (b->failures < UINT32_MAX)
        b->failures++;
    return b->delay;
}
