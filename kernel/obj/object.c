/* SPDX-License-Identifier: MIT */
/*
 * The life of objects of every type. Destroying one may make others unused: they wait in a list and
 * are destroyed one after the other, never inside each other, so the stack stays shallow however
 * objects refer to each other. Only pools nest: destroying one destroys all that it bought.
 */
#include "object.h"

#include "cpu.h"
#include "device.h"
#include "endpoint.h"
#include "log.h"
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "signal.h"
#include "slot.h"
#include "thread.h"
#include "timer.h"
#include "trace.h"

#define RIGHTS_PLAIN (RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_REVOKE | RIGHT_INFO)

/* A reply right is moved on or used, never copied. */
const struct object_type_info object_types[OBJECT_TYPES] = {
    [OBJECT_NONE] = {.name = "none"},
    [OBJECT_POOL] = {"pool", sizeof(struct pool), RIGHTS_PLAIN | 0x01f0, pool_destroy, NULL},
    [OBJECT_PROCESS] = {"process", sizeof(struct process), RIGHTS_PLAIN | 0x0ff0, process_destroy,
                        process_unused},
    [OBJECT_THREAD] = {"thread", sizeof(struct thread), RIGHTS_PLAIN | 0x00f0, thread_destroy,
                       thread_unused},
    [OBJECT_MEMORY] = {"memory", sizeof(struct memory), RIGHTS_PLAIN | 0x07f0, memory_destroy,
                       NULL},
    [OBJECT_ENDPOINT] = {"endpoint", sizeof(struct endpoint), RIGHTS_PLAIN | 0x0030,
                         endpoint_destroy, NULL},
    [OBJECT_SESSION] = {"session", sizeof(struct session), RIGHTS_PLAIN | 0xff10, session_destroy,
                        session_unused},
    [OBJECT_REPLY] = {.name = "reply", .rights = RIGHT_SEND},
    [OBJECT_SIGNAL] = {"signal", sizeof(struct signal), RIGHTS_PLAIN | 0x0030, signal_destroy,
                       NULL},
    [OBJECT_TIMER] = {"timer", sizeof(struct timer), RIGHTS_PLAIN | 0x0010, timer_destroy, NULL},
    [OBJECT_IRQ] = {"irq", sizeof(struct irq), RIGHTS_PLAIN | 0x0030, irq_destroy, NULL},
    [OBJECT_PORTS] = {"ports", sizeof(struct ports), RIGHTS_PLAIN | 0x0030, NULL, NULL},
    [OBJECT_TRACE] = {"trace", sizeof(struct trace), RIGHTS_PLAIN | 0x0070, NULL, NULL},
};

_Static_assert(sizeof(struct thread) <= PAGE_BYTES, "the largest object fits a page");

/* `object` stands first in each type but thread. */
static size_t offset_of(unsigned type) {
    return type == OBJECT_THREAD ? offsetof(struct thread, object) : 0;
}

struct link *objects_waiting;
static unsigned busy; /* objects being destroyed now, each inside the one before */

err_t object_create(struct pool *pool, enum object_type type, struct object **out) {
    char *memory = pool_alloc(pool, object_types[type].size);
    if (!memory)
        return ERROR(NO_MEMORY);
    struct object *o = (struct object *)(memory + offset_of(type));
    o->type = (uint8_t)type;
    o->pool = pool;
    list_append(&pool->objects, &o->bought);
    *out = o;
    return OK;
}

void object_free(struct object *o) {
    assert(!o->slots);
    if (o->waiting.pprev)
        link_remove(&o->waiting);
    list_remove(&o->bought);
    pool_free(o->pool, (char *)o - offset_of(o->type), object_types[o->type].size);
}

static bool destroy(struct object *o) {
    const struct object_type_info *type = &object_types[o->type];
    busy++;
    bool done = slot_drop_all(o) && (!type->destroy || type->destroy(o));
    busy--;
    if (done)
        object_free(o);
    return done;
}

bool object_destroy(struct object *o) {
    o->dying = true;
    return destroy(o);
}

/* It waits; when this returns false it still does. */
static bool finish(struct object *o) {
    const struct object_type_info *type = &object_types[o->type];
    if (o->type == OBJECT_POOL && !o->dying && !pool_wake(container_of(o, struct pool, object)))
        return false;
    if (o->type == OBJECT_PROCESS && !process_settle(container_of(o, struct process, object)))
        return false;
    link_remove(&o->waiting);
    if (!o->dying && (o->slots || o->holds || (type->unused && !type->unused(o))))
        return true;
    link_insert(&objects_waiting, &o->waiting);
    o->dying = true;
    return destroy(o);
}

/* Is it a pool that is to end and that the current thread lives in? That one ends on another's
 * time: the thread could not finish its own end. */
static bool has_current(const struct object *o) {
    if (o->type != OBJECT_POOL || !cpu_self()->current->process ||
        (!o->dying && (o->slots || o->holds)))
        return false;
    const struct pool *pool = cpu_self()->current->process->object.pool;
    while (pool && &pool->object != o)
        pool = pool->parent;
    return pool;
}

static struct object *next_waiting(void) {
    struct link *l = objects_waiting;
    while (l && has_current(container_of(l, struct object, waiting)))
        l = l->next;
    return l ? container_of(l, struct object, waiting) : NULL;
}

/* This CPU settles it on its way out of the kernel. */
void object_settle_later(struct object *o) {
    if (!o->waiting.pprev)
        link_insert(&objects_waiting, &o->waiting);
    cpu_self()->errands |= ERRAND_SETTLE;
}

void object_release_later(struct object *o) {
    if (!o->slots && !o->holds)
        object_settle_later(o);
}

void object_destroy_later(struct object *o) {
    o->dying = true;
    object_settle_later(o);
}

bool object_release(struct object *o) {
    if (o->slots || o->holds)
        return true;
    object_release_later(o);
    return busy || has_current(o) || finish(o);
}

bool objects_settle(void) {
    struct object *o;
    while (unlikely(objects_waiting) && !busy && (o = next_waiting())) {
        if (!finish(o))
            return false;
        if (objects_waiting && work_spent(2))
            return false;
    }
    if (likely(!objects_waiting))
        cpu_self()->errands &= (uint8_t)~ERRAND_SETTLE;
    return true;
}
