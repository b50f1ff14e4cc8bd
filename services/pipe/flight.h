/* SPDX-License-Identifier: MIT */
/*
 * Sessions on their way in a socket. One that is of this server is no handle: its file is held
 * open. Sockets that hold each other open in that way, and that nobody else has, are found when the
 * last session of one of them goes, and what they have received is thrown away.
 */
#pragma once
#include "lib/file/server.h"

struct socket;

struct flight {
    struct badged counted;
    struct file *file; /* held; NULL: it is another server's, and */
    handle_t handle;
    uint32_t rights;
    struct link ending;
};

/* Takes `count` of the handles that came with a request, from `first` on: all or none. WRONG_TYPE:
 * one is no session. NO_RIGHT: one may not be passed on. LIMIT, TOO_MANY_OPEN, NO_MEMORY. */
err_t flights_take(struct file_request *r, unsigned first, unsigned count, struct flight **out);
/* Adds a session to an answer; the flight stays. */
err_t flight_give(struct file_request *r, const struct flight *f);
void flight_end(struct flight *f);
/* No client has a session of this socket any more. */
void flights_collect(struct socket *s);
uint32_t flights_count(void);
