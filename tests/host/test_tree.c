/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/lib/tree.c */
/*
 * The balanced tree against a sorted array over random insertions, removals and searches, with many
 * equal keys; after each step the shape is checked from the root down.
 */
#include <string.h>

#include "tap.h"
#include "tree.h"

#define NODES 200

static struct tree tree;
static struct tree_node nodes[NODES];
static struct tree_node *model[NODES]; /* in order */
static unsigned count;

static void model_insert(struct tree_node *n) {
    unsigned i = count++;

    for (; i > 0 && model[i - 1]->key > n->key; i--)
        model[i] = model[i - 1];
    model[i] = n;
}

static void model_remove(struct tree_node *n) {
    unsigned i = 0;

    while (model[i] != n)
        i++;
    memmove(&model[i], &model[i + 1], (--count - i) * sizeof(model[0]));
}

static int height(const struct tree_node *n, const struct tree_node *parent) {
    int left, right;

    if (!n)
        return 0;
    check(n->parent == parent && n->linked);
    left = height(n->left, n);
    right = height(n->right, n);
    check(n->balance == right - left && n->balance >= -1 && n->balance <= 1);
    return 1 + (left > right ? left : right);
}

static void compare_order(void) {
    struct tree_node *n = tree_first(&tree);

    for (unsigned i = 0; i < count; i++) {
        check(n == model[i]);
        n = n ? tree_next(n) : NULL;
    }
    check(!n);
}

static void compare_search(uint64_t key) {
    struct tree_node *floor = NULL, *ceiling = NULL;

    for (unsigned i = 0; i < count; i++)
        if (model[i]->key <= key)
            floor = model[i];
    for (unsigned i = count; i-- > 0;)
        if (model[i]->key >= key)
            ceiling = model[i];
    check(tree_floor(&tree, key) == floor && tree_ceiling(&tree, key) == ceiling);
}

static void run(uint64_t seed, unsigned steps, uint64_t keys, unsigned nodes_used) {
    for (unsigned i = 0; i < steps; i++) {
        struct tree_node *n = &nodes[random_below(&seed, nodes_used)];

        if (n->linked) {
            model_remove(n);
            tree_remove(&tree, n);
            check(!n->linked);
        } else {
            tree_insert(&tree, n, random_below(&seed, keys));
            model_insert(n);
        }
        height(tree.root, NULL);
        compare_order();
        compare_search(random_below(&seed, keys + 2));
    }
    while (count) {
        tree_remove(&tree, model[random_below(&seed, count)]);
        for (unsigned i = 0; i < count; i++)
            if (!model[i]->linked)
                model_remove(model[i]);
        height(tree.root, NULL);
        compare_order();
    }
    check(!tree.root);
}

int main(void) {
    run(1, 2000, 3, 4);
    tap_test("a few nodes, few keys");
    run(2, 20000, 40, NODES);
    tap_test("many nodes, many equal keys");
    run(3, 20000, 1ull << 62, NODES);
    tap_test("many nodes, distinct keys");
    for (unsigned i = 0; i < NODES; i++) {
        tree_insert(&tree, &nodes[i], i);
        model_insert(&nodes[i]);
    }
    check(height(tree.root, NULL) <= 10); /* AVL: at most 1.44 log2(202) */
    run(4, 0, 1, 1);
    tap_test("sorted insertion stays flat");
    return tap_done();
}
