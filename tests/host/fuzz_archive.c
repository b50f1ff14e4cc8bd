/* SPDX-License-Identifier: MIT */
/* SOURCES: services/bootfs/archive.c services/bootfs/tree.c */
/* The input is an archive. Of one that is taken, all that the tree says must be true. */
#include <stdlib.h>

#include "services/bootfs/tree.h"

static const struct node_ops no_ops;

static void must(bool right) {
    if (!right)
        __builtin_trap();
}

static bool within(struct text t, struct text all) {
    return t.at >= all.at && t.length <= all.length &&
           (size_t)(t.at - all.at) <= all.length - t.length;
}

/* Each child of a directory is found by its name, and each entry is the child of one. */
static uint32_t children(struct entry *directory) {
    uint32_t count = 0;
    for (struct entry *e = tree_child(directory, 0); e;
         e = tree_child(directory, (uint64_t)(e - directory) + e->span)) {
        struct text name = entry_name(e);
        must(e->parent == directory && node_is(&directory->node, FILE_TYPE_DIRECTORY));
        must(name.length && name.length <= FILE_NAME_MAX && !memchr(name.at, '/', name.length));
        must(!memchr(name.at, 0, name.length) && tree_find(directory, name) == e);
        count++;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text archive = {(const char *)data, size};
    struct tree t;
    size_t at = 0;
    uint32_t count = 1;
    const char *problem = tree_build(archive, &no_ops, &t, &at);
    if (problem) {
        must(at <= size);
        return 0;
    }
    must(t.root->span == t.count && !t.root->parent && !t.root->path.length);
    for (uint32_t i = 0; i < t.count; i++) {
        struct entry *e = &t.root[i];
        must(within(e->path, archive) && e->span && e->span <= t.count - i);
        must(!e->data.length || within(e->data, archive));
        must(e->node.id == i + 1 && e->node.references == 1);
        count += children(e);
    }
    must(count == t.count);
    tree_free(&t);
    return 0;
}
