/* SPDX-License-Identifier: MIT */
/* malloc and mmap. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/userland/libc/check.h"

#define BLOCKS 200
#define PAGE   4096ul
#define RW     (PROT_READ | PROT_WRITE)

static bool filled(const unsigned char *p, size_t n, int with) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != (unsigned char)with)
            return false;
    return true;
}

/* Sizes from 1 byte to 300 KiB, in an order in which no two neighbours are alike. */
static size_t size_of(unsigned i) {
    return 1 + (i * 7919u % 97) * (i * 7919u % 97) * (i % 33);
}

static void malloc_many_sizes(void) {
    static unsigned char *blocks[BLOCKS];
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(size_of(i));
        CHECK(blocks[i] && !((uintptr_t)blocks[i] % 16));
        if (blocks[i])
            memset(blocks[i], (int)i, size_of(i));
    }
    for (unsigned i = 0; i < BLOCKS; i += 2) {
        CHECK(filled(blocks[i], size_of(i), (int)i));
        free(blocks[i]);
        blocks[i] = calloc(1, size_of(i + 1));
        CHECK(blocks[i] && filled(blocks[i], size_of(i + 1), 0));
    }
    for (unsigned i = 1; i < BLOCKS; i += 2)
        CHECK(filled(blocks[i], size_of(i), (int)i));
    for (unsigned i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static void realloc_keeps_bytes(void) {
    unsigned char *p = NULL;
    size_t before = 0;
    for (unsigned i = 1; i < BLOCKS; i++) {
        size_t size = size_of(i);
        p = realloc(p, size);
        CHECK(p && filled(p, before < size ? before : size, (int)i - 1));
        if (!p)
            return;
        memset(p, (int)i, size);
        before = size;
    }
    free(p);
}

static void aligned_blocks(void) {
    for (size_t align = 16; align <= 65536; align *= 2) {
        char *p = aligned_alloc(align, align);
        CHECK(p && !((uintptr_t)p % align));
        free(p);
    }
}

static void malloc_refuses(void) {
    static void *volatile p; /* the compiler may not know what happens */
    volatile size_t four = 4;
    errno = 0;
    p = malloc(SIZE_MAX / four * 2 - 1);
    CHECK(!p && errno == ENOMEM);
    errno = 0;
    p = malloc(1ul << 47);
    CHECK(!p && errno == ENOMEM);
    errno = 0;
    p = calloc(SIZE_MAX / 2, four);
    CHECK(!p && errno == ENOMEM);
    p = malloc(100);
    CHECK(p);
    free(p);
}

/* Also the page tables: a program that does this for years may not grow. */
static void free_gives_back(void) {
    unsigned long before = 0;
    for (unsigned i = 0; i < 3000; i++) {
        char *p = malloc(200000 + i * 100), *q = malloc(3000000);
        CHECK(p && q);
        if (!p || !q)
            return;
        p[0] = p[199999] = q[1500000] = 1;
        free(p);
        free(q);
        if (i == 100)
            before = pool_used();
    }
    CHECK(pool_used() <= before + 16 * PAGE);
}

static void mmap_and_protect(void) {
    unsigned long before = pool_used();
    char *p = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK(!mprotect(p + PAGE, 2 * PAGE, RW));
    memset(p + PAGE, 'x', 2 * PAGE);
    CHECK(!mprotect(p + PAGE, PAGE, PROT_READ) && p[PAGE] == 'x');
    CHECK(mmap(p + 2 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
          p + 2 * PAGE);
    CHECK(p[2 * PAGE] == 0 && p[PAGE] == 'x');
    CHECK(mmap(p, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
              MAP_FAILED &&
          errno == EEXIST);
    CHECK(!munmap(p, 64 * PAGE) && mprotect(p, PAGE, PROT_READ) == -1 && errno == ENOMEM);
    CHECK(pool_used() <= before + 4 * PAGE);
}

static void mmap_refuses(void) {
    CHECK(mmap(NULL, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, 5, 0) == MAP_FAILED && errno == EBADF);
    CHECK(mmap(NULL, PAGE, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
          errno == EACCES);
    CHECK(munmap((void *)1, PAGE) == -1 && errno == EINVAL);
}

const struct test memory_tests[] = {
    {"malloc_many_sizes", malloc_many_sizes}, {"realloc_keeps_bytes", realloc_keeps_bytes},
    {"aligned_blocks", aligned_blocks},       {"malloc_refuses", malloc_refuses},
    {"free_gives_back", free_gives_back},     {"mmap_and_protect", mmap_and_protect},
    {"mmap_refuses", mmap_refuses},           {0},
};
