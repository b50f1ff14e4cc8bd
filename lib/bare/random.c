/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: ChaCha20 (RFC 8439, section 2.3) keyed with the seed that the program was started
 * with. Each call replaces the key first; the seed itself stays in the start page.
 */
#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/sys/mem.h"
#include "lib/sys/program.h"

#define KEY_WORDS    8
#define BLOCK_WORDS  16
#define ROTATE(v, n) ((v) << (n) | (v) >> (32 - (n)))

static uint32_t key[KEY_WORDS];
static bool seeded;
LOCK(lock);

static void quarter_round(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d) {
    s[a] += s[b], s[d] = ROTATE(s[d] ^ s[a], 16);
    s[c] += s[d], s[b] = ROTATE(s[b] ^ s[c], 12);
    s[a] += s[b], s[d] = ROTATE(s[d] ^ s[a], 8);
    s[c] += s[d], s[b] = ROTATE(s[b] ^ s[c], 7);
}

/* The key is used for one call alone, so the nonce is 0. */
static void block_make(const uint32_t *with, uint64_t counter, uint32_t *out) {
    uint32_t in[BLOCK_WORDS] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    memcpy(in + 4, with, KEY_WORDS * sizeof *in);
    in[12] = (uint32_t)counter;
    in[13] = (uint32_t)(counter >> 32);
    memcpy(out, in, sizeof in);
    for (int i = 0; i < 10; i++) {
        quarter_round(out, 0, 4, 8, 12);
        quarter_round(out, 1, 5, 9, 13);
        quarter_round(out, 2, 6, 10, 14);
        quarter_round(out, 3, 7, 11, 15);
        quarter_round(out, 0, 5, 10, 15);
        quarter_round(out, 1, 6, 11, 12);
        quarter_round(out, 2, 7, 8, 13);
        quarter_round(out, 3, 4, 9, 14);
    }
    for (int i = 0; i < BLOCK_WORDS; i++)
        out[i] += in[i];
}

/* Overwrites secrets; the compiler may not leave it out. */
static void forget(void *secret, size_t length) {
    memset(secret, 0, length);
    __asm__ volatile("" : : "r"(secret) : "memory");
}

/* Block 0 of the old key is the new key, and what this call gives, or its key if that is more. */
static void key_take(uint32_t *mine) {
    uint32_t block[BLOCK_WORDS];
    lock_take(&lock);
    if (!seeded)
        memcpy(key, program_seed, sizeof key);
    seeded = true;
    block_make(key, 0, block);
    memcpy(key, block, sizeof key);
    lock_give(&lock);
    memcpy(mine, block + KEY_WORDS, sizeof key);
    forget(block, sizeof block);
}

void random_begin(const uint64_t seed[4]) {
    lock_take(&lock);
    memcpy(key, seed, sizeof key);
    seeded = true;
    lock_give(&lock);
}

void random_fill(void *to, size_t length) {
    uint32_t mine[KEY_WORDS], block[BLOCK_WORDS];
    char *at = to;
    key_take(mine);
    if (length <= sizeof mine) {
        memcpy(to, mine, length);
        length = 0;
    }
    for (uint64_t i = 0; length; i++) {
        size_t n = length < sizeof block ? length : sizeof block;
        block_make(mine, i, block);
        memcpy(at, block, n);
        at += n;
        length -= n;
    }
    forget(mine, sizeof mine);
    forget(block, sizeof block);
}
