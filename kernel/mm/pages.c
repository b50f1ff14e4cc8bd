/* SPDX-License-Identifier: MIT */
/*
 * Page trees, and rings of slots that share a frame. A tree grows at its top when a larger page
 * number comes; each node in it has something below, except while a page is being added.
 */
#include "pages.h"

#include "abi/upcall.h"
#include "log.h"
#include "string.h"

#define NODE_BITS  6
#define HEIGHT_MAX 6 /* MEMORY_BYTES_MAX */
#define PASS_TRIES 8 /* sharers that are asked to take over a charge */

struct page_node {
    void *child[1 << NODE_BITS];
};

_Static_assert(sizeof(struct page_leaf) <= LEAF_BYTES && sizeof(struct page_leaf) > LEAF_BYTES / 2,
               "size class of a leaf");
_Static_assert(MEMORY_BYTES_MAX >> PAGE_SHIFT <= 1ul << NODE_BITS * HEIGHT_MAX, "height");

/* Where a node of height `level` on the way to a page keeps the next one. */
static void **place(void *node, unsigned level, uint64_t number) {
    struct page_node *n = node;
    return &n->child[number >> NODE_BITS * (level - 1) & (LEAF_PAGES - 1)];
}

static bool covers(const struct memory *m, uint64_t number) {
    return number >> NODE_BITS * m->height == 0;
}

inline struct page_slot *pages_find(const struct memory *m, uint64_t number) {
    void *node = m->root;
    if (!covers(m, number))
        return NULL;
    for (unsigned level = m->height; node && level > 1; level--)
        node = *place(node, level, number);
    return node ? &((struct page_leaf *)node)->slots[number % LEAF_PAGES] : NULL;
}

static bool grow(struct memory *m, uint64_t number) {
    if (!m->root)
        m->height = 1;
    while (!covers(m, number)) {
        if (m->root) {
            struct page_node *top = pool_alloc(m->object.pool, sizeof(*top));
            if (!top)
                return false;
            top->child[0] = m->root;
            m->root = top;
        }
        m->height++;
    }
    return true;
}

static struct page_leaf *make_path(struct memory *m, uint64_t number) {
    void **at = &m->root;
    for (unsigned level = m->height; level > 1; level--) {
        if (!*at && !(*at = pool_alloc(m->object.pool, sizeof(struct page_node))))
            return NULL;
        at = place(*at, level, number);
    }
    struct page_leaf *l = *at;
    if (!l && (*at = l = pool_alloc(m->object.pool, sizeof(*l)))) {
        l->memory = m;
        l->base = number & -(uint64_t)LEAF_PAGES;
    }
    return l;
}

struct page_slot *pages_make(struct memory *m, uint64_t number) {
    struct page_slot *s = pages_find(m, number);
    if (likely(s))
        return s;
    struct page_leaf *l = grow(m, number) ? make_path(m, number) : NULL;
    if (l)
        return &l->slots[number % LEAF_PAGES];
    pages_prune(m, number);
    return NULL;
}

struct page_leaf *pages_leaf_from(const struct memory *m, uint64_t number) {
    while (m->root && covers(m, number)) {
        void *node = m->root;
        unsigned level = m->height;
        while (node && level > 1)
            node = *place(node, level--, number);
        if (node)
            return node;
        number = ((number >> NODE_BITS * level) + 1) << NODE_BITS * level;
    }
    return NULL;
}

static bool node_empty(const void *node, unsigned level) {
    if (level == 1)
        return !((const struct page_leaf *)node)->present;
    const struct page_node *n = node;
    for (unsigned i = 0; i < array_size(n->child); i++)
        if (n->child[i])
            return false;
    return true;
}

void pages_prune(struct memory *m, uint64_t number) {
    void **at[HEIGHT_MAX + 1];
    unsigned level = m->height;
    if (!m->root || !covers(m, number)) {
        m->height = m->root ? m->height : 0;
        return;
    }
    for (at[level] = &m->root; level > 1 && *at[level]; level--)
        at[level - 1] = place(*at[level], level, number);
    for (; level <= m->height; level++) {
        void *node = *at[level];
        if (!node)
            continue;
        if (!node_empty(node, level))
            return;
        pool_free(m->object.pool, node,
                  level == 1 ? sizeof(struct page_leaf) : sizeof(struct page_node));
        *at[level] = NULL;
    }
    m->height = 0;
}

uint64_t pages_mask(const struct page_leaf *l, uint64_t first, uint64_t last) {
    uint64_t mask = ~0ull;
    if (first > l->base)
        mask <<= first - l->base;
    if (last < l->base + LEAF_PAGES)
        mask &= ~(~0ull << (last - l->base));
    return mask;
}

void page_put(struct page_slot *s, paddr_t page) {
    struct page_leaf *l = page_leaf(s);
    s->page = page;
    s->next = s->prev = s;
    l->present |= page_bit(s);
    l->memory->resident++;
}

void page_join(struct page_slot *s, struct page_slot *other) {
    struct page_leaf *l = page_leaf(s);
    if (!page_shared(other))
        page_leaf(other)->memory->shared++;
    page_link(s, other);
    l->present |= page_bit(s);
    l->memory->resident++;
    l->memory->shared++;
}

/* The object whose pool pays for a frame leaves the ring; `s` is one of the others. */
static void pass_charge(struct frame *f, struct page_slot *s) {
    struct page_slot *first = s;
    struct pool *heir = NULL;
    unsigned tries = 0;
    do {
        struct pool *p = page_leaf(s)->memory->object.pool;
        if (p == f->pool)
            return;
        if (!heir && p->limit - p->used >= PAGE_BYTES)
            heir = p;
        s = s->next;
    } while (s != first && ++tries < PASS_TRIES);
    if (heir && pool_charge(heir, PAGE_BYTES)) {
        pool_frame_pass(f, heir);
    } else {
        f->flags |= FRAME_STRAY;
        list_append(&f->pool->strays, &f->list);
    }
}

void page_drop(struct page_slot *s) {
    struct page_leaf *l = page_leaf(s);
    struct frame *f = frame_of(s->page);
    uint64_t keep = ~page_bit(s);
    l->present &= keep;
    l->dirty &= keep;
    l->disclosed &= keep;
    l->memory->resident--;
    s->page = 0;
    if (!page_shared(s)) {
        pool_frame_free(f);
        return;
    }
    s->next->prev = s->prev;
    s->prev->next = s->next;
    l->memory->shared--;
    if (!page_shared(s->next))
        page_leaf(s->next)->memory->shared--;
    if (f->pool == l->memory->object.pool && !(f->flags & FRAME_STRAY))
        pass_charge(f, s->next);
}

bool page_fill(struct page_slot *s, paddr_t from) {
    paddr_t page = pool_frame_alloc(page_leaf(s)->memory->object.pool);
    if (unlikely(!page))
        return false;
    if (from)
        memcpy(phys_to_virt(page), phys_to_virt(from), PAGE_BYTES);
    else
        memset(phys_to_virt(page), 0, PAGE_BYTES);
    page_put(s, page);
    return true;
}

bool page_own(struct page_slot *s) {
    struct page_leaf *l = page_leaf(s);
    paddr_t page = pool_frame_alloc(l->memory->object.pool);
    if (unlikely(!page))
        return false;
    memcpy(phys_to_virt(page), phys_to_virt(s->page), PAGE_BYTES);
    memory_unmap_range(l->memory, (l->base + (uint64_t)(s - l->slots)) << PAGE_SHIFT, PAGE_BYTES);
    page_drop(s);
    page_put(s, page);
    work_spent(10 + l->memory->mapping_count / 4);
    return true;
}

static err_t dry(struct memory *m, struct fault *f) {
    f->dry = m->object.pool;
    f->kind = FAULT_MEMORY;
    return ERROR(NO_MEMORY);
}

static err_t ask(struct memory *m, uint64_t number, struct fault *f) {
    f->kind = FAULT_BUS;
    if (!m->pager_source.endpoint || m->object.dying)
        return ERROR(BAD_ADDRESS);
    f->memory = m;
    f->offset = number << PAGE_SHIFT;
    return ERROR(NOT_FOUND);
}

/* The page of `m`'s source that stands for its absent page. */
static err_t find_source(struct memory *m, uint64_t number, struct page_slot **out,
                         struct fault *f) {
    struct memory *source = m->source;
    number += m->source_offset >> PAGE_SHIFT;
    f->kind = FAULT_BUS;
    if (!source || number >= memory_pages(source))
        return ERROR(BAD_ADDRESS);
    *out = pages_find(source, number);
    return *out && (*out)->page ? OK : ask(source, number, f);
}

static void join_source(struct page_slot *s, struct page_slot *from) {
    struct page_leaf *l = page_leaf(from);
    if (l->dirty & page_bit(from)) {
        tlb_batch_begin();
        memory_protect_range(l->memory, (l->base + (uint64_t)(from - l->slots)) << PAGE_SHIFT,
                             PAGE_BYTES);
        tlb_batch_end();
        work_spent(l->memory->mapping_count / 4);
    }
    page_join(s, from);
}

static err_t make_present(struct memory *m, uint64_t number, bool write, struct page_slot **out,
                          struct fault *f) {
    struct page_slot *from = NULL, *s;
    err_t e = OK;
    if (m->kind == MEMORY_KIND_PAGER)
        e = ask(m, number, f);
    else if (m->kind == MEMORY_KIND_COPY)
        e = find_source(m, number, &from, f);
    if (!err_ok(e))
        return e;
    s = pages_make(m, number);
    if (!s)
        return dry(m, f);
    if (from && !write && !(page_leaf(from)->disclosed & page_bit(from))) {
        join_source(s, from);
    } else if (!page_fill(s, from ? from->page : 0)) {
        pages_prune(m, number);
        return dry(m, f);
    }
    *out = s;
    return OK;
}

/* The page is absent (`s` may be NULL), or to be written for the first time. */
static __attribute__((noinline)) err_t get_slowly(struct memory *m, uint64_t number, bool write,
                                                  struct page_slot *s, struct page_slot **out,
                                                  struct fault *f) {
    if (!s || !s->page) {
        err_t e = make_present(m, number, write, &s, f);
        if (!err_ok(e))
            return e;
    }
    if (write && page_shared(s)) {
        tlb_batch_begin();
        bool own = page_own(s);
        tlb_batch_end();
        if (!own)
            return dry(m, f);
    }
    if (write && m->kind == MEMORY_KIND_PAGER)
        page_leaf(s)->dirty |= page_bit(s);
    *out = s;
    return OK;
}

err_t page_get(struct memory *m, uint64_t number, bool write, struct page_slot **out,
               struct fault *f) {
    f->kind = FAULT_BUS;
    if (unlikely(number >= memory_pages(m) || m->object.dying))
        return ERROR(BAD_ADDRESS);
    struct page_slot *s = pages_find(m, number);
    if (!s || !s->page || (write && (page_shared(s) || m->kind == MEMORY_KIND_PAGER)))
        return get_slowly(m, number, write, s, out, f);
    *out = s;
    return OK;
}
