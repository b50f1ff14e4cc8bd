/* SPDX-License-Identifier: MIT */
/* Pipes: abi/pipe.h, docs/man/5/pipe.md. A pipe is a node whose open files are its ends. */
#pragma once
#include "lib/file/waits.h"
#include "services/pipe/ring.h"

struct pipe {
    struct node node;
    uint64_t account; /* that made it, and is counted what it can hold */
    struct ring ring;
    uint32_t readers, writers; /* open files */
    int64_t made;              /* nanoseconds since 1970 */
    struct file_queue reads, writes;
};

static inline struct pipe *pipe_of(struct node *n) {
    return LINK_OF(n, struct pipe, node);
}

/* Makes a server, for file_server_loop, whose pipes all together can hold that many bytes. */
void pipes_start(struct file_server *s, uint64_t bytes);
/* PIPE_MAKE, to the root. */
err_t pipe_serve_make(struct file_request *r);
/* How many there are. */
uint64_t pipes_count(void);
/* Nanoseconds since 1970. */
int64_t pipes_now(void);
