/* SPDX-License-Identifier: MIT */
#include "lib/file/catalog.h"

#include <string.h>

#define FIRST_COOKIE 2u /* see file_entry_add */

static const struct catalog *catalog_of(struct node *n) {
    return LINK_OF(n, struct catalog, node);
}

err_t catalog_look_up(struct node *directory, struct text name, struct node **out) {
    const struct catalog *t = catalog_of(directory);
    for (const struct catalog_entry *e = t->entries; e < t->entries + t->count; e++)
        if (strlen(e->name) == name.length && !memcmp(e->name, name.at, name.length)) {
            node_hold(e->node);
            *out = e->node;
            return OK;
        }
    return ERROR(NOT_FOUND);
}

struct node *catalog_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

err_t catalog_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    const struct catalog *t = catalog_of(directory);
    for (uint64_t i = cookie - FIRST_COOKIE; i < t->count; i++)
        if (!file_entry_add(r, text_of(t->entries[i].name), t->entries[i].node->mode,
                            t->entries[i].node->id, i + FIRST_COOKIE + 1))
            break;
    return OK;
}

struct node *catalog_start(struct catalog *t, const struct node_ops *ops, uint64_t id) {
    t->node =
        (struct node){.ops = ops, .id = id, .mode = FILE_TYPE_DIRECTORY | 0755, .references = 1};
    return &t->node;
}
