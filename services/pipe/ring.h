/* SPDX-License-Identifier: MIT */
/*
 * The bytes in a pipe. Bytes are put in or taken out in two steps: they are copied, and when that
 * has reached the other side it counts. An empty ring begins again at its start, so that what few
 * bytes go through stay in few pages.
 */
#pragma once
#include "lib/file/server.h"

struct ring {
    char *at; /* allocated */
    size_t size, head, length;
};

err_t ring_start(struct ring *g, size_t size); /* NO_MEMORY */
void ring_end(struct ring *g);
/* To what fits all bytes of it: NO_MEMORY, and nothing has changed. */
err_t ring_resize(struct ring *g, size_t size);
/* The first `count` bytes, as the request's answer. */
err_t ring_emit(const struct ring *g, struct file_request *r, size_t count);
void ring_drop(struct ring *g, size_t count);
/* `count` bytes of the request's data, from `at` on, to where there is room for them. */
err_t ring_take(struct ring *g, struct file_request *r, size_t at, size_t count);
void ring_add(struct ring *g, size_t count);

static inline size_t ring_room(const struct ring *g) {
    return g->size - g->length;
}
