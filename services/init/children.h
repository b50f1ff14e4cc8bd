/* SPDX-License-Identifier: MIT */
/*
 * Programs that init starts as its children at `proc`. One thread waits for all children, whoever
 * started them, so that orphans are waited for too; who started one hears of its end from here.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"

struct program_room;

#define CHILDREN_MOST 4u /* at one time */

struct session_end {
    unsigned how; /* enum proc_how */
    unsigned code;
};

/* Once, before any is started. */
err_t children_start(void);
/* Hands a process and its thread to `proc`, which starts it, with a page at this address. */
err_t child_begin(const struct program_room *room, uint64_t page, uint64_t *number);
/* Waits for the end of one that was begun. Fails if `proc` ends before. */
err_t child_await(uint64_t number, struct session_end *end);
