/* SPDX-License-Identifier: MIT */
/* Between the parts of lib/file that serve requests. */
#pragma once
#include "lib/file/server.h"

/* The operations on names; `start` is the session's file. */
err_t serve_name(struct file_request *r, struct node *start);
/* The last piece: into words, or it stays to go with the answer. */
err_t file_finish(struct file_request *r);
/* What the caller may be told of a file. */
void node_stat(struct node *n, struct file_stat *out);
/* Has the kernel keep the caller of a request that is to wait in r->queue. */
err_t wait_park(struct file_request *r);
/* A request that has waited, for r->file; it is not parked again. */
err_t serve_again(struct file_request *r);
/* Room for an open file, and back; NULL: no memory. */
struct file *file_new(void);
void file_free(struct file *f);
/* The first part of file_settle: the request keeps its cargo. */
void file_settle_alone(struct file_request *r, bool answered);
/* The last of a file, which nobody has any more. */
void file_end(struct file *f);

static inline bool may(const struct file_request *r, uint32_t rights) {
    return (r->rights & rights) == rights;
}
