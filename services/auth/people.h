/* SPDX-License-Identifier: MIT */
/*
 * Who there is, and what each may have: the files /etc/users and /etc/authority, read once. A user
 * is named by the line in the file of users, which is the same for every server that reads it.
 */
#pragma once
#include "lib/password/users.h"
#include "lib/sys/cap.h"
#include "services/auth/policy.h"

/* Reads the files through the root of a file server. What is wrong is said; then nobody is there,
 * or has anything. */
void people_start(struct session_cap root);
/* The line of a user; 0: there is no such one. */
uint32_t people_find(const char *name);
/* False: there is none in this line. */
bool people_get(uint32_t line, struct user *u);
uint32_t people_grants(const struct user *u, enum policy_how how);

enum people_verdict { PEOPLE_RIGHT, PEOPLE_WRONG, PEOPLE_LATER, PEOPLE_NO_MEMORY };

/* Whether this is the user's password. After some that were wrong each further try has to wait:
 * PEOPLE_LATER, *seconds more. `now`: nanoseconds of the monotonic clock. */
enum people_verdict people_check(uint32_t line, const struct user *u, const char *password,
                                 size_t length, uint64_t now, uint64_t *seconds);
