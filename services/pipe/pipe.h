/* SPDX-License-Identifier: MIT */
/* Pipes: abi/pipe.h, docs/man/5/pipe.md. A pipe is a node whose open files are its ends. */
#pragma once
#include "lib/file/waits.h"
#include "services/pipe/ring.h"

struct pipe {
    struct node node;
    uint64_t account; /* that is counted what it can hold: who made it, or opened it first */
    struct ring ring; /* a FIFO that nobody has open has none */
    uint32_t readers, writers; /* open files */
    int64_t made;              /* nanoseconds since 1970 */
    struct file_queue reads, writes;

    bool fifo;                               /* it has a session that is no end */
    uint64_t readers_opened, writers_opened; /* so far */
    struct file_queue awaits;                /* ends that wait for the other side */
};

static inline struct pipe *pipe_of(struct node *n) {
    return LINK_OF(n, struct pipe, node);
}

/* Makes a server, for file_server_loop, whose pipes all together can hold that many bytes. */
void pipes_start(struct file_server *s, uint64_t bytes);
/* PIPE_MAKE and PIPE_FIFO, to the root. */
err_t pipe_serve_make(struct file_request *r);
err_t fifo_serve_make(struct file_request *r);
/* A pipe without an end, with one reference. `account` pays for `size` bytes; 0: for none yet. */
err_t pipe_create(const struct file_request *r, uint64_t size, struct pipe **out);

/* ---- fifo.c ---- */

/* An end is opened or closed, and counted already. */
err_t fifo_opened(struct file *f);
void fifo_closed(struct pipe *p);
err_t fifo_await(struct file *f, struct file_request *r);
/* Whether the other side of an end was there since it was opened. */
bool fifo_met(const struct file *f);
/* How many there are. */
uint64_t pipes_count(void);
/* Nanoseconds since 1970. */
int64_t pipes_now(void);
