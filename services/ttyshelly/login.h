/* SPDX-License-Identifier: MIT */
/* Who is at the terminal: asked, and checked against the file of users. */
#pragma once
#include "lib/password/users.h"

/* Reads the file of users. One that is not there has none; false: it cannot be read, or has a
 * wrong line, and nobody may log in. What is wrong was said. */
bool login_begin(void);
/* Asks until somebody is let in; false: the time is over, or the terminal has ended. */
bool login_ask(struct user *u);
/* A user who is not asked for a password; false: there is no such user. */
bool login_find(const char *name, struct user *u);
