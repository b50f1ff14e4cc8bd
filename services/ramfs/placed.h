/* SPDX-License-Identifier: MIT */
/*
 * What is behind the name of a FIFO or socket: a session of the server that it really is of, which
 * the disk keeps for those who open the name. Each is a handle of the server, so there are limits:
 * PLACED_MAX, and PLACED_OF_ACCOUNT for whoever puts them there.
 */
#pragma once
#include "lib/file/server.h"

#define PLACED_MAX        4096u
#define PLACED_OF_ACCOUNT 1024u

struct placed {
    struct badged counted;
    handle_t handle;
};

/* Keeps the handle that came with a request: LIMIT, TOO_MANY_OPEN, NO_MEMORY. */
err_t placed_make(struct file_request *r, struct placed **out);
void placed_end(struct placed *p); /* NULL: nothing */
