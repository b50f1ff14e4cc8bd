/* SPDX-License-Identifier: MIT */
/*
 * What all kernel objects have in common: a type, the pool that paid for them, and the handles
 * that name them. An object lives while a handle names it or the kernel holds it (`holds`: mappings
 * of a memory object, running threads of a process ...); then its type's `destroy` runs and its
 * memory goes back to the pool. Destroying the pool destroys it earlier and invalidates its
 * handles.
 *
 * Everything here, as everywhere in the kernel, runs under the one kernel lock, with interrupts
 * off. Long work is cut into pieces: a function marked PREEMPTIBLE returns false when its share of
 * work is used up (work_spent) before it finished; the caller returns AGAIN up to the dispatcher,
 * which lets interrupts and other threads in and runs the same system call again from the start.
 * Such a function keeps its progress in the objects it changes.
 */
#pragma once
#include "abi/handle.h"
#include "list.h"
#include "types.h"

struct pool;

struct object {
    uint8_t type;        /* enum object_type */
    bool dying;          /* destroy has begun: handles are refused */
    uint32_t holds;      /* kernel references, see above */
    struct pool *pool;   /* who pays; never NULL */
    struct list bought;  /* in pool->objects */
    struct link *slots;  /* handles that name it: struct slot.named */
    struct link waiting; /* unused, its end is left to objects_settle */
};

/* What the object layer needs to know of each type. */
struct object_type_info {
    const char *name;
    uint32_t size;
    uint16_t rights; /* all rights that this type knows */
    /*
     * Severs every link to other objects and frees what the object owns, except its own memory.
     * PREEMPTIBLE; called again until it returns true. NULL: nothing to do.
     */
    bool (*destroy)(struct object *o);
    /*
     * May be NULL. No handle names the object and nothing holds it. False: it still has something
     * to do (a closed session's notice is on its way), sees to its own end, and stays.
     */
    bool (*unused)(struct object *o);
};
extern const struct object_type_info object_types[OBJECT_TYPES];

/*
 * Takes zeroed memory for an object of `type` from `pool`. On success the object is in the pool's
 * list with no handles; give it one with slot_install or drop it with object_free.
 */
err_t object_create(struct pool *pool, enum object_type type, struct object **out);

/* Frees the memory of an object that has no handles, no holds and nothing left to destroy. */
void object_free(struct object *o);

/* PREEMPTIBLE: ends the object at once, in whatever state, and invalidates every handle to it. */
bool object_destroy(struct object *o);
/* The same, left to objects_settle. */
void object_destroy_later(struct object *o);

/*
 * PREEMPTIBLE: destroys and frees the object if nothing names or holds it any more. While another
 * object is being destroyed, and when it returns false, the rest is left to objects_settle: the
 * caller may call again, but need not.
 */
bool object_release(struct object *o);
/* The same without doing anything at once: safe anywhere. */
void object_release_later(struct object *o);
/* PREEMPTIBLE: destroys what waits for it, but for pools that the current thread lives in. Only
 * where no pointer to an object is relied on: at the end of a system call and on the way out of the
 * kernel. */
bool objects_settle(void);
/* struct object.waiting. While there is one, every way out of the kernel settles a share. */
extern struct link *objects_waiting;

static inline void object_hold(struct object *o) {
    o->holds++;
}
/* Drops a hold without releasing; follow with object_release where it may have been the last. */
static inline void object_drop(struct object *o) {
    o->holds--;
}

/* Internal result: not finished, run the system call again. Never seen by user space. */
#define AGAIN ((err_t){.code = 0xffff})
/* Internal result: the thread now waits; its registers are set when it is woken. */
#define BLOCKED ((err_t){.code = 0xfffe})
/* The same for a receive that found a message: the registers are set already. */
#define DELIVERED     BLOCKED
#define is_again(e)   ((e).code == 0xffff)
#define is_blocked(e) ((e).code == 0xfffe)

/* Counts `units` (about 100 instructions each) of long work; true when the share is used up. */
bool work_spent(unsigned units);
