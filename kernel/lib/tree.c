/* SPDX-License-Identifier: MIT */
/*
 * The general case of balanced trees: AVL. `balance` is the height of the right subtree less that
 * of the left one, -1, 0 or 1 whenever no function here runs. A new node goes after its equals.
 */
#include "tree.h"

static void replace_child(struct tree *t, struct tree_node *parent, struct tree_node *old,
                          struct tree_node *new) {
    if (!parent)
        t->root = new;
    else if (parent->left == old)
        parent->left = new;
    else
        parent->right = new;
    if (new)
        new->parent = parent;
}

static struct tree_node *rotate_left(struct tree *t, struct tree_node *x) {
    struct tree_node *y = x->right;

    x->right = y->left;
    if (x->right)
        x->right->parent = x;
    replace_child(t, x->parent, x, y);
    y->left = x;
    x->parent = y;
    x->balance -= 1 + (y->balance > 0 ? y->balance : 0);
    y->balance -= 1 - (x->balance < 0 ? x->balance : 0);
    return y;
}

static struct tree_node *rotate_right(struct tree *t, struct tree_node *x) {
    struct tree_node *y = x->left;

    x->left = y->right;
    if (x->left)
        x->left->parent = x;
    replace_child(t, x->parent, x, y);
    y->right = x;
    x->parent = y;
    x->balance += 1 - (y->balance < 0 ? y->balance : 0);
    y->balance += 1 + (x->balance > 0 ? x->balance : 0);
    return y;
}

/* Brings a node whose balance is 2 or -2 back; returns the new top of its subtree. */
static struct tree_node *rebalance(struct tree *t, struct tree_node *n) {
    if (n->balance > 0) {
        if (n->right->balance < 0)
            rotate_right(t, n->right);
        return rotate_left(t, n);
    }
    if (n->left->balance > 0)
        rotate_left(t, n->left);
    return rotate_right(t, n);
}

void tree_insert_slow(struct tree *t, struct tree_node *n) {
    struct tree_node *parent = NULL, **place = &t->root;

    while (*place) {
        parent = *place;
        place = n->key < parent->key ? &parent->left : &parent->right;
    }
    n->parent = parent;
    n->linked = true;
    *place = n;
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
static void shortened(struct tree *t, struct tree_node *n, bool left) {
    while (n) {
        n->balance += left ? 1 : -1;
        if (n->balance == 1 || n->balance == -1)
            return;
        if (n->balance != 0) {
            n = rebalance(t, n);
            if (n->balance != 0)
                return;
        }
        left = n->parent && n->parent->left == n;
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
    bool left = shorter && shorter->left == n;

    if (n->left && n->right) {
        left = n->right->left != NULL;
        shorter = replace_by_next(t, n);
    } else {
        replace_child(t, n->parent, n, n->left ? n->left : n->right);
    }
    n->left = n->right = n->parent = NULL;
    n->balance = 0;
    n->linked = false;
    shortened(t, shorter, left);
}

struct tree_node *tree_first(const struct tree *t) {
    struct tree_node *n = t->root;

    while (n && n->left)
        n = n->left;
    return n;
}

struct tree_node *tree_last(const struct tree *t) {
    struct tree_node *n = t->root;

    while (n && n->right)
        n = n->right;
    return n;
}

struct tree_node *tree_next(const struct tree_node *n) {
    if (n->right)
        return tree_first(&(struct tree){n->right});
    while (n->parent && n->parent->right == n)
        n = n->parent;
    return n->parent;
}

struct tree_node *tree_prev(const struct tree_node *n) {
    if (n->left)
        return tree_last(&(struct tree){n->left});
    while (n->parent && n->parent->left == n)
        n = n->parent;
    return n->parent;
}

struct tree_node *tree_floor(const struct tree *t, uint64_t key) {
    struct tree_node *n = t->root, *found = NULL;

    while (n) {
        if (n->key <= key)
            found = n;
        n = n->key <= key ? n->right : n->left;
    }
    return found;
}

struct tree_node *tree_ceiling(const struct tree *t, uint64_t key) {
    struct tree_node *n = t->root, *found = NULL;

    while (n) {
        if (n->key >= key)
            found = n;
        n = n->key >= key ? n->left : n->right;
    }
    return found;
}
