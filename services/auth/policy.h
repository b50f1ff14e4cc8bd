/* SPDX-License-Identifier: MIT */
/*
 * The file /etc/authority, docs/man/5/authority.md: lines of words,
 *
 *     USER login|sudo WHAT...
 *
 * Empty lines and those that begin with `#` mean nothing. A file with a line that is none of these
 * is refused as a whole: nobody has anything then.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_BYTES 8192u /* of the file */

enum policy_how { POLICY_LOGIN, POLICY_SUDO };

/* The number of the first line that is wrong, from 1; 0: all are right. */
size_t policy_check(const char *file, size_t size);
/* What a file that was checked grants: AUTH_*, of all lines of this user together. */
uint32_t policy_find(const char *file, size_t size, const char *user, enum policy_how how);
