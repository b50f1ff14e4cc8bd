/* SPDX-License-Identifier: MIT */
/*
 * The protocol of `auth`, which decides who has which authority. Who a caller is, is the session
 * that it has: that of AUTH_BADGE says who logged in, and every login has one of its own, which its
 * programs inherit. Authority is handles, which answers bring.
 */
#pragma once
#include <stdint.h>

enum auth_op {
    AUTH_LOGIN = 0x500, /* word 0 bytes of the user's name, in the read window. Answer: word 0 what
                           is granted; the login's session, and a handle for each of it */
    AUTH_FAILED,        /* the same words: somebody who said to be that user was not let in */
    AUTH_ASK, /* for more, with a login's session: word 0 bytes of the password, 1 bytes of what it
                 is for, behind the password. Answer: word 0 what is granted, and a handle for each.
                 NO_RIGHT: there is nothing to be had; CHANGED: the password is wrong; BUSY: it was
                 wrong too often, and word 0 is after how many seconds it can be tried again */
};

/* What can be granted, in the order of the handles: */
#define AUTH_POWER 1u /* the session of abi/power.h */
#define AUTH_LOGS  2u /* the namespace that has /logs as well */
#define AUTH_ALL   3u
#define AUTH_COUNT 2u

#define AUTH_TEXT_MOST 1024u /* bytes of the read window */
/* The badge of who says who logged in. That of a login is AUTH_USER and its user's line in
 * /etc/users, so that a server that follows another knows it. */
#define AUTH_BADGE 1ull
#define AUTH_USER  0x100000000ull
