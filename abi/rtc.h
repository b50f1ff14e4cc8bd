/* SPDX-License-Identifier: MIT */
/*
 * The real-time clock: what its driver does beside the file protocol (abi/file.h), through any of
 * its sessions. See docs/man/8/rtc.md.
 */
#pragma once
#include <stdint.h>

enum rtc_op {
    RTC_OFFSET = 0x3c0, /* answer: word 0 nanoseconds since 1970, UTC, when the monotonic clock was
                           0. CORRUPT: the device tells no time */
};
