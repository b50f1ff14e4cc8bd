/* SPDX-License-Identifier: MIT */
/*
 * Copies a table of handles for process clone. Each handle keeps its value, so the copies are put
 * into the same places with the same generations; they are children of the originals, so that a
 * revoke reaches them. Values that mean nothing in the original mean nothing in the copy, for ever.
 */
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "slot.h"
#include "trace.h"

#define FIRST_INDEX 3u

static bool under_construction(const struct object *o) {
    return (o->type == OBJECT_MEMORY && container_of(o, struct memory, object)->unfinished) ||
           (o->type == OBJECT_PROCESS && container_of(o, struct process, object)->claimed_by);
}

static bool clones(const struct slot *s) {
    return s->object && s->type != OBJECT_REPLY &&
           !(s->flags & (SLOT_NO_CLONE | SLOT_REVOKED | SLOT_SELF)) && !s->object->dying &&
           !under_construction(s->object);
}

/* Memory that the clone has a copy of is that copy there. */
static struct object *object_for(const struct slot_table *to, struct object *o) {
    struct memory *copy = NULL;
    if (o->type == OBJECT_MEMORY)
        copy = memory_clone_for(container_of(o, struct memory, object), to->owner->space);
    return copy ? &copy->object : o;
}

/* `s` was taken. Giving it back changes the generation, unless that is used up. */
static void clone_slot(struct slot_table *to, struct slot *s, struct slot *from) {
    s->generation = from->generation;
    if (clones(from)) {
        slot_install(s, object_for(to, from->object), from->rights, from->badge, from);
        trace(TRACE_GRANTS, grant, s->type, to->owner->identity);
    } else if (s->generation == UINT32_MAX) {
        to->used--;
    } else {
        slot_give_back(s);
    }
}

/* Takes all slots, so that each place can be filled or given back. PREEMPTIBLE. */
static err_t begin(struct slot_table *to, const struct slot_table *from) {
    while (to->page_count < from->page_count) {
        err_t e = slot_reserve(to, to->free_count + 1);
        if (!err_ok(e))
            return e;
        if (work_spent(10))
            return AGAIN;
    }
    while (to->free_count)
        if (slot_take(to) && work_spent(1))
            return AGAIN;
    to->clone_next = FIRST_INDEX;
    return OK;
}

err_t slot_table_clone(struct slot_table *to, struct slot_table *from) {
    err_t e = to->clone_next ? OK : begin(to, from);
    while (err_ok(e) && to->clone_next >> 6 < to->page_count) {
        uint32_t page = to->clone_next >> 6, place = to->clone_next & 63;
        clone_slot(to, &to->pages[page][place], &from->pages[page][place]);
        to->clone_next = place + 1 < SLOTS_PER_PAGE ? to->clone_next + 1 : (page + 1) << 6;
        if (work_spent(1))
            e = AGAIN;
    }
    return e;
}
