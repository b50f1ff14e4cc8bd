/* SPDX-License-Identifier: MIT */
/*
 * Memory of the library: blocks of one size, which are mapped some at a time and used again. Names
 * are looked up in one instead of on the caller's stack, which may be small.
 */
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/posix/posix.h"

#define BLOCKS 8u /* mapped at a time: 17 pages */

struct block {
    struct block *next;
};

static struct block *unused;
LOCK(lock);

_Static_assert(sizeof(struct lookup) <= BLOCK_SIZE, "a lookup fits in a block");
_Static_assert(BLOCKS *BLOCK_SIZE % PAGE_SIZE == 0, "nothing of the mapping is lost");

static void put(struct block *b) {
    b->next = unused;
    unused = b;
}

static void map_more(void) {
    long at = bare_mmap(0, (uint64_t)BLOCKS * BLOCK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (long i = 0; at > 0 && i < BLOCKS; i++)
        put((struct block *)(at + i * BLOCK_SIZE));
}

void *block_take(void) {
    lock_take(&lock);
    if (!unused)
        map_more();
    struct block *b = unused;
    if (b)
        unused = b->next;
    lock_give(&lock);
    return b;
}

void block_give(void *block) {
    if (!block)
        return;
    lock_take(&lock);
    put(block);
    lock_give(&lock);
}
