/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a file. Up to STORE_SMALL they are in allocated memory, beyond that in pages of
 * their own, of which those never written are absent, cost nothing and read as zeros.
 */
#pragma once
#include "lib/file/server.h"
#include "services/ramfs/pages.h"

#define STORE_SMALL    4096u
#define STORE_SIZE_MAX (1ull << 36)

struct store {
    uint64_t size;
    uint64_t used; /* bytes of the disk */
    uint64_t kept; /* of them, those in which its own can be */
    char *small;   /* `room` bytes, those beyond the size zeros */
    uint32_t room; /* 0 when large */
    struct pages pages;
    uint64_t *
        present; /* a bit for each page; `words` of them. A bit is set before its page is touched */
    uint64_t words;
};

/* More than it has is zeros; what is cut off is gone. NO_SPACE, FILE_TOO_BIG. */
err_t store_resize(struct store *s, uint64_t size);
/* Copies from the request's data, as much as there is room for; NO_SPACE if that is nothing. */
err_t store_write(struct store *s, struct file_request *r, uint64_t offset, size_t count);
err_t store_read(const struct store *s, struct file_request *r, uint64_t offset, size_t count);
void store_free(struct store *s);
