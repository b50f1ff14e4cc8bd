/* SPDX-License-Identifier: MIT */
#include "services/ramfs/directory.h"

#include <stdlib.h>
#include <string.h>

#include "services/ramfs/inode.h"

#define BUCKETS_FIRST 8u
#define ENTRIES_MAX   (1u << 24)
#define COOKIE_FIRST  2u /* see file_entry_add */

/* FNV-1a, 32 bits. */
static uint32_t hash_of(struct text name) {
    uint32_t h = 0x811c9dc5;
    for (size_t i = 0; i < name.length; i++)
        h = (h ^ (uint8_t)name.at[i]) * 0x01000193;
    return h;
}

struct entry *directory_find(const struct directory *d, struct text name) {
    uint32_t hash = hash_of(name);
    if (!d->bucket)
        return NULL;
    for (struct entry *e = d->bucket[hash & (d->buckets - 1)]; e; e = e->chain)
        if (e->hash == hash && e->length == name.length && !memcmp(e->name, name.at, name.length))
            return e;
    return NULL;
}

static void insert(struct directory *d, struct entry *e) {
    struct entry **b = &d->bucket[e->hash & (d->buckets - 1)];
    e->chain = *b;
    *b = e;
}

static size_t table_size(uint32_t buckets) {
    return buckets * sizeof(void *);
}

/* Twice as many buckets. A table that cannot grow is only slower. */
static void grow(struct directory *d) {
    uint32_t buckets = d->buckets ? 2 * d->buckets : BUCKETS_FIRST;
    uint64_t more = table_size(buckets - d->buckets);
    struct entry **bucket = calloc(1, table_size(buckets));
    if (!bucket)
        return;
    if (!err_ok(ramfs_take(more))) {
        free(bucket);
        return;
    }
    free(d->bucket);
    d->bucket = bucket;
    d->buckets = buckets;
    for (struct entry *e = d->first; e; e = e->next)
        insert(d, e);
}

static size_t size_of(const struct entry *e) {
    return sizeof *e + e->length;
}

static err_t entry_make(struct text name, struct inode *inode, struct entry **out) {
    struct entry *e = malloc(sizeof *e + name.length);
    if (!e)
        return ERROR(NO_SPACE);
    *e = (struct entry){.inode = inode, .hash = hash_of(name), .length = (uint8_t)name.length};
    memcpy(e->name, name.at, name.length);
    err_t error = ramfs_take(size_of(e));
    if (err_ok(error))
        *out = e;
    else
        free(e);
    return error;
}

static void entry_free(struct entry *e) {
    ramfs_give(size_of(e));
    free(e);
}

/* An empty directory has no buckets. */
static void buckets_drop(struct directory *d) {
    if (d->entries)
        return;
    ramfs_give(table_size(d->buckets));
    free(d->bucket);
    d->bucket = NULL;
    d->buckets = 0;
}

err_t directory_add(struct directory *d, struct text name, struct inode *inode) {
    struct entry *e;
    if (d->entries == ENTRIES_MAX)
        return ERROR(LIMIT);
    err_t error = entry_make(name, inode, &e);
    if (!err_ok(error))
        return error;
    if (d->entries >= d->buckets)
        grow(d);
    if (!d->bucket) {
        entry_free(e);
        return ERROR(NO_SPACE);
    }
    e->cookie = COOKIE_FIRST + d->next_cookie++;
    e->previous = d->last;
    *(d->last ? &d->last->next : &d->first) = e;
    d->last = e;
    d->entries++;
    insert(d, e);
    return OK;
}

void directory_remove(struct directory *d, struct entry *e) {
    struct entry **link = &d->bucket[e->hash & (d->buckets - 1)];
    while (*link != e)
        link = &(*link)->chain;
    *link = e->chain;
    *(e->previous ? &e->previous->next : &d->first) = e->next;
    *(e->next ? &e->next->previous : &d->last) = e->previous;
    if (d->hint == e)
        d->hint = e->next;
    d->entries--;
    entry_free(e);
    buckets_drop(d);
}

struct entry *directory_from(struct directory *d, uint64_t cookie) {
    struct entry *e = d->hint && d->hint->cookie <= cookie ? d->hint : d->first;
    while (e && e->cookie < cookie)
        e = e->next;
    d->hint = e;
    return e;
}
