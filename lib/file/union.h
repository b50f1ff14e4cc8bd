/* SPDX-License-Identifier: MIT */
/*
 * The entries of a directory that is the root of a union (docs/man/5/ns.md), as a client reads
 * them: those of all its branches one after the other, each name once. A cookie has the branch in
 * its upper byte and the branch's own below, so that nothing is kept between two calls.
 */
#pragma once
#include "abi/err.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

#define UNION_BRANCHES    127u /* that are looked at: cookies are not negative */
#define UNION_COOKIE_BITS 56u

/*
 * As file_entries, with no FILE_CURRENT. `place`: the root of the union, as it is called in the
 * namespace; `first`: a session of its first branch, opened to be read. A branch that is no
 * directory has no entries. A server's answer that makes no sense is CORRUPT, and a cookie of more
 * than UNION_COOKIE_BITS is LIMIT.
 */
err_t union_entries(struct session_cap space, struct text place, struct session_cap first,
                    uint64_t cookie, void *to, size_t size, size_t *done);
