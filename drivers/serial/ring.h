/* SPDX-License-Identifier: MIT */
/* Bytes on their way, in order. Positions count up for ever; the size is a power of two. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define RING_SIZE 16384u

struct ring {
    uint8_t at[RING_SIZE];
    size_t head, tail; /* head - tail bytes */
};

static inline size_t ring_length(const struct ring *g) {
    return g->head - g->tail;
}

static inline size_t ring_room(const struct ring *g) {
    return RING_SIZE - ring_length(g);
}

static inline void ring_put(struct ring *g, uint8_t byte) {
    g->at[g->head++ % RING_SIZE] = byte;
}

static inline uint8_t ring_get(struct ring *g) {
    return g->at[g->tail++ % RING_SIZE];
}

/* How many of `count` bytes lie together from a position on. */
static inline size_t ring_straight(size_t position, size_t count) {
    size_t left = RING_SIZE - position % RING_SIZE;
    return count < left ? count : left;
}
