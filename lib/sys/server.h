/* SPDX-License-Identifier: MIT */
/*
 * The loop of a server with one thread: receives, serves, answers or passes on, and receives again
 * in the same system call. Nothing that a client does ends it or makes it spin. It uses the thread
 * block of the thread that runs it.
 */
#pragma once
#include <stdbool.h>

#include "lib/sys/message.h"

struct server {
    struct endpoint_cap endpoint;
    unsigned accept; /* handles that a call may bring */
    void *context;
    /*
     * Turns a call, whose data is in `server_data`, into its answer; or, with true, into what is
     * passed on to block.forward_session. Handles that came and that it keeps it takes out of
     * block.received (received_count 0); the others are closed. Handles to be sent along are moved.
     */
    bool (*serve)(void *context, struct message *m);
    /* A session is gone. */
    void (*closed)(void *context, uint64_t badge);
};

extern char server_data[INLINE_MAX];

_Noreturn void server_loop(const struct server *s);
