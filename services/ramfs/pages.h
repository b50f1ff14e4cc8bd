/* SPDX-License-Identifier: MIT */
/*
 * Pages of a large file: a memory object and where it is mapped. An object's size is what the file
 * needs; the address range is larger, so that most growth moves nothing.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

struct pages {
    struct memory_cap memory;
    char *at;
    uint64_t room; /* bytes of addresses */
};

/* Pages for `bytes`, absent ones; what `p` had before stays. Pages beyond are freed. NO_SPACE. */
err_t pages_resize(struct pages *p, uint64_t bytes);
void pages_free(struct pages *p);
