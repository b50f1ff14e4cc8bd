/* SPDX-License-Identifier: MIT */
#include "services/dev/random.h"

#include <string.h>
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/bare/entropy.h"

#define PIECE 4096u

/* The piece that was emitted last is delivered only with the next one, so they take turns. */
static char piece[2][PIECE];
static uint64_t given, seeded_at; /* bytes since, and when the processor was asked */

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The new state is the next output, which nobody sees, changed by 32 bytes at a time. */
void generator_add(const void *from, size_t length) {
    const uint8_t *bytes = from;
    uint64_t seed[4];
    while (length) {
        size_t part = length < sizeof seed ? length : sizeof seed;
        random_fill(seed, sizeof seed);
        for (size_t i = 0; i < part; i++)
            ((uint8_t *)seed)[i] ^= bytes[i];
        random_begin(seed);
        bytes += part;
        length -= part;
    }
    explicit_bzero(seed, sizeof seed);
}

/* Without numbers of the processor only the times are added. */
static void reseed(void) {
    uint64_t word[ENTROPY_WORDS + 2] = {0};
    word[0] = now();
    word[1] = entropy_counter();
    (void)entropy_take(word + 2);
    generator_add(word, sizeof word);
    explicit_bzero(word, sizeof word);
    seeded_at = now();
    given = 0;
}

void generator_start(void) {
    reseed();
}

err_t random_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    err_t e = OK;
    (void)f;
    (void)offset;
    if (given >= RESEED_BYTES || now() - seeded_at >= RESEED_TIME)
        reseed();
    given += count;
    for (unsigned turn = 0; count && err_ok(e); turn = !turn) {
        size_t part = count < PIECE ? count : PIECE;
        random_fill(piece[turn], part);
        e = file_emit(r, piece[turn], part);
        count -= part;
    }
    return e;
}

/* What was written counts as unknown to nobody. A part that cannot be had ends it. */
err_t random_write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    (void)f;
    (void)offset;
    while (r->done < count) {
        size_t part = count - r->done < PIECE ? count - r->done : PIECE;
        err_t e = file_take(r, r->done, piece[0], part);
        if (!err_ok(e))
            return e;
        generator_add(piece[0], part);
        r->done += part;
    }
    return OK;
}

/* As Linux: there is always something to read, and a write is not waited for by anybody. */
uint32_t random_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = WINDOWS_MAX;
    return FILE_READABLE;
}

/* What was given out is nobody's but the caller's. */
void random_settled(struct file *f, struct file_request *r, bool answered) {
    (void)f;
    (void)answered;
    if (r->op == FILE_READ || r->op == FILE_WRITE)
        explicit_bzero(piece, sizeof piece);
}
