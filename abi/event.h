/* SPDX-License-Identifier: MIT */
/*
 * Counters and timers that are open files: what the server `pipe` does for them beside the file
 * protocol (abi/file.h). Each is read and written with FILE_CURRENT, eight bytes at a time. See
 * docs/man/5/event.md.
 */
#pragma once
#include <stdint.h>

enum event_op {
    EVENT_MAKE = 0x240, /* to the root: word 0 EVENT_SEMAPHORE and FILE_NONBLOCK, 1 what it counts
                           at first, 2 owner as in FILE_MAKE. Answers a session */
    EVENT_TIMER,        /* to the root: word 0 FILE_NONBLOCK or 0, 2 owner. Answers a session */
    EVENT_SET,          /* to a timer: word 0 when it ends, nanoseconds of the monotonic clock, 0:
                           never; 1 nanoseconds between further ends, 0: none. Answer: as EVENT_GET
                           before */
    EVENT_GET,          /* answer: word 0 nanoseconds until the next end, 0: none; 1 between ends */
};

#define EVENT_SEMAPHORE 1u /* a read takes one of what it counts, not all */

#define EVENT_MOST (UINT64_MAX - 1) /* that it can count */
