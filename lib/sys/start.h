/* SPDX-License-Identifier: MIT */
/*
 * The start page: what a program gets from the one that starts it, read-only in its address space.
 * Handles in it are the started process's own (sys_process_give).
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "abi/handle.h"
#include "lib/sys/cap.h"

#define START_PAGE_MAGIC 0x3174727473736f61ull /* "aosstrt1" */
#define START_HANDLES    64
#define START_ARGUMENTS  2048 /* bytes */

struct start_page {
    uint64_t magic;
    handle_t pool;           /* pays for memory and threads; HANDLE_NONE: it can make none */
    handle_t log;            /* trace object for its text; HANDLE_NONE: text is dropped */
    uint64_t random_seed[4]; /* from the starter's random numbers, for this program alone */
    int64_t wall_offset;     /* nanoseconds since 1970 when the monotonic clock was 0; 0: unknown */
    uint32_t handle_count;
    uint32_t argument_count;
    handle_t handles[START_HANDLES]; /* what else it was given; the two sides agree on the order */
    char arguments[START_ARGUMENTS]; /* NUL after each; the first is the program's name */
};

struct program_room;

/*
 * Starts a program that lib/sys/elf.h prepared with a copy of a page. `pool` pays for the copy. The
 * process is as before if it fails.
 */
err_t program_launch_page(const struct program_room *room, struct pool_cap pool,
                          const struct start_page *page);
