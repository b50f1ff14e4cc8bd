/* SPDX-License-Identifier: MIT */
/*
 * What is mounted where in a namespace: a tree of names, with the mounts of each place in the order
 * in which they are looked through. Namespaces that have not been changed since one was copied from
 * the other share a table.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/err.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

/* Something that can be mounted, shared by the tables that it is in. */
struct source {
    struct session_cap session;
    uint32_t references;
    uint32_t number;
    uint32_t flags;  /* NS_* it was mounted with */
    uint32_t length; /* of what it is called, which follows */
    char text[];
};

struct branch {
    struct branch *next;
    struct source *source;
};

struct place {
    struct place *parent, *child, *next;
    struct branch *branches; /* NULL: nothing is mounted here */
    uint32_t length;
    char name[];
};

struct table {
    uint32_t references, mounts;
    struct place *root;
};

/* Where a name leads: the innermost mount, and the bytes of the name up to it. */
struct found {
    const struct place *place;
    size_t used;
    bool whole; /* the name is that of the place */
    bool below; /* the name is whole, and something is mounted below what it names */
};

err_t table_make(struct table **out);
static inline void table_hold(struct table *t) {
    t->references++;
}
void table_release(struct table *t);

/* Replaces *t, if others have it too, by a copy. */
err_t table_own(struct table **t);
/* NOT_FOUND: nothing is mounted on the way; ABOVE_ROOT: out->used is behind a `..`. */
err_t table_find(const struct table *t, struct text name, struct found *out);
/* Takes the session over. The table is the caller's own, also for unmount. */
err_t table_mount(struct table *t, struct text name, struct session_cap session, struct text text,
                  uint32_t flags, uint32_t *number);
err_t table_unmount(struct table *t, struct text name, uint32_t number);

/* Calls `line` for each mount, in the order in which to repeat them. */
void table_each(const struct table *t,
                void (*line)(void *context, struct text name, const struct source *s, bool first),
                void *context);

/* What ends with a source. */
void source_close(struct session_cap session);
