/* SPDX-License-Identifier: MIT */
/* Hashes of passwords: Argon2id, RFC 9106, with one lane. Nothing of a password stays in memory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_SALT 16u /* bytes */
#define PASSWORD_HASH 32u
#define PASSWORD_MOST 128u /* bytes of a password */

/* What a hash costs who computes it, and so who guesses. */
#define PASSWORD_MEMORY_LEAST 1024u /* KiB */
#define PASSWORD_MEMORY_MOST  65536u
#define PASSWORD_PASSES_MOST  10u

struct password_cost {
    uint32_t memory; /* KiB */
    uint32_t passes;
};

/* What new hashes cost; docs/decisions/0009-argon2.md says why. */
#define PASSWORD_COST ((struct password_cost){8192, 3})

/* False: there is no memory for it, or a parameter is out of its range. */
bool password_hash(const struct password_cost *cost, const uint8_t salt[PASSWORD_SALT],
                   const char *password, size_t length, uint8_t hash[PASSWORD_HASH]);
/* Takes as long wherever they differ. */
bool password_same(const uint8_t a[PASSWORD_HASH], const uint8_t b[PASSWORD_HASH]);
