/* SPDX-License-Identifier: MIT */
/*
 * The files of an archive as a tree. Entries stand in the order of their paths, `/` before every
 * other byte, so that a directory is followed by all that is below it.
 */
#pragma once
#include "lib/file/server.h"

#define TREE_MEMBERS_MAX 16384u

struct entry {
    struct node node;
    struct text path, data; /* in the archive */
    struct entry *parent;   /* NULL: the root */
    uint32_t span;          /* entries from this one to the last that is below it */
    uint32_t directories;   /* directly in it */
    uint32_t seconds;       /* when it was changed, since 1970 */
    handle_t memory;        /* with its contents; HANDLE_NONE: not made yet */
};

struct tree {
    struct entry *root; /* the first of `count` */
    uint32_t count;
};

static inline struct entry *entry_of(struct node *n) {
    return (struct entry *)(void *)((char *)n - offsetof(struct entry, node));
}

/*
 * Reads all of an archive, which must stay as it is, and gives each entry one reference. The result
 * is NULL, or what is wrong, in words; *at: at which byte of the archive. An archive without a
 * member for the root gets one. What was made for an archive that is refused is given back.
 */
const char *tree_build(struct text archive, const struct node_ops *ops, struct tree *out,
                       size_t *at);
void tree_free(struct tree *t);

/* What a directory has of this name; NULL: nothing. */
struct entry *tree_find(struct entry *directory, struct text name);
/* The first child of a directory at or behind `place`, which counts from the directory on; NULL:
 * there is none. Any place may be asked for. */
struct entry *tree_child(struct entry *directory, uint64_t place);
/* The last part of an entry's path. */
struct text entry_name(const struct entry *e);
