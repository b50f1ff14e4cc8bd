/* SPDX-License-Identifier: MIT */
/*
 * The derivation tree: how handles end. Everything here stops between any two steps and keeps its
 * progress in the tree alone, so that other closes and revokes may change the same tree meanwhile.
 *
 * A revoke first gathers: it flags the handles below its own and, since they all end, reorders them
 * on the way. GATHERED handles have only GATHERED ones below them. Of the children of the revoked
 * handle the first stands for all that was gathered so far and the others are still to be looked
 * at: so the next step is found in constant time however wide or deep the tree was. Flagging comes
 * first and is quick, so that nobody can derive faster than handles are removed. Then the revoke
 * removes from the bottom up. An object whose last handle goes is left to objects_settle:
 * destroying it may close other handles, even the whole table that is being looked at.
 */
#include "endpoint.h"
#include "process.h"
#include "slot.h"
#include "space.h"
#include "thread.h"

/* What the slot of a handle names while its close waits for the object's end. */
static struct object nothing;

void slot_link(struct slot *s, struct slot *parent) {
    s->parent = parent;
    s->prev = NULL;
    s->next = parent ? parent->child : NULL;
    if (s->next)
        s->next->prev = s;
    if (parent)
        parent->child = s;
}

static void unlink(struct slot *s) {
    if (s->prev)
        s->prev->next = s->next;
    else if (s->parent)
        s->parent->child = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

static void link_after(struct slot *s, struct slot *sibling) {
    s->parent = sibling->parent;
    s->prev = sibling;
    s->next = sibling->next;
    if (s->next)
        s->next->prev = s;
    sibling->next = s;
}

static void move_below(struct slot *s, struct slot *parent) {
    unlink(s);
    slot_link(s, parent);
}

static struct dependent *first_dependent(const struct slot *s) {
    return container_of(s->dependents, struct dependent, link);
}

static bool dependent_end(struct dependent *d) {
    if (d->kind == DEPENDENT_MAPPING)
        return mapping_remove(container_of(d, struct mapping, via));
    call_end(container_of(d, struct thread, call.via), ERROR(REVOKED));
    return true;
}

/* Children and dependents are the parent's now, or stand alone. */
static bool pass_on(struct slot *s) {
    struct slot *child;
    while ((child = s->child)) {
        move_below(child, s->parent);
        if (s->child && work_spent(1))
            return false;
    }
    while (s->dependents) {
        struct dependent *d = first_dependent(s);
        dependent_detach(d);
        dependent_attach(d, s->parent);
        if (s->dependents && work_spent(1))
            return false;
    }
    return true;
}

/* The handle has nothing below it and ends. */
static void remove(struct slot *s) {
    struct object *o = s->object;
    unlink(s);
    if (s->named.pprev) {
        link_remove(&s->named);
        if (!o->slots)
            object_release_later(o);
    }
}

/* A step of gathering below `top`. The last one marks `top` itself. */
static void gather(struct slot *top) {
    struct slot *first = top->child;
    struct slot *done = first && first->flags & SLOT_GATHERED ? first : NULL;
    struct slot *s = done ? done->next : first;
    if (!s) {
        top->flags |= SLOT_GATHERED;
        return;
    }
    s->flags |= SLOT_REVOKED;
    if (s->child && !(s->flags & SLOT_GATHERED)) {
        struct slot *child = s->child;
        unlink(child);
        if (child->flags & SLOT_GATHERED) /* by a revoke of s */
            slot_link(child, top);
        else
            link_after(child, s);
        return;
    }
    s->flags |= SLOT_GATHERED;
    if (done)
        move_below(done, s);
}

/* A step of removal below `top`, which is gathered. Ending a call may close handles that were sent
 * along with it, even this one: so nothing is looked at after it. */
static bool remove_below(struct slot *top) {
    struct slot *s = top->child;
    s->flags |= SLOT_REVOKED; /* it may have come by the close of another one */
    if (s->dependents)
        return dependent_end(first_dependent(s));
    if (s->child) {
        move_below(s->child, top);
        return true;
    }
    remove(s);
    slot_give_back(s);
    return true;
}

/* Ends everything that came to be through `top`. */
static bool end_below(struct slot *top) {
    bool done = true;
    tlb_batch_begin();
    while (done) {
        if (!(top->flags & SLOT_GATHERED))
            gather(top);
        else if (top->child)
            done = remove_below(top);
        else if (top->dependents)
            done = dependent_end(first_dependent(top));
        else
            break;
        done = !work_spent(1) && done;
    }
    tlb_batch_end();
    return done;
}

bool slot_revoke(struct slot *s) {
    s->flags |= SLOT_REVOKING;
    if (!end_below(s))
        return false;
    s->flags &= (uint8_t) ~(SLOT_REVOKING | SLOT_GATHERED);
    return true;
}

bool slot_empty(struct slot *s) {
    s->flags |= SLOT_REVOKED;
    if (s->type == OBJECT_NONE)
        return true;
    if (s->type == OBJECT_REPLY) {
        reply_close(s);
    } else {
        if (s->flags & SLOT_REVOKING ? !end_below(s) : !pass_on(s))
            return false;
        remove(s);
    }
    s->object = &nothing;
    s->type = OBJECT_NONE;
    return true;
}

bool slot_close(struct slot *s) {
    if (!slot_empty(s))
        return false;
    slot_give_back(s);
    return true;
}

bool slot_drop_all(struct object *o) {
    while (o->slots) {
        if (!slot_close(container_of(o->slots, struct slot, named)))
            return false;
        if (o->slots && work_spent(2))
            return false;
    }
    return true;
}
