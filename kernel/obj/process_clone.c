/* SPDX-License-Identifier: MIT */
/*
 * Copies a process: first its memory, then its handles. The child has a handle in the caller's
 * table from the start, so that it is found again after a preemption and closed with the table;
 * until it is complete it is claimed by the copying thread and can only be ended. `cookie` is the
 * identity of the original meanwhile.
 */
#include "pool.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"

static struct process *process_of(const struct slot *s) {
    return container_of(s->object, struct process, object);
}

static struct pool *pool_of(const struct call_args *c) {
    return container_of(c->slot[1]->object, struct pool, object);
}

/* The child that this thread was making when it was preempted, or NULL. */
static struct slot *unfinished_child(const struct thread *t) {
    struct slot *s = t->progress ? slot_find(&t->process->slots, t->progress) : NULL;
    bool found = s && s->type == OBJECT_PROCESS && process_of(s)->claimed_by == t->identity;
    return found ? s : NULL;
}

/* Left by another call of this thread, which was refused before it was complete. */
static bool left_over(const struct slot *s, const struct call_args *c) {
    const struct process *child = process_of(s);
    return child->cookie != process_of(c->slot[0])->identity || child->object.pool != pool_of(c);
}

static err_t begin(struct thread *t, struct call_args *c, struct slot **out) {
    struct process *child;
    err_t e = process_create(pool_of(c), t->process->filter.priority, &child);
    if (err_ok(e))
        e = syscall_new_handle(t, &child->object, c);
    if (!err_ok(e))
        return e;
    child->claimed_by = t->identity;
    child->cookie = process_of(c->slot[0])->identity;
    t->progress = c->r[0];
    *out = slot_find(&t->process->slots, t->progress);
    return OK;
}

/* NO_MEMORY if the child is being given up already. */
static err_t copy(struct process *child, struct process *from) {
    if (!process_usable(from))
        return ERROR_ARG(DEAD, 1);
    if (child->state != PROCESS_BUILDING)
        return ERROR(NO_MEMORY);
    err_t e = child->slots.clone_next ? OK : space_clone(child->space, from->space);
    if (err_ok(e))
        e = slot_table_clone(&child->slots, &from->slots);
    return err_ok(e) && !space_clone_end(child->space) ? AGAIN : e;
}

static void finish(struct process *child, const struct process *from) {
    child->upcall_entry = from->upcall_entry;
    child->upcall_fixup = from->upcall_fixup;
    process_narrow(child, &from->filter);
    child->cookie = 0;
    child->claimed_by = 0;
}

err_t sys_process_clone(struct thread *t, struct call_args *c) {
    struct process *from = process_of(c->slot[0]);
    struct slot *s = unfinished_child(t);
    err_t e = OK;
    if (s && left_over(s, c)) {
        if (!slot_close(s))
            return AGAIN;
        s = NULL;
    }
    if (!s)
        e = process_usable(from) ? begin(t, c, &s) : ERROR_ARG(DEAD, 1);
    if (!err_ok(e))
        return e;
    struct process *child = process_of(s);
    e = copy(child, from);
    if (err_ok(e))
        finish(child, from);
    else if (!is_again(e) && child->state == PROCESS_BUILDING)
        process_end(child, END_KILL, 0, 0); /* so that nothing continues it */
    if (is_again(e) || (!err_ok(e) && !slot_close(s)))
        return AGAIN;
    c->r[0] = t->progress;
    t->progress = 0;
    return e;
}
