/* SPDX-License-Identifier: MIT */
/* Writes archives in cpio's format "newc", right and wrong ones, for tests of what reads them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the archive is written to; `length` bytes are. What does not fit is left out. */
struct newc {
    char *at;
    size_t size, length;
    bool full;
};

struct newc_member {
    const char *name;
    uint32_t mode;
    const char *data;
    size_t length;
    uint32_t user, group, links, seconds;
    uint32_t align; /* bytes, of which its data begins at a multiple; 0: as it comes */
};

void newc_add(struct newc *a, const struct newc_member *m);
/* With the member that says that it is over. */
void newc_end(struct newc *a);
