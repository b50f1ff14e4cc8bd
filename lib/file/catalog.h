/* SPDX-License-Identifier: MIT */
/* A directory that is a fixed table of names: the root of most servers of devices. */
#pragma once
#include "lib/file/server.h"

struct catalog_entry {
    const char *name;
    struct node *node;
};

struct catalog {
    struct node node;
    const struct catalog_entry *entries; /* in the order in which they are told */
    size_t count;
};

/* For the node_ops of such a directory, which has no parent. */
#define CATALOG_OPS .look_up = catalog_look_up, .parent = catalog_parent, .entries = catalog_entries

err_t catalog_look_up(struct node *directory, struct text name, struct node **out);
struct node *catalog_parent(struct node *directory);
err_t catalog_entries(struct node *directory, struct file_request *r, uint64_t cookie);

/* The directory's node, which gets `ops`, this identity, and the permissions 755. */
struct node *catalog_start(struct catalog *t, const struct node_ops *ops, uint64_t id);
