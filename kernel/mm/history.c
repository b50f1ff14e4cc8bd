/* SPDX-License-Identifier: MIT */
/*
 * What a space may do with a memory object, and has done. A record is made with the first mapping
 * of an object that handles may both write and execute, and stays until the space or the object
 * ends: so unmapping does not make the space forget.
 */
#include "memory.h"
#include "pool.h"

#define WX (MEMORY_WRITE | MEMORY_EXECUTE)

_Static_assert(sizeof(struct history) <= 64, "size class of a record");

static struct history *find(const struct space *s, const struct memory *m) {
    struct tree_node *n = tree_floor(&s->history, (uintptr_t)m);
    return n && n->key == (uintptr_t)m ? container_of(n, struct history, node) : NULL;
}

uint32_t history_of(const struct space *s, const struct memory *m) {
    const struct history *h = find(s, m);
    return h ? h->node.tag : 0;
}

bool history_add(struct space *s, struct memory *m, uint32_t access) {
    struct history *h = m->dual ? find(s, m) : NULL;
    if (m->dual && !h) {
        h = pool_alloc(s->pool, sizeof(*h));
        if (!h)
            return false;
        h->space = s;
        tree_insert(&s->history, &h->node, (uintptr_t)m);
        link_insert(&m->history, &h->of_memory);
    }
    if (h)
        h->node.tag |= (uint8_t)(access & MEMORY_ACCESS);
    return true;
}

void history_free(struct history *h) {
    tree_remove(&h->space->history, &h->node);
    link_remove(&h->of_memory);
    pool_free(h->space->pool, h, sizeof(*h));
}

bool history_permits(const struct space *s, const struct memory *m, uint32_t access,
                     uint32_t allowed) {
    if (access & ~allowed)
        return false;
    return !(access & WX) || allowed & MAP_JIT_ALLOWED || ((access | history_of(s, m)) & WX) != WX;
}
