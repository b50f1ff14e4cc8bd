/* SPDX-License-Identifier: MIT */
/* How the members of an archive become a tree, and how names are found in it. */
#include "services/bootfs/tree.h"

#include <stdlib.h>

#include "services/bootfs/archive.h"

/* A NUL is in no path, so `/` can stand in its place. */
static int byte_order(char c) {
    return c == '/' ? 0 : (unsigned char)c;
}

static int path_order(struct text a, struct text b) {
    size_t both = a.length < b.length ? a.length : b.length;
    for (size_t i = 0; i < both; i++)
        if (a.at[i] != b.at[i])
            return byte_order(a.at[i]) - byte_order(b.at[i]);
    return (a.length > b.length) - (a.length < b.length);
}

static int entry_order(const void *a, const void *b) {
    return path_order(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

struct text entry_name(const struct entry *e) {
    size_t start = e->path.length;
    while (start && e->path.at[start - 1] != '/')
        start--;
    return (struct text){e->path.at + start, e->path.length - start};
}

/* Whether `e` is below the directory's path; *rest: the path from there. */
static bool below(const struct entry *directory, const struct entry *e, struct text *rest) {
    size_t skip = directory->path.length ? directory->path.length + 1 : 0;
    if (e->path.length <= skip || memcmp(e->path.at, directory->path.at, directory->path.length) ||
        (skip && e->path.at[skip - 1] != '/'))
        return false;
    *rest = (struct text){e->path.at + skip, e->path.length - skip};
    return true;
}

/* ---- building ---- */

static void entry_fill(struct entry *e, const struct node_ops *ops, const struct member *m) {
    *e = (struct entry){
        .node = {.ops = ops, .mode = m->mode, .user = m->user, .group = m->group, .references = 1},
        .path = m->path,
        .data = m->data,
        .span = 1,
        .seconds = m->seconds,
    };
}

/* Calls `each` for every member. */
static const char *members_each(struct text archive, void (*each)(void *, const struct member *),
                                void *context, size_t *at) {
    struct archive a = {.bytes = archive};
    struct member m;
    bool end = false;
    for (;;) {
        const char *problem = archive_next(&a, &m, &end);
        *at = a.next;
        if (problem || end)
            return problem;
        each(context, &m);
    }
}

struct building {
    struct tree *tree;
    const struct node_ops *ops;
    bool has_root;
};

static void member_count(void *context, const struct member *m) {
    struct building *b = context;
    b->tree->count++;
    b->has_root = b->has_root || !m->path.length;
}

static void member_add(void *context, const struct member *m) {
    struct building *b = context;
    entry_fill(&b->tree->root[b->tree->count++], b->ops, m);
}

/* The parent of the entry behind `last`, in the order of paths: one of those above that one. */
static const char *parent_find(struct entry *last, const struct entry *e, struct entry **out) {
    struct text rest;
    while (last && !(below(last, e, &rest) && !memchr(rest.at, '/', rest.length)))
        last = last->parent;
    if (!last)
        return "a member without its directory";
    if (!node_is(&last->node, FILE_TYPE_DIRECTORY))
        return "a member below one that is no directory";
    *out = last;
    return NULL;
}

/* Entries that are in their order get their parents. */
static const char *tree_join(struct tree *t, struct text archive, size_t *at) {
    *at = 0;
    if (!node_is(&t->root->node, FILE_TYPE_DIRECTORY))
        return "a root that is no directory";
    t->root->node.id = 1;
    for (uint32_t i = 1; i < t->count; i++) {
        struct entry *e = &t->root[i];
        *at = (size_t)(e->path.at - archive.at);
        if (!entry_order(e - 1, e))
            return "two members of one name";
        const char *problem = parent_find(e - 1, e, &e->parent);
        if (problem)
            return problem;
        e->node.id = i + 1;
        e->parent->directories += node_is(&e->node, FILE_TYPE_DIRECTORY);
    }
    for (uint32_t i = t->count - 1; i; i--)
        t->root[i].parent->span += t->root[i].span;
    return NULL;
}

const char *tree_build(struct text archive, const struct node_ops *ops, struct tree *out,
                       size_t *at) {
    struct tree t = {0};
    struct building b = {.tree = &t, .ops = ops};
    struct member root = {.path = {archive.at, 0}, .mode = FILE_TYPE_DIRECTORY | 0755};
    const char *problem = members_each(archive, member_count, &b, at);
    if (!problem && t.count > TREE_MEMBERS_MAX)
        problem = "too many members";
    if (problem)
        return problem;
    t.root = calloc(t.count + !b.has_root, sizeof *t.root);
    if (!t.root)
        return "no memory for its members";
    t.count = 0;
    if (!b.has_root)
        member_add(&b, &root);
    members_each(archive, member_add, &b, at);
    qsort(t.root, t.count, sizeof *t.root, entry_order);
    problem = tree_join(&t, archive, at);
    if (problem)
        tree_free(&t);
    else
        *out = t;
    return problem;
}

void tree_free(struct tree *t) {
    free(t->root);
    *t = (struct tree){0};
}

/* ---- names ---- */

struct entry *tree_find(struct entry *directory, struct text name) {
    uint32_t from = 1, to = directory->span;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        struct text path = {0};
        below(directory, directory + middle, &path);
        int order = path_order(name, path);
        if (!order)
            return directory + middle;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

struct entry *tree_child(struct entry *directory, uint64_t place) {
    for (uint64_t at = place ? place : 1; at < directory->span; at++)
        if (directory[at].parent == directory)
            return directory + at;
    return NULL;
}
