/* SPDX-License-Identifier: MIT */
/* The wall clock: what the driver `rtc` says, which every program gets in its start page. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds since 1970 when the monotonic clock was 0; 0: not known. */
int64_t wall_offset(void);
/* Asks the driver, unless it is known; at most for WALL_SECONDS. False: it is still not known. */
bool wall_ask(void);

#define WALL_SECONDS 5u
