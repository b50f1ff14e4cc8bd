/* SPDX-License-Identifier: MIT */
/*
 * How many bytes of pipes there may be, and how many of them each account has: at most three
 * quarters. What an account has beyond one half is pipes of the least use to it.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"

void shares_start(uint64_t bytes);
/* What an account's next pipe can have, of `wanted` and `low`; 0: nothing. */
uint64_t share_offer(uint64_t account, uint64_t wanted, uint64_t low);
/* Counts so many more bytes of an account, or so many less: LIMIT, of more. */
err_t share_change(uint64_t account, uint64_t from, uint64_t to);
uint64_t shares_used(void);
