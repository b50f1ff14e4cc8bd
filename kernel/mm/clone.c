/* SPDX-License-Identifier: MIT */
/*
 * Copy-on-write clones, of memory objects and of whole spaces. What is done stays done when the
 * work is preempted: the position is kept in what is being made. The original may change meanwhile;
 * the clone then has some pages from before and some from after, as if its maker had been slower.
 */
#include "arch/pagetable.h"
#include "pages.h"

static uint64_t rotate_right(uint64_t bits, uint64_t n) {
    return bits >> n % 64 | bits << -n % 64;
}

/* Those of the pages `mask` of a leaf that a device does not write to and the child has not got. */
static void join_pages(struct page_leaf *to, struct page_leaf *l, uint64_t mask, uint64_t shift) {
    uint64_t fresh = 0; /* not shared before: entries may be writable */
    unsigned low = (unsigned)__builtin_ctzl(mask), n = (unsigned)__builtin_popcountl(mask);
    unsigned span = LEAF_PAGES - (unsigned)__builtin_clzl(mask) - low;
    to->present |= rotate_right(mask, shift);
    to->memory->resident += n;
    to->memory->shared += n;
    for (; mask; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctzl(mask);
        fresh += !page_shared(&l->slots[i]);
        page_link(&to->slots[(i - shift) % LEAF_PAGES], &l->slots[i]);
    }
    l->memory->shared += fresh;
    if (fresh)
        memory_protect_range(l->memory, (l->base + low) << PAGE_SHIFT, span * PAGE_BYTES);
}

/* Pages `mask` of a leaf, which fall into one leaf of the child. */
static bool share_pages(struct memory *child, struct page_leaf *l, uint64_t mask, uint64_t shift) {
    struct page_slot *s = pages_make(child, l->base + (unsigned)__builtin_ctzl(mask) - shift);
    if (unlikely(!s))
        return false;
    struct page_leaf *to = page_leaf(s);
    mask &= ~rotate_right(to->present, -shift);
    if (mask & ~l->disclosed)
        join_pages(to, l, mask & ~l->disclosed, shift);
    for (mask &= l->disclosed; mask; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctzl(mask);
        if (!page_fill(&to->slots[(i - shift) % LEAF_PAGES], l->slots[i].page)) {
            pages_prune(child, to->base);
            return false;
        }
    }
    return true;
}

err_t memory_share(struct memory *child, struct memory *m, uint64_t *first, uint64_t last,
                   uint64_t shift) {
    struct page_leaf *l;
    err_t e = OK;
    if (m->kind == MEMORY_KIND_PAGER)
        return OK; /* they are looked up when they are touched */
    tlb_batch_begin();
    while (err_ok(e) && *first < last && (l = pages_leaf_from(m, *first)) && l->base < last) {
        uint64_t n = l->base > *first ? l->base : *first, in_child = (n - shift) % LEAF_PAGES;
        *first = min_u64(last, min_u64(l->base, n - in_child) + LEAF_PAGES);
        uint64_t mask = l->present & pages_mask(l, n, *first);
        if (mask && !share_pages(child, l, mask, shift))
            e = ERROR(NO_MEMORY);
        else if (work_spent(2 + (unsigned)__builtin_popcountl(mask) / 4 + m->mapping_count / 4))
            e = AGAIN;
    }
    tlb_batch_end();
    return e;
}

struct memory *memory_clone_for(const struct memory *m, const struct space *to) {
    struct memory *copy = NULL;
    unsigned looked = 0;
    for (struct link *l = m->clones; l && !copy; l = l->next, looked++) {
        struct memory *c = container_of(l, struct memory, origin_link);
        copy = c->clone_for == to ? c : NULL;
    }
    work_spent(looked / 16);
    return copy;
}

void memory_clone_end(struct memory *child) {
    if (child->origin)
        link_remove(&child->origin_link);
    child->origin = NULL;
    if (child->clone_for)
        link_remove(&child->clone_link);
    child->clone_for = NULL;
}

bool space_clone_end(struct space *to) {
    while (to->clones) {
        memory_clone_end(container_of(to->clones, struct memory, clone_link));
        if (to->clones && work_spent(1))
            return false;
    }
    return true;
}

/* The copy of `m` for the space `to`: one for all mappings, so that they still show the same. */
static err_t copy_for(struct space *to, struct memory *m, struct memory **out) {
    if ((*out = memory_clone_for(m, to)))
        return OK;
    err_t e = memory_create_copy(to->pool, m, 0, m->size, out);
    if (!err_ok(e))
        return e;
    (*out)->dual = m->dual;
    (*out)->origin = m;
    link_insert(&m->clones, &(*out)->origin_link);
    (*out)->clone_for = to;
    link_insert(&to->clones, &(*out)->clone_link);
    return OK;
}

static bool is_private(const struct mapping *m) {
    return m->flags & MAP_PRIVATE_COPY && m->memory->kind != MEMORY_KIND_DEVICE;
}

static err_t begin_mapping(struct space *to, const struct mapping *m) {
    struct mapping copy = *m;
    struct memory *o = m->memory;
    if (!space_is_free(to, m->node.key, m->end)) {
        to->clone_next = m->end; /* its holder was faster */
        return OK;
    }
    err_t e = is_private(m) ? copy_for(to, o, &o) : OK;
    if (!err_ok(e))
        return e;
    copy.space = to;
    copy.memory = o;
    if (!mapping_create(&copy)) {
        object_release(&o->object);
        return ERROR(NO_MEMORY);
    }
    history_add(to, o, history_of(m->space, m->memory)); /* it has a record */
    to->clone_begun = true;
    to->clone_next = m->node.key;
    to->clone_page = m->offset >> PAGE_SHIFT;
    return OK;
}

/* Goes by what was begun, since the original may have another mapping there by now. */
static err_t finish_mapping(struct space *to) {
    struct mapping *m = space_find(to, to->clone_next);
    struct memory *o = m ? m->memory : NULL;
    if (o && o->clone_for == to && o->origin) {
        uint64_t end = m->offset + (m->end - m->node.key);
        err_t e = memory_share(o, o->origin, &to->clone_page, end >> PAGE_SHIFT, 0);
        if (!err_ok(e))
            return e;
    }
    to->clone_begun = false;
    to->clone_next = m ? m->end : to->clone_next;
    return OK;
}

err_t space_clone(struct space *to, struct space *from) {
    struct tree_node *n;
    err_t e = OK;
    while (err_ok(e)) {
        if (to->clone_begun) {
            e = finish_mapping(to);
        } else if ((n = tree_ceiling(&from->mappings, to->clone_next))) {
            struct mapping *m = container_of(n, struct mapping, node);
            if (!m->memory || m->flags & MAP_GONE)
                to->clone_next = m->node.key + 1;
            else
                e = begin_mapping(to, m);
        } else {
            return OK;
        }
        if (err_ok(e) && work_spent(3))
            e = AGAIN;
    }
    return e;
}
