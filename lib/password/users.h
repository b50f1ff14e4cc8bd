/* SPDX-License-Identifier: MIT */
/*
 * The file of users, docs/man/5/users.md: a line each,
 *
 *     name:memory:passes:salt:hash:home:shell
 *
 * with numbers in decimal and bytes as lower-case hexadecimal digits. Empty lines and those that
 * begin with `#` mean nothing. A file with a line that is none of these is refused as a whole.
 */
#pragma once
#include "lib/password/password.h"

#define USER_NAME   32u /* bytes with the final NUL */
#define USER_PATH   64u
#define USERS_BYTES 8192u /* of the file */

struct user {
    char name[USER_NAME];
    struct password_cost cost;
    uint8_t salt[PASSWORD_SALT], hash[PASSWORD_HASH];
    char home[USER_PATH], shell[USER_PATH];
};

/* Whether a name can be one: a small letter, then small letters, digits, `-` and `_`. */
bool user_name_valid(const char *name, size_t length);
/* One line, without its end. What `*u` is if it fails is not said. */
bool user_parse(const char *line, size_t length, struct user *u);
/* The number of the first line that is wrong, from 1; 0: all are right. */
size_t users_check(const char *file, size_t size);
/* The first user of a name in a file that was checked; false: there is none. */
bool users_find(const char *file, size_t size, const char *name, struct user *u);
/* Writes a line with its end and a NUL; false: it does not fit. */
bool user_format(const struct user *u, char *to, size_t size);
