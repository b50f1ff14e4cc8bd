/* SPDX-License-Identifier: MIT */
/* What ties a record to the one before it: BLAKE2b with 32 bytes (RFC 7693) of that one's hash and
 * of the record's text. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CHAIN_HASH 32u

void chain_hash(const uint8_t before[CHAIN_HASH], const char *text, size_t length,
                uint8_t out[CHAIN_HASH]);
