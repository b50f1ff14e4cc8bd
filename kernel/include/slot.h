/* SPDX-License-Identifier: MIT */
/*
 * A slot is one handle: the object it names, its rights and badge, and its place in the derivation
 * tree. Slots of a process stand in pages of SLOTS_PER_PAGE, found through one directory page.
 * A slot in use is in exactly one tree (`parent` NULL: a root) and in its object's list; reply
 * slots are in neither.
 */
#pragma once
#include "notice.h"
#include "object.h"

struct process;
struct slot;

/* Something that came to be through a handle and ends when that handle is revoked. */
struct dependent {
    struct link link; /* in via->dependents */
    struct slot *via; /* NULL: nothing can revoke it any more */
    uint8_t kind;     /* enum dependent_kind; for ever */
};
enum dependent_kind { DEPENDENT_CALL, DEPENDENT_MAPPING };

enum slot_flags {
    SLOT_REVOKED = 1, /* flagged by a revoke or close in progress: cannot be used or derived from */
    SLOT_NO_CLONE = 2, /* process clone leaves it out */
    SLOT_GATHERED =
        4,         /* below a revoke: all handles under this one are flagged; see cap/derive.c */
    SLOT_SELF = 8, /* a process's or thread's handle to itself: not in object->slots */
    SLOT_DETACHED = 16, /* in no table: held by a forwarded call, or thread.self */
    SLOT_REVOKING = 32, /* a revoke of this handle has begun: what is derived now is born revoked */
};

struct slot {
    struct object *object; /* NULL: free. Reply slots: see struct call */
    union {
        struct {
            uint32_t generation;
            union {
                struct {
                    uint8_t type; /* enum object_type; of the handle, copied from the object */
                    uint8_t flags;
                    uint16_t rights;
                };
                uint32_t word; /* all three, to be compared at once: SLOT_WORD */
            };
        };
        uint64_t state; /* all four */
    };
    uint64_t badge; /* signal: bits it may raise */
    struct link *dependents;
    union {
        struct {
            struct slot *parent, *child, *next,
                *prev;         /* prev NULL: first child; free slots: next */
            struct link named; /* in object->slots */
        };
        struct notice gone; /* reply slots: tells that a parked call ended early */
    };
};

#define SLOT_WORD(type, flags, rights)                                                             \
    ((uint32_t)(type) | (uint32_t)(flags) << 8 | (uint32_t)(rights) << 16)

#define SLOTS_PER_PAGE 51 /* 51 * 80 <= 4096 */
#define SLOT_PAGES     512

struct slot_table {
    struct slot **pages; /* directory, one page; entries NULL until used */
    struct slot *free;
    uint32_t page_count;
    uint32_t free_count;
    uint32_t used;
    uint32_t clone_next; /* while it is made as a copy: the next index; 0: not begun */
    struct process *owner;
};

/* Indices 0 to 2 are never handed out: 0 is no handle, 1 is HANDLE_PROCESS (process_create installs
 * it), 2 is HANDLE_THREAD, which the dispatcher resolves to thread.self. */
#define SLOT_PROCESS 1

/* The slot that a handle of `table` names, or NULL. */
static inline struct slot *slot_find(const struct slot_table *table, handle_t h) {
    uint32_t index = (uint16_t)h;
    uint32_t page = index >> 6, place = index & 63;
    if (unlikely(page >= table->page_count || place >= SLOTS_PER_PAGE))
        return NULL;
    struct slot *s = &table->pages[page][place];
    return likely(s->object && s->generation == h >> HANDLE_INDEX_BITS) ? s : NULL;
}

/* The same if what its word has under the mask is wanted, and its object is not ending. */
static inline struct slot *slot_good(const struct slot_table *table, handle_t h, uint32_t mask,
                                     uint32_t want) {
    struct slot *s = slot_find(table, h);
    return likely(s && (s->word & mask) == want && !s->object->dying) ? s : NULL;
}

err_t slot_table_init(struct slot_table *table, struct process *owner);
bool slot_table_destroy(struct slot_table *table); /* PREEMPTIBLE: closes all handles */

/*
 * Gives the new table `to`, which nobody uses yet, a child of every handle of `from` that clones,
 * at the same handle value. Handles to memory that was copied for the owner's space name the copy.
 * May return AGAIN with progress kept in `to`. NO_MEMORY, LIMIT: it has some of them.
 */
err_t slot_table_clone(struct slot_table *to, struct slot_table *from);

/* Makes sure that `count` slots can be taken without failing. */
err_t slot_reserve(struct slot_table *table, unsigned count);
/* Takes a free slot; the caller reserved it. The slot is not yet in use (object NULL). */
struct slot *slot_take(struct slot_table *table);
/* A slot that is not in use goes back to its table's free list, or is just cleared (SLOT_DETACHED).
 * Its generation changes. */
void slot_give_back(struct slot *s);

struct process *slot_owner(const struct slot *s);
handle_t slot_handle(const struct slot *s);

/* Makes `s` name `o`: a root, or a child of `parent`. SLOT_SELF and SLOT_DETACHED are set before.
 */
void slot_install(struct slot *s, struct object *o, uint16_t rights, uint64_t badge,
                  struct slot *parent);
/* Moves what `from` is into `to` (perhaps of another process), keeping its place in the tree. Takes
 * a step for each child and dependent: the caller has seen that they are few. Reply slots:
 * reply_move. */
void slot_move(struct slot *to, struct slot *from);

/* PREEMPTIBLE: gives up a handle. Children and dependents move to its parent; but if a revoke of it
 * is under way, that is finished. The object, if unused now, is left to objects_settle. */
bool slot_close(struct slot *s);
/* PREEMPTIBLE: the same, but the slot is kept, as one of type OBJECT_NONE that only slot_close
 * takes. */
bool slot_empty(struct slot *s);
/* PREEMPTIBLE: ends everything derived from s and everything that depends on s or on those. */
bool slot_revoke(struct slot *s);
/* PREEMPTIBLE: invalidates all handles that name an object. */
bool slot_drop_all(struct object *o);

/* Between slot.c and derive.c: makes s a child of `parent`, its first, or a root (NULL). */
void slot_link(struct slot *s, struct slot *parent);

/* `via` NULL: it stands alone. */
static inline void dependent_attach(struct dependent *d, struct slot *via) {
    d->via = via;
    if (likely(via))
        link_insert(&via->dependents, &d->link);
}
static inline void dependent_detach(struct dependent *d) {
    if (d->via) {
        link_remove(&d->link);
        d->via = NULL;
    }
}
