/* SPDX-License-Identifier: MIT */
/* The client side of abi/pipe.h; reading and writing are lib/file/client.h's. */
#pragma once
#include "abi/err.h"
#include "abi/pipe.h"
#include "lib/sys/cap.h"

struct pipe_state {
    uint64_t capacity, length; /* bytes */
    uint32_t readers, writers; /* open files */
    uint32_t reads, writes;    /* that wait */
};

/* `root`: a session to the root of the server. `flags`: FILE_NONBLOCK, of both ends, or 0. */
err_t pipe_make(struct session_cap root, uint32_t flags, struct session_cap *read_end,
                struct session_cap *write_end);
/* A pipe whose ends are made by opening *out. */
err_t pipe_fifo(struct session_cap root, uint32_t permissions, uint32_t user, uint32_t group,
                struct session_cap *out);
/* Waits for another side of an end that was opened: can be INTERRUPTED. */
err_t pipe_await(struct session_cap end);
err_t pipe_state(struct session_cap end, struct pipe_state *out);
/* *out: the capacity it has now, at least the one asked for. */
err_t pipe_resize(struct session_cap end, uint64_t capacity, uint64_t *out);
