/* SPDX-License-Identifier: MIT */
/*
 * Handle tables: where slots come from and how a slot becomes a handle. Slots are only taken after
 * slot_reserve, so nothing here fails half-way. The frame of a page of slots remembers its table
 * and its number there. What derives from what, and how that ends, is derive.c.
 */
#include "slot.h"

#include "frame.h"
#include "log.h"
#include "pool.h"
#include "process.h"
#include "thread.h"

#define FIRST_PLACE 3 /* of page 0: indices 0 to 2 are never handed out */

_Static_assert(sizeof(struct slot) == 80 && SLOTS_PER_PAGE * sizeof(struct slot) <= PAGE_BYTES,
               "slots fill their page");
_Static_assert(SLOT_PAGES * sizeof(struct slot *) <= PAGE_BYTES, "the directory is one page");
_Static_assert(SLOT_PAGES << 6 <= 1 << HANDLE_INDEX_BITS, "a handle has room for each index");

static struct slot *page_of(const struct slot *s) {
    return (struct slot *)((uintptr_t)s & -PAGE_BYTES);
}

static struct frame *frame_of_slot(const struct slot *s) {
    return frame_of(virt_to_phys(page_of(s)));
}

static void put_free(struct slot_table *table, struct slot *s) {
    s->next = table->free;
    table->free = s;
    table->free_count++;
}

static err_t grow(struct slot_table *table) {
    if (table->page_count == SLOT_PAGES)
        return ERROR(LIMIT);
    struct slot *page = pool_page_alloc(table->owner->object.pool);
    if (!page)
        return ERROR(NO_MEMORY);
    struct frame *f = frame_of_slot(page);
    f->free = table;
    f->count = table->page_count;
    for (unsigned i = SLOTS_PER_PAGE; i-- > (table->page_count ? 0 : FIRST_PLACE);)
        put_free(table, &page[i]);
    table->pages[table->page_count++] = page;
    return OK;
}

err_t slot_table_init(struct slot_table *table, struct process *owner) {
    *table = (struct slot_table){.owner = owner};
    table->pages = pool_page_alloc(owner->object.pool);
    err_t e = table->pages ? grow(table) : ERROR(NO_MEMORY);
    if (!err_ok(e) && table->pages) {
        pool_page_free(owner->object.pool, table->pages);
        table->pages = NULL;
    }
    return e;
}

static struct slot *used_in_last_page(const struct slot_table *table) {
    struct slot *page = table->pages[table->page_count - 1];
    for (unsigned i = 0; i < SLOTS_PER_PAGE; i++)
        if (page[i].object)
            return &page[i];
    return NULL;
}

/* No slot is taken any more, so the free list may go with the pages that it leads through. */
static void drop_last_page(struct slot_table *table) {
    struct slot *page = table->pages[--table->page_count];
    struct frame *f = frame_of_slot(page);
    table->free = NULL;
    table->free_count = 0;
    f->free = NULL;
    f->count = 0;
    pool_page_free(table->owner->object.pool, page);
}

bool slot_table_destroy(struct slot_table *table) {
    while (table->page_count) {
        struct slot *s = used_in_last_page(table);
        if (!s)
            drop_last_page(table);
        else if (!slot_close(s))
            return false;
        if (work_spent(2))
            return false;
    }
    if (table->pages)
        pool_page_free(table->owner->object.pool, table->pages);
    table->pages = NULL;
    return true;
}

err_t slot_reserve(struct slot_table *table, unsigned count) {
    err_t e = OK;
    while (unlikely(table->free_count < count) && err_ok(e))
        e = grow(table);
    return e;
}

struct slot *slot_take(struct slot_table *table) {
    struct slot *s = table->free;
    assert(s);
    table->free = s->next;
    table->free_count--;
    table->used++;
    s->next = NULL;
    return s;
}

/* A slot whose generations are used up is not handed out again: old handle values stay invalid. */
void slot_give_back(struct slot *s) {
    uint8_t kept = s->flags & (SLOT_SELF | SLOT_DETACHED);
    uint32_t generation = s->generation + 1;
    s->object = NULL;
    s->generation = generation;
    s->word = SLOT_WORD(OBJECT_NONE, kept, 0);
    s->dependents = NULL;
    s->gone.endpoint = NULL; /* where others have children: none of either */
    if (kept)
        return;
    struct slot_table *table = frame_of_slot(s)->free;
    table->used--;
    if (likely(generation != UINT32_MAX))
        put_free(table, s);
}

struct process *slot_owner(const struct slot *s) {
    if (likely(!(s->flags & SLOT_DETACHED)))
        return ((struct slot_table *)frame_of_slot(s)->free)->owner;
    return s->flags & SLOT_SELF ? container_of(s, struct thread, self)->process : NULL;
}

handle_t slot_handle(const struct slot *s) {
    if (unlikely(s->flags & SLOT_DETACHED))
        return s->flags & SLOT_SELF ? HANDLE_THREAD : HANDLE_NONE;
    uint64_t index = frame_of_slot(s)->count << 6 | (uint64_t)(s - page_of(s));
    return (uint64_t)s->generation << HANDLE_INDEX_BITS | index;
}

void slot_install(struct slot *s, struct object *o, uint16_t rights, uint64_t badge,
                  struct slot *parent) {
    s->object = o;
    s->type = o->type;
    s->rights = rights;
    s->badge = badge;
    s->dependents = NULL;
    s->child = NULL;
    slot_link(s, parent);
    if (unlikely(parent && parent->flags & (SLOT_REVOKED | SLOT_REVOKING)))
        s->flags |= SLOT_REVOKED;
    s->named.pprev = NULL;
    if (likely(!(s->flags & SLOT_SELF)))
        link_insert(&o->slots, &s->named);
}

/* `to` is a copy of `from`: makes all that pointed there point here. */
static void move_links(struct slot *to) {
    if (to->prev)
        to->prev->next = to;
    else if (to->parent)
        to->parent->child = to;
    if (to->next)
        to->next->prev = to;
    for (struct slot *c = to->child; c; c = c->next)
        c->parent = to;
    *to->named.pprev = &to->named;
    if (to->named.next)
        to->named.next->pprev = &to->named.next;
    if (to->dependents)
        to->dependents->pprev = &to->dependents;
    for (struct link *l = to->dependents; l; l = l->next)
        container_of(l, struct dependent, link)->via = to;
}

/* Whether process clone copies the handle is for its new holder to say. */
void slot_move(struct slot *to, struct slot *from) {
    const uint8_t fixed = SLOT_SELF | SLOT_REVOKED | SLOT_REVOKING | SLOT_GATHERED;
    uint8_t flags = to->flags & SLOT_DETACHED;
    uint32_t generation = to->generation;
    assert(!(from->flags & fixed) && from->type != OBJECT_REPLY);
    *to = *from;
    to->flags = flags;
    to->generation = generation;
    move_links(to);
    slot_give_back(from);
}
