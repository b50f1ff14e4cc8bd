/* SPDX-License-Identifier: MIT */
/*
 * An archive in memory, member by member: cpio's format "newc" (cpio(5)), as docs/man/5/core.md
 * narrows it. No byte of it is believed.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/file.h"
#include "lib/file/text.h"

#define ARCHIVE_TIME_MAX UINT32_MAX /* seconds since 1970 */

/* One member. Both texts lie in the archive. */
struct member {
    struct text path; /* names with '/' between them; empty: the root */
    struct text data; /* contents, or the text of a symbolic link */
    uint32_t mode, user, group;
    uint32_t seconds; /* when it was changed, since 1970 */
};

struct archive {
    struct text bytes;
    size_t next; /* where the next member begins */
};

/*
 * Takes the next member. *end: there are no more, and nothing but zeros is behind them. The result
 * is NULL, or what is wrong with the member at a->next, in words.
 */
const char *archive_next(struct archive *a, struct member *out, bool *end);
