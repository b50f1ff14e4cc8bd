/* SPDX-License-Identifier: MIT */
/*
 * The general case of balanced trees: AVL. `balance` is the height of the right subtree less that
 * of the left one, -1, 0 or 1 whenever no function here runs. A new node goes after its equals.
 * What is the same on both sides is written once: `side` is 0 on the left and 1 on the right.
 */
#include "tree.h"

static void replace_child(struct tree *t, struct tree_node *parent, struct tree_node *old,
                          struct tree_node *new) {
    if (!parent)
        t->root = new;
    else
        parent->child[parent->right == old] = new;
    if (new)
        new->parent = parent;
}

/* Moves a node down on one side; its child on the other one takes its place, and is returned. */
static struct tree_node *rotate(struct tree *t, struct tree_node *x, unsigned side) {
    struct tree_node *y = x->child[!side];
    int sign = side ? -1 : 1, heavy = sign * x->balance, below = sign * y->balance;

    x->child[!side] = y->child[side];
    if (x->child[!side])
        x->child[!side]->parent = x;
    replace_child(t, x->parent, x, y);
    y->child[side] = x;
    x->parent = y;
    heavy -= 1 + (below > 0 ? below : 0);
    below -= 1 - (heavy < 0 ? heavy : 0);
    x->balance = (int8_t)(sign * heavy);
    y->balance = (int8_t)(sign * below);
    return y;
}

/* Brings a node whose balance is 2 or -2 back; returns the new top of its subtree. */
static struct tree_node *rebalance(struct tree *t, struct tree_node *n) {
    unsigned side = n->balance > 0;
    struct tree_node *child = n->child[side];

    if (child->balance && (child->balance > 0) != side)
        rotate(t, child, side);
    return rotate(t, n, !side);
}

void tree_insert_slow(struct tree *t, struct tree_node *n) {
    struct tree_node *parent = t->root, *next;

    while ((next = parent->child[n->key >= parent->key]))
        parent = next;
    n->parent = parent;
    n->linked = true;
    parent->child[n->key >= parent->key] = n;
    for (; parent; n = parent, parent = n->parent) {
        parent->balance += parent->right == n ? 1 : -1;
        if (parent->balance == 0)
            return;
        if (parent->balance == 2 || parent->balance == -2) {
            rebalance(t, parent);
            return;
        }
    }
}

/* A subtree of `n` lost a level. */
static void shortened(struct tree *t, struct tree_node *n, unsigned side) {
    while (n) {
        n->balance += side ? -1 : 1;
        if (n->balance == 1 || n->balance == -1)
            return;
        if (n->balance != 0) {
            n = rebalance(t, n);
            if (n->balance != 0)
                return;
        }
        side = n->parent && n->parent->right == n;
        n = n->parent;
    }
}

/* Puts the successor of `n`, which has two children, in its place; returns where it got shorter. */
static struct tree_node *replace_by_next(struct tree *t, struct tree_node *n) {
    struct tree_node *next = tree_next(n), *shorter = next;

    if (next->parent != n) {
        shorter = next->parent;
        replace_child(t, next->parent, next, next->right);
        next->right = n->right;
        next->right->parent = next;
    }
    next->left = n->left;
    next->left->parent = next;
    next->balance = n->balance;
    replace_child(t, n->parent, n, next);
    return shorter;
}

void tree_remove_slow(struct tree *t, struct tree_node *n) {
    struct tree_node *shorter = n->parent;
    unsigned side = shorter && shorter->right == n;

    if (n->left && n->right) {
        side = !n->right->left;
        shorter = replace_by_next(t, n);
    } else {
        replace_child(t, n->parent, n, n->child[!n->left]);
    }
    n->left = n->right = n->parent = NULL;
    n->balance = 0;
    n->linked = false;
    shortened(t, shorter, side);
}

static struct tree_node *leftmost(struct tree_node *n) {
    while (n && n->left)
        n = n->left;
    return n;
}

struct tree_node *tree_first(const struct tree *t) {
    return leftmost(t->root);
}

struct tree_node *tree_next(const struct tree_node *n) {
    if (n->right)
        return leftmost(n->right);
    while (n->parent && n->parent->right == n)
        n = n->parent;
    return n->parent;
}

struct tree_node *tree_floor(const struct tree *t, uint64_t key) {
    struct tree_node *found = NULL;

    for (struct tree_node *n = t->root; n; n = n->child[n->key <= key])
        found = n->key <= key ? n : found;
    return found;
}

struct tree_node *tree_ceiling(const struct tree *t, uint64_t key) {
    struct tree_node *found = NULL;

    for (struct tree_node *n = t->root; n; n = n->child[n->key < key])
        found = n->key < key ? found : n;
    return found;
}
