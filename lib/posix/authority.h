/* SPDX-License-Identifier: MIT */
/*
 * More than a program was started with, from `auth` (abi/auth.h). What is granted takes the place
 * of what the program had, and is passed on by fork and exec. For programs with one thread: they
 * return 0 or -errno.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* For who lets people in: a user has logged in, and what may be asked for is that user's from now
 * on. */
long authority_login(const char *user);
/* ... was not let in. */
long authority_failed(const char *user);
/* Asks for what the user may have. -EPERM: nothing; -EACCES: the password is wrong; -EBUSY: it was
 * wrong too often, *seconds later it can be tried again. `purpose` is told to `audit`. */
long authority_ask(const char *password, const char *purpose, uint64_t *seconds);
