/* SPDX-License-Identifier: MIT */
/*
 * Address ranges for mappings that come and go. The kernel keeps a page table until the process
 * ends, so ranges are used again: holes that were given back are kept in a table of fixed size,
 * neighbours joined, and the smallest that fits is used first; when the table is full the smallest
 * is forgotten. The kernel refuses to map over something, so a mistake here costs addresses and
 * nothing else.
 */
#include <stdbool.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"

#define RANGE_START 0x200000000000ull /* above lib/sys/room.h */
#define RANGE_END   0x400000000000ull
#define HOLES       64

static struct hole { uint64_t start, bytes; } holes[HOLES];
static unsigned hole_count;
static uint64_t next_new = RANGE_START;
LOCK(lock);

/* The smallest hole that is large enough, or NULL. */
static struct hole *hole_find(uint64_t bytes) {
    struct hole *best = NULL;
    for (unsigned i = 0; i < hole_count; i++)
        if (holes[i].bytes >= bytes && (!best || holes[i].bytes < best->bytes))
            best = &holes[i];
    return best;
}

static uint64_t hole_take(struct hole *h, uint64_t bytes) {
    uint64_t at = h->start;
    h->start += bytes;
    h->bytes -= bytes;
    if (!h->bytes)
        *h = holes[--hole_count];
    return at;
}

/* After the last range that was ever taken; from the beginning again if that is the end. */
static uint64_t new_take(uint64_t bytes) {
    if (bytes > RANGE_END - next_new)
        next_new = RANGE_START;
    uint64_t at = next_new;
    next_new += bytes;
    return at;
}

uint64_t range_take(uint64_t bytes) {
    if (bytes > RANGE_END - RANGE_START)
        return 0;
    lock_take(&lock);
    struct hole *h = hole_find(bytes);
    uint64_t at = h ? hole_take(h, bytes) : new_take(bytes);
    lock_give(&lock);
    return at;
}

/* Joins a range with a hole beside it, which is removed from the table. True if there was one. */
static bool hole_join(uint64_t *start, uint64_t *bytes) {
    for (unsigned i = 0; i < hole_count; i++) {
        struct hole *h = &holes[i];
        if (h->start + h->bytes != *start && *start + *bytes != h->start)
            continue;
        *start = *start < h->start ? *start : h->start;
        *bytes += h->bytes;
        *h = holes[--hole_count];
        return true;
    }
    return false;
}

static void hole_keep(struct hole new) {
    if (hole_count < HOLES) {
        holes[hole_count++] = new;
        return;
    }
    struct hole *smallest = &holes[0];
    for (unsigned i = 1; i < HOLES; i++)
        if (holes[i].bytes < smallest->bytes)
            smallest = &holes[i];
    if (smallest->bytes < new.bytes)
        *smallest = new;
}

void range_give(uint64_t address, uint64_t bytes) {
    if (!bytes || address < RANGE_START || address >= RANGE_END || bytes > RANGE_END - address)
        return;
    lock_take(&lock);
    while (hole_join(&address, &bytes))
        ;
    if (address + bytes == next_new)
        next_new = address;
    else
        hole_keep((struct hole){address, bytes});
    lock_give(&lock);
}
