/* SPDX-License-Identifier: MIT */
/* The time, and one alarm. Tests have another one. */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

/* The alarm raises `bits` of the signal. */
err_t clock_start(struct signal_cap signal, uint64_t bits);
/* Nanoseconds of the monotonic clock; 0: no alarm. */
void clock_alarm(uint64_t deadline);
uint64_t clock_now(void);
