/* SPDX-License-Identifier: MIT */
#include "lib/chain/hash.h"

#include <crypto_generichash_blake2b.h>

void chain_hash(const uint8_t before[CHAIN_HASH], const char *text, size_t length,
                uint8_t out[CHAIN_HASH]) {
    crypto_generichash_blake2b_state state;
    (void)crypto_generichash_blake2b_init(&state, NULL, 0, CHAIN_HASH);
    (void)crypto_generichash_blake2b_update(&state, before, CHAIN_HASH);
    (void)crypto_generichash_blake2b_update(&state, (const uint8_t *)text, length);
    (void)crypto_generichash_blake2b_final(&state, out, CHAIN_HASH);
}
