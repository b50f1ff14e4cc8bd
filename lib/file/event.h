/* SPDX-License-Identifier: MIT */
/* The client side of abi/event.h; reading and writing are lib/file/client.h's. */
#pragma once
#include "abi/err.h"
#include "abi/event.h"
#include "lib/sys/cap.h"

/* `root`: a session to the root of the server `pipe`. `flags`: EVENT_SEMAPHORE, FILE_NONBLOCK. */
err_t event_open(struct session_cap root, uint32_t flags, uint64_t count, struct session_cap *out);
err_t event_timer(struct session_cap root, uint32_t flags, struct session_cap *out);
/* Nanoseconds: until the next end (0: none), and between ends. */
struct event_state {
    uint64_t left, interval;
};
/* `before`: how it was. */
err_t event_set(struct session_cap timer, uint64_t deadline, uint64_t interval,
                struct event_state *before);
err_t event_get(struct session_cap timer, struct event_state *out);
