/* SPDX-License-Identifier: MIT */
/*
 * The kill test's hand: ends servers one after the other, at moments and in an order that a number
 * decides, and measures how long each takes until it answers again.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"

#define KILLS_MOST 1000u

/* Begins, in a thread of its own. BAD_ARGUMENT: none, or more than KILLS_MOST; BUSY: the ones
 * before are not over. */
err_t kills_start(uint64_t seed, uint64_t count);
/* Prints how far that is, and of each server how often it was ended, and after how long at most it
 * answered. */
void kills_report(void);
