/* SPDX-License-Identifier: MIT */
#include "services/pipe/ring.h"

#include <stdlib.h>
#include <string.h>

err_t ring_start(struct ring *g, size_t size) {
    *g = (struct ring){.at = malloc(size), .size = size};
    return g->at ? OK : ERROR(NO_MEMORY);
}

void ring_end(struct ring *g) {
    free(g->at);
    *g = (struct ring){0};
}

/* How many of `count` bytes are before the end of the buffer, from `at` on. */
static size_t straight(const struct ring *g, size_t at, size_t count) {
    return count < g->size - at ? count : g->size - at;
}

err_t ring_resize(struct ring *g, size_t size) {
    struct ring new;
    err_t e = ring_start(&new, size);
    if (!err_ok(e))
        return e;
    size_t first = straight(g, g->head, g->length);
    memcpy(new.at, g->at + g->head, first);
    memcpy(new.at + first, g->at, g->length - first);
    new.length = g->length;
    free(g->at);
    *g = new;
    return OK;
}

err_t ring_emit(const struct ring *g, struct file_request *r, size_t count) {
    size_t first = straight(g, g->head, count);
    err_t e = file_emit(r, g->at + g->head, first);
    return err_ok(e) && count > first ? file_emit(r, g->at, count - first) : e;
}

void ring_drop(struct ring *g, size_t count) {
    g->head = (g->head + count) % g->size;
    g->length -= count;
    if (!g->length)
        g->head = 0;
}

err_t ring_take(struct ring *g, struct file_request *r, size_t at, size_t count) {
    size_t tail = (g->head + g->length) % g->size, first = straight(g, tail, count);
    err_t e = file_take(r, at, g->at + tail, first);
    return err_ok(e) && count > first ? file_take(r, at + first, g->at, count - first) : e;
}

void ring_add(struct ring *g, size_t count) {
    g->length += count;
}
