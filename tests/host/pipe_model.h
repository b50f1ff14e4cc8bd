/* SPDX-License-Identifier: MIT */
/*
 * What a pipe is, without a server: a queue of bytes, and calls in the order in which they came.
 * After each event the model says which calls are over and how.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "abi/err.h"
#include "abi/pipe.h"

#define MODEL_CAPACITY (128u << 10)
#define MODEL_BYTES    (256u << 10) /* one event moves no more */
#define MODEL_CALLS    24u          /* of one pipe, that are not over */

struct model_call {
    bool used, writes, waiting, gone, lost;
    bool patient; /* it waits */
    uint64_t order;
    size_t count;
    uint8_t first; /* byte i of a write is first + i */
    /* When it is over. */
    enum err_code error;
    size_t done;
    uint64_t from; /* of a read: which of all bytes is its first */
};

struct model {
    size_t capacity;
    uint64_t in, out; /* bytes so far */
    uint32_t readers, writers;
    uint64_t order;
    uint8_t byte[MODEL_BYTES]; /* by number, modulo */
    struct model_call call[MODEL_CALLS];
};

static inline size_t model_length(const struct model *m) {
    return (size_t)(m->in - m->out);
}

static inline size_t model_room(const struct model *m) {
    return m->capacity - model_length(m);
}

static inline struct model_call *model_first(struct model *m, bool writes) {
    struct model_call *first = NULL;
    for (struct model_call *c = m->call; c < m->call + MODEL_CALLS; c++)
        if (c->used && c->waiting && c->writes == writes && (!first || c->order < first->order))
            first = c;
    return first;
}

static inline unsigned model_waiting(const struct model *m, bool writes) {
    unsigned n = 0;
    for (const struct model_call *c = m->call; c < m->call + MODEL_CALLS; c++)
        n += c->used && c->waiting && c->writes == writes;
    return n;
}

static inline void model_over(struct model_call *c, enum err_code error, size_t done) {
    c->waiting = false;
    c->error = error;
    c->done = done;
}

static inline void model_read(struct model *m, struct model_call *c) {
    size_t n = c->count < model_length(m) ? c->count : model_length(m);
    if (c->gone || (c->lost && n)) {
        model_over(c, c->gone ? ERR_CALLER_GONE : ERR_BAD_WINDOW, 0);
        return;
    }
    c->from = m->out;
    m->out += n;
    model_over(c, ERR_OK, n);
}

static inline void model_write(struct model *m, struct model_call *c) {
    size_t n = c->count < model_room(m) ? c->count : model_room(m);
    if (c->gone || (c->lost && n > 1)) { /* its first byte is there */
        model_over(c, c->gone ? ERR_CALLER_GONE : ERR_BAD_WINDOW, 0);
        return;
    }
    for (size_t i = 0; i < n; i++)
        m->byte[(m->in + i) % MODEL_BYTES] = (uint8_t)(c->first + i);
    m->in += n;
    model_over(c, ERR_OK, n);
}

/* Whether a call can go on now; it is then over. */
static inline bool model_try(struct model *m, struct model_call *c) {
    size_t need = c->count <= PIPE_BUF ? c->count : c->patient ? PIPE_BUF : 1;
    if (!c->count) {
        model_over(c, c->gone ? ERR_CALLER_GONE : ERR_OK, 0);
    } else if (!c->writes) {
        if (!model_length(m) && m->writers)
            return false;
        model_read(m, c);
    } else if (!m->readers) {
        model_over(c, c->gone ? ERR_CALLER_GONE : ERR_BROKEN_PIPE, 0);
    } else if (model_room(m) < need) {
        return false;
    } else {
        model_write(m, c);
    }
    return true;
}

/* All that can go on, in order. */
static inline void model_settle(struct model *m) {
    struct model_call *c;
    bool moved = true;
    while (moved) {
        moved = (c = model_first(m, false)) && model_try(m, c);
        moved = ((c = model_first(m, true)) && model_try(m, c)) || moved;
    }
}

/* A call comes. */
static inline void model_begin(struct model *m, struct model_call *c) {
    bool behind = c->count && c->patient && model_first(m, c->writes);
    c->used = true;
    c->order = ++m->order;
    if (c->writes && c->count && !m->readers)
        behind = false; /* that nobody reads is said at once */
    if (!behind && model_try(m, c)) {
        model_settle(m);
    } else if (c->gone || !c->patient) {
        model_over(c, c->gone ? ERR_CALLER_GONE : ERR_WOULD_BLOCK, 0);
    } else {
        c->waiting = true;
    }
}
