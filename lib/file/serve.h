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

static inline bool may(const struct file_request *r, uint32_t rights) {
    return (r->rights & rights) == rights;
}
