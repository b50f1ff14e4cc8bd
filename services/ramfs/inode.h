/* SPDX-License-Identifier: MIT */
/* A file of the RAM disk. */
#pragma once
#include "lib/file/server.h"
#include "services/ramfs/directory.h"
#include "services/ramfs/placed.h"
#include "services/ramfs/store.h"

struct inode {
    struct node node; /* one reference for each name, beside those of the library */
    uint32_t links;
    int64_t accessed, modified, changed;
    struct placed *placed; /* of a FIFO or socket, or NULL */
    union {
        struct directory directory;
        struct store store;
        struct text text; /* of a symbolic link; allocated */
    };
};

static inline struct inode *inode_of(struct node *n) {
    return (struct inode *)(void *)((char *)n - offsetof(struct inode, node));
}

/* What all files of the disk may take together, and how much of that is used; bytes. */
struct ramfs {
    uint64_t limit, used;
    uint64_t files;
    uint64_t next_id;
    struct inode *root;
};

extern struct ramfs ramfs;

err_t ramfs_start(uint64_t limit);
/* Nanoseconds since 1970, for the times of files. */
int64_t ramfs_now(void);
/* Counts `bytes` of the disk as used: NO_SPACE. And gives them back. */
err_t ramfs_take(uint64_t bytes);
void ramfs_give(uint64_t bytes);
