/* SPDX-License-Identifier: MIT */
/*
 * The names in a directory: in a hash table, and in a list in the order in which they were made, so
 * that reading a directory goes on at the right place whatever is made and removed meanwhile.
 */
#pragma once
#include "lib/file/server.h"

struct inode;

struct entry {
    struct entry *chain;           /* of its bucket */
    struct entry *next, *previous; /* in the order of cookies */
    struct inode *inode;
    uint64_t cookie;
    uint32_t hash;
    uint8_t length;
    char name[];
};

struct directory {
    struct entry **bucket; /* NULL while there are no entries */
    uint32_t buckets, entries;
    struct entry *first, *last;
    struct entry *hint; /* where reading stopped last, or NULL */
    uint64_t next_cookie;
    struct inode *parent; /* NULL: the root, or removed */
};

struct entry *directory_find(const struct directory *d, struct text name);
/* NO_SPACE, LIMIT. The name must be free. */
err_t directory_add(struct directory *d, struct text name, struct inode *inode);
void directory_remove(struct directory *d, struct entry *e);
/* The first entry whose cookie is at least this, or NULL. */
struct entry *directory_from(struct directory *d, uint64_t cookie);
