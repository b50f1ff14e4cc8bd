/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/obj/object.c */
/*
 * When objects end: with their last name or hold, one after the other, in pieces, never twice and
 * never inside each other. Ports stand for objects without an end of their own, memory for those
 * whose end releases another one, sessions for those that put it off.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "device.h"
#include "endpoint.h"
#include "log.h"
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "signal.h"
#include "slot.h"
#include "tap.h"
#include "timer.h"

struct cpu cpus[CPUS_MAX], *host_cpu = cpus;
uint64_t host_ticks;
static struct pool pool;
static struct process self;
static unsigned live, depth, deepest, pieces, pools_ended;
static bool put_off;

void *pool_alloc(struct pool *p, size_t size) {
    (void)p;
    live++;
    return calloc(1, size);
}
void pool_free(struct pool *p, void *memory, size_t size) {
    (void)p;
    live--;
    memset(memory, 0xa5, size);
    free(memory);
}
bool work_spent(unsigned units) {
    (void)units;
    return true;
}
bool slot_drop_all(struct object *o) {
    o->slots = NULL;
    return true;
}
/* In three pieces; then what it was a copy of has one holder less. */
bool memory_destroy(struct object *o) {
    struct memory *m = container_of(o, struct memory, object), *source = m->source;
    pieces++;
    if (m->progress++ < 2)
        return false;
    if (++depth > deepest)
        deepest = depth;
    if (source) {
        object_drop(&source->object);
        check(object_release(&source->object));
    }
    depth--;
    return true;
}
static unsigned woken;
bool process_settle(struct process *p) {
    (void)p;
    return true;
}
bool pool_wake(struct pool *p) {
    (void)p;
    return ++woken % 2 == 0; /* in two pieces */
}
bool session_unused(struct object *o) {
    (void)o;
    return !put_off;
}
bool session_destroy(struct object *o) {
    (void)o;
    return true;
}
bool pool_destroy(struct object *o) {
    struct pool *p = container_of(o, struct pool, object);
    struct object *bought;
    while ((bought = list_first(&p->objects, struct object, bought)))
        if (!object_destroy(bought))
            return false;
    pools_ended++;
    return true;
}
#define NEVER(name)                                                                                \
    bool name(struct object *o) {                                                                  \
        (void)o;                                                                                   \
        check(!#name);                                                                             \
        return true;                                                                               \
    }
NEVER(process_destroy)
NEVER(process_unused)
NEVER(thread_destroy)
NEVER(thread_unused)
NEVER(endpoint_destroy)
NEVER(signal_destroy)
NEVER(timer_destroy)
NEVER(irq_destroy)
void panic(const char *format, ...) {
    printf("Bail out! panic: %s\n", format);
    abort();
}

static struct object *make(struct pool *p, enum object_type type) {
    struct object *o = NULL;
    check(err_ok(object_create(p, type, &o)) && o->type == type && o->pool == p);
    return o;
}

static void test_release(void) {
    struct object *o = make(&pool, OBJECT_PORTS), *t = make(&pool, OBJECT_THREAD);
    object_hold(o);
    check(object_release(o) && live == 2);
    object_drop(o);
    check(object_release(o) && live == 1);
    object_free(t);
    check(!live && list_empty(&pool.objects));
    tap_test("an object ends with its last hold");
    o = make(&pool, OBJECT_SESSION);
    put_off = true;
    check(object_release(o) && live == 1 && !o->dying && objects_settle());
    put_off = false;
    check(object_release(o) && !live);
    tap_test("an unused object that has something to do stays");
}

/* Each is the only holder of the next. */
static void test_chain(void) {
    struct memory *before = NULL;
    unsigned turns = 0;
    for (unsigned i = 0; i < 100; i++) {
        struct memory *m = container_of(make(&pool, OBJECT_MEMORY), struct memory, object);
        m->source = before;
        if (before)
            object_hold(&before->object);
        before = m;
    }
    object_release_later(&before->object);
    object_release_later(&before->object);
    check(live == 100);
    while (!objects_settle())
        turns++;
    check(!live && deepest == 1 && pieces == 300 && turns >= 200);
    tap_test("a chain of objects ends in pieces and on a flat stack");
}

static void test_pools(void) {
    struct object *o = make(&pool, OBJECT_POOL);
    struct pool *inner = container_of(o, struct pool, object);
    list_init(&inner->objects);
    inner->parent = &pool;
    self.object.pool = inner;
    o->holds = 1; /* it lives: who waits for it is woken here and now */
    object_settle_later(o);
    object_settle_later(o);
    check(!objects_settle() && woken == 1 && objects_settle() && woken == 2);
    o->holds = 0;
    object_release_later(make(inner, OBJECT_MEMORY));
    check(object_release(o) && !pools_ended && live == 2);
    while (!objects_settle())
        ;
    check(!pools_ended && live == 1);
    self.object.pool = &pool;
    make(inner, OBJECT_PORTS);
    object_release_later(make(inner, OBJECT_MEMORY));
    while (!object_destroy(o)) /* as its parent's end would, though it waits */
        ;
    check(pools_ended == 1 && !live && objects_settle());
    tap_test("a pool ends on another's time, with what waits in it");
}

int main(void) {
    static struct thread t = {.process = &self};
    cpus[0].current = &t;
    self.object.pool = &pool;
    list_init(&pool.objects);
    test_release();
    test_chain();
    test_pools();
    return tap_done();
}
