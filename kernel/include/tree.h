/* SPDX-License-Identifier: MIT */
/*
 * Balanced binary trees with the nodes inside the elements, ordered by a 64-bit key. Equal keys are
 * allowed and kept in order of insertion. A node that is in no tree has no neighbours and balance
 * 0. No allocation, no recursion; insert and remove take O(log n). A zeroed root is an empty tree;
 * `linked` is true while the node is in a tree.
 */
#pragma once
#include "types.h"

struct tree_node {
    union {
        struct {
            struct tree_node *left, *right;
        };
        struct tree_node *child[2];
    };
    struct tree_node *parent;
    uint64_t key;
    int8_t balance;
    bool linked;
    uint8_t tag; /* the owner's: tells element types of one tree apart */
};

/* Keys that put the highest priority first, and keep the order among equals. */
#define PRIORITY_KEY(priority) (~(uint64_t)(priority))

struct tree {
    struct tree_node *root;
};

void tree_insert_slow(struct tree *t, struct tree_node *n);
void tree_remove_slow(struct tree *t, struct tree_node *n);
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_floor(const struct tree *t, uint64_t key);   /* last with key <= key */
struct tree_node *tree_ceiling(const struct tree *t, uint64_t key); /* first with key >= key */

/* The usual case, a tree that was or becomes empty, stays inline: the IPC fast path needs it. */
static inline void tree_insert(struct tree *t, struct tree_node *n, uint64_t key) {
    n->key = key;
    if (likely(!t->root)) {
        n->linked = true;
        t->root = n;
    } else {
        tree_insert_slow(t, n);
    }
}
static inline void tree_remove(struct tree *t, struct tree_node *n) {
    if (likely(t->root == n && !n->left && !n->right)) {
        t->root = NULL;
        n->linked = false;
    } else {
        tree_remove_slow(t, n);
    }
}
