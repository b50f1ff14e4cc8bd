/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/cap/slot.c kernel/cap/derive.c */
/*
 * The derivation tree against a naive model. Random operations on three tables: roots, children,
 * moves, closes, revokes, destruction of objects, dependents. Long operations are cut into pieces
 * at random points, and any other operation that the dispatcher would let through runs in between.
 * The model applies an operation as a whole when it returns; these orders give the same end because
 * an operation on a flagged handle is refused. Between pieces the structure must hold, nothing that
 * stays may be missing, and nothing that is gone may be there.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/layout.h"
#include "cpu.h"
#include "endpoint.h"
#include "frame.h"
#include "log.h"
#include "pool.h"
#include "process.h"
#include "slot.h"
#include "tap.h"
#include "trace.h"

#define TABLES     3
#define OBJECTS    6
#define NODES      120
#define DEPENDENTS 40
#define PENDING    4
#define PAGES      600

struct cpu cpus[CPUS_MAX], *host_cpu = cpus;
uint64_t host_ticks;
uintptr_t host_ram; /* where `ram` is */
uint32_t trace_groups;

static uint64_t seed = 1;
static unsigned patience; /* of 100: chance that work_spent says no */
static struct process processes[TABLES];
static struct pool pool;
static struct object objects[OBJECTS];

/* The model. A node is one handle ever made; `slot` and `handle` say where it is. */
static struct node {
    bool used;
    struct slot *slot;
    uint32_t generation;
    unsigned object;
    uint16_t rights;
    int parent;
    bool revoking; /* begun and not finished */
} nodes[NODES];

static struct thread threads[DEPENDENTS];
static struct mapping mappings[DEPENDENTS];
static struct {
    int via; /* node, or -1: on its own; -2: ended */
    bool ended;
} dependents[DEPENDENTS];

/* Even ones are calls, odd ones mappings. */
static struct dependent *dependent_of(unsigned d) {
    return d % 2 ? &mappings[d].via : &threads[d].call.via;
}

enum kind { NOTHING, CLOSE, REVOKE, DROP };
static struct {
    enum kind kind;
    int node;
    unsigned object;
} pending[PENDING];

/* Doubles. */
static unsigned replies_closed;
static _Alignas(PAGE_BYTES) uint8_t ram[PAGES][PAGE_BYTES];
static struct frame ram_frames[PAGES];
struct frame *frames = ram_frames;
uint64_t frame_total = PAGES;
static unsigned pages_left = PAGES; /* that may be handed out */

void *pool_page_alloc(struct pool *p) {
    for (unsigned i = 0; i < PAGES && pages_left; i++)
        if (!ram_frames[i].pool) {
            ram_frames[i] = (struct frame){.pool = p};
            pages_left--;
            return memset(ram[i], 0, PAGE_BYTES);
        }
    return NULL;
}
void pool_page_free(struct pool *p, void *page) {
    struct frame *f = frame_of(virt_to_phys(page));
    check(f->pool == p);
    f->pool = NULL;
    memset(page, 0xa5, PAGE_BYTES);
    pages_left++;
}
bool work_spent(unsigned units) {
    (void)units;
    return random_below(&seed, 100) < patience;
}
static void ended(unsigned d) {
    check(!dependents[d].ended);
    dependents[d].ended = true;
    dependent_detach(dependent_of(d));
}
void call_end(struct thread *caller, err_t e) {
    check(err_is(e, ERR_REVOKED));
    ended((unsigned)(caller - threads));
}
bool mapping_remove(struct mapping *m) {
    ended((unsigned)(m - mappings));
    return true;
}
void object_release_later(struct object *o) {
    check(!o->slots);
}
void reply_close(struct slot *s) {
    check(s->type == OBJECT_REPLY && s->object);
    replies_closed++;
}
void tlb_batch_begin(void) {
}
void tlb_batch_end(void) {
}
void trace_write(enum trace_event event, uint64_t a, uint64_t b) {
    (void)event, (void)a, (void)b;
}
void panic(const char *format, ...) {
    printf("Bail out! panic: %s\n", format);
    abort();
}
const struct object_type_info object_types[OBJECT_TYPES];

/* The model. */
static bool in_use(int n) {
    return nodes[n].used && nodes[n].slot->object &&
           nodes[n].slot->generation == nodes[n].generation;
}

static bool usable(int n) {
    return in_use(n) && !(nodes[n].slot->flags & SLOT_REVOKED) && !objects[nodes[n].object].dying;
}

static bool below(int n, int top) {
    while (n >= 0 && n != top)
        n = nodes[n].parent;
    return n >= 0;
}

static bool model_attached(unsigned d, int n) {
    return dependents[d].via == n;
}

static void model_close(int n) {
    for (int i = 0; i < NODES; i++)
        if (nodes[i].used && nodes[i].parent == n)
            nodes[i].parent = nodes[n].parent;
    for (unsigned d = 0; d < DEPENDENTS; d++)
        if (model_attached(d, n))
            dependents[d].via = nodes[n].parent;
    nodes[n].used = false;
}

static void model_revoke(int top) {
    for (unsigned d = 0; d < DEPENDENTS; d++)
        if (dependents[d].via >= 0 && below(dependents[d].via, top))
            dependents[d].via = -2;
    for (int i = 0; i < NODES; i++) /* first mark, since `below` needs the parents */
        nodes[i].used = nodes[i].used && (i == top || !below(i, top));
}

/* A handle ends; if a revoke of it is under way, so does what that would have ended. */
static void model_end(int n) {
    if (nodes[n].revoking)
        model_revoke(n);
    model_close(n);
}

static void model_finish(unsigned p) {
    int n = pending[p].node;

    if (pending[p].kind == REVOKE && nodes[n].used) {
        model_revoke(n);
        nodes[n].revoking = false;
    }
    if (pending[p].kind == CLOSE && nodes[n].used)
        model_end(n);
    if (pending[p].kind == DROP) {
        for (int i = 0; i < NODES; i++)
            if (nodes[i].used && nodes[i].object == pending[p].object)
                model_end(i);
        objects[pending[p].object].dying = false; /* a new object in the same place */
    }
    pending[p].kind = NOTHING;
}

/* May the node be gone before the operations under way have returned? */
static bool doomed(int n) {
    if (objects[nodes[n].object].dying)
        return true;
    for (unsigned p = 0; p < PENDING; p++)
        if (pending[p].kind == CLOSE && pending[p].node == n)
            return true;
    while ((n = nodes[n].parent) >= 0)
        if (nodes[n].revoking)
            return true;
    return false;
}

static bool quiet(void) {
    for (unsigned p = 0; p < PENDING; p++)
        if (pending[p].kind)
            return false;
    return true;
}

static int node_of(const struct slot *s) {
    for (int i = 0; i < NODES; i++)
        if (nodes[i].used && nodes[i].slot == s && nodes[i].generation == s->generation)
            return i;
    return -1;
}

/* Structure: parents and children agree, each handle is once in its object's list. */
static void check_slot(const struct slot *s, int n) {
    const struct slot *previous = NULL;
    bool named = false;

    check(n >= 0);
    for (const struct slot *c = s->child; c; previous = c, c = c->next)
        check(c->parent == s && c->prev == previous && c->object && node_of(c) >= 0);
    for (const struct link *l = s->object->slots; l; l = l->next)
        named |= l == &s->named;
    check(named);
    for (const struct link *l = s->dependents; l; l = l->next)
        check(container_of(l, struct dependent, link)->via == s);
    if (s->parent && (s->parent->flags & SLOT_REVOKED) && quiet())
        check(s->flags & SLOT_REVOKED);
}

static unsigned check_tables(void) {
    unsigned used = 0;

    for (unsigned t = 0; t < TABLES; t++)
        for (unsigned p = 0; p < processes[t].slots.page_count; p++)
            for (unsigned i = 0; i < SLOTS_PER_PAGE; i++) {
                const struct slot *s = &processes[t].slots.pages[p][i];
                if (!s->object)
                    continue;
                used++;
                check_slot(s, node_of(s));
                check(slot_owner(s) == &processes[t]);
                check(slot_find(&processes[t].slots, slot_handle(s)) == s);
            }
    return used;
}

static void check_all(void) {
    unsigned expected = 0, used = check_tables(), listed = 0;
    bool exact = quiet();

    for (int n = 0; n < NODES; n++) {
        if (!nodes[n].used)
            continue;
        expected++;
        check(in_use(n) || (!exact && doomed(n)));
        if (!in_use(n) || !exact)
            continue;
        check(!(nodes[n].slot->flags & (SLOT_REVOKED | SLOT_GATHERED | SLOT_REVOKING)));
        check(nodes[n].slot->rights == nodes[n].rights);
        check(nodes[n].slot->parent == (nodes[n].parent < 0 ? NULL : nodes[nodes[n].parent].slot));
    }
    for (unsigned o = 0; o < OBJECTS; o++)
        for (const struct link *l = objects[o].slots; l; l = l->next)
            listed++;
    check(listed == used && (!exact || used == expected));
    for (unsigned d = 0; exact && d < DEPENDENTS; d++) {
        int via = dependents[d].via;
        check(dependents[d].ended == (via == -2));
        check(dependent_of(d)->via == (via < 0 ? NULL : nodes[via].slot));
    }
}

/* Operations. */
static int node_free(void) {
    for (int n = 0; n < NODES; n++)
        if (!nodes[n].used)
            return n;
    return -1;
}

static struct slot *slot_new(void) {
    struct slot_table *table = &processes[random_below(&seed, TABLES)].slots;

    check(err_ok(slot_reserve(table, 1)));
    return slot_take(table);
}

static void install(int parent) {
    int n = node_free();
    unsigned object = (unsigned)random_below(&seed, OBJECTS);
    struct slot *s;

    if (n < 0 || objects[object].dying)
        return;
    s = slot_new();
    nodes[n] =
        (struct node){true, s, s->generation, object, (uint16_t)random_next(&seed), parent, false};
    slot_install(s, &objects[object], nodes[n].rights, 0, parent < 0 ? NULL : nodes[parent].slot);
}

static void move(int n) {
    struct slot *to = slot_new();

    slot_move(to, nodes[n].slot);
    nodes[n].slot = to;
    nodes[n].generation = to->generation;
}

static void attach(int n) {
    unsigned d = (unsigned)random_below(&seed, DEPENDENTS);

    if (dependents[d].via >= 0) {
        dependent_detach(dependent_of(d));
        dependents[d].via = dependents[d].ended ? -2 : -1; /* a revoke under way was faster? */
        return;
    }
    dependents[d].ended = false;
    dependents[d].via = n;
    dependent_of(d)->kind = d % 2 ? DEPENDENT_MAPPING : DEPENDENT_CALL;
    dependent_attach(dependent_of(d), nodes[n].slot);
}

/* One piece of an operation; a handle that is gone ends it, as the dispatcher would. */
static void piece(unsigned p) {
    int n = pending[p].node;
    bool done = true;

    if (pending[p].kind == REVOKE && in_use(n) && nodes[n].slot->flags & SLOT_REVOKED) {
        pending[p].kind = NOTHING; /* a revoke or close from above took it over */
        return;
    }
    if (pending[p].kind == DROP)
        done = slot_drop_all(&objects[pending[p].object]);
    else if (in_use(n))
        done = pending[p].kind == CLOSE ? slot_close(nodes[n].slot) : slot_revoke(nodes[n].slot);
    if (done)
        model_finish(p);
}

static void begin(enum kind kind, int n) {
    for (unsigned p = 0; p < PENDING; p++) {
        if (pending[p].kind)
            continue;
        pending[p].kind = kind;
        pending[p].node = n;
        pending[p].object = nodes[n].object;
        if (kind == REVOKE)
            nodes[n].revoking = true;
        if (kind == DROP)
            objects[nodes[n].object].dying = true;
        piece(p);
        return;
    }
}

static void step(void) {
    int n = (int)random_below(&seed, NODES);
    unsigned action = (unsigned)random_below(&seed, 100),
             p = (unsigned)random_below(&seed, PENDING);

    if (pending[p].kind && action < 60)
        piece(p);
    else if (in_use(n) && nodes[n].slot->flags & SLOT_REVOKED && action < 80)
        begin(CLOSE, n); /* the one call that a flagged handle is good for */
    else if (!usable(n))
        install(-1);
    else if (action < 60)
        install(n);
    else if (action < 75)
        attach(n);
    else if (action < 85 && !(nodes[n].slot->flags & SLOT_REVOKING)) /* whose moves are refused */
        move(n);
    else if (action < 92)
        begin(CLOSE, n);
    else if (action < 98)
        begin(REVOKE, n);
    else
        begin(DROP, n);
}

static void settle(void) {
    for (unsigned p = 0; p < PENDING; p++)
        while (pending[p].kind)
            piece(p);
}

static void run(unsigned steps, unsigned percent, const char *name) {
    patience = percent;
    for (unsigned i = 0; i < steps; i++) {
        step();
        check_all();
        if (i % 97 == 0) {
            settle();
            check_all();
        }
    }
    settle();
    check_all();
    tap_test(name);
}

/* Objects that have no handles yet. */
static struct object fresh[3] = {{.type = OBJECT_THREAD, .holds = 1, .pool = &pool},
                                 {.type = OBJECT_PROCESS, .holds = 1, .pool = &pool},
                                 {.type = OBJECT_THREAD, .holds = 1, .pool = &pool}};

/* Handles of a thread and a process to themselves: roots in no object's list, in no free list. */
static void test_self(void) {
    static struct thread t;
    struct slot *own = &processes[0].slots.pages[0][SLOT_PROCESS], *child = slot_new();

    t.process = &processes[1];
    t.self.flags = SLOT_SELF | SLOT_DETACHED;
    own->flags = SLOT_SELF;
    slot_install(&t.self, &fresh[0], RIGHTS_ALL, 0, NULL);
    slot_install(own, &fresh[1], RIGHTS_ALL, 0, NULL);
    slot_install(child, &fresh[0], 0, 0, &t.self);
    check(slot_handle(own) == HANDLE_PROCESS && slot_owner(own) == &processes[0]);
    check(slot_find(&processes[0].slots, HANDLE_PROCESS) == own);
    check(slot_handle(&t.self) == HANDLE_THREAD && slot_owner(&t.self) == &processes[1]);
    check(!fresh[1].slots && fresh[0].slots == &child->named && !child->named.next);
    check(slot_close(&t.self) && !t.self.object && t.self.flags & SLOT_SELF);
    check(!child->parent && child->object && slot_close(child) && slot_close(own));
    check(slot_take(&processes[0].slots) != own);
    tap_test("handles to oneself are roots that keep nothing alive");
}

static void test_reply(void) {
    struct slot *s = slot_new();
    handle_t h = slot_handle(s);

    s->object = &fresh[2];
    s->type = OBJECT_REPLY;
    check(slot_close(s) && replies_closed == 1 && !fresh[2].slots);
    check(!slot_find(&slot_owner(s)->slots, h));
    tap_test("reply slots are in no tree");
}

/* What a thread derives from a handle whose revoke is under way ends with it. */
static void test_born_revoked(void) {
    struct slot *top = slot_new(), *child = slot_new(), *late = slot_new();

    slot_install(top, &fresh[0], 0, 0, NULL);
    slot_install(child, &fresh[0], 0, 0, top);
    patience = 100;
    check(!slot_revoke(top) && !(top->flags & SLOT_REVOKED));
    slot_install(late, &fresh[0], 0, 0, top);
    check(late->flags & SLOT_REVOKED);
    patience = 0;
    check(slot_revoke(top) && !child->object && !late->object && !top->child && !top->flags);
    check(slot_close(top));
    tap_test("a handle derived during a revoke is born revoked");
}

static void test_generations(void) {
    struct slot_table *table = &processes[2].slots;
    struct slot *s, *again;
    uint32_t free_count;

    check(err_ok(slot_reserve(table, 1)));
    s = slot_take(table);
    s->generation = UINT32_MAX - 1; /* the last one */
    slot_install(s, &fresh[0], 0, 0, NULL);
    check(slot_find(table, slot_handle(s)) == s);
    free_count = table->free_count;
    check(slot_close(s) && table->free_count == free_count);
    check(s->generation == UINT32_MAX && !s->object);
    check(err_ok(slot_reserve(table, free_count)));
    while (table->free_count) {
        again = slot_take(table);
        check(again != s);
        slot_install(again, &fresh[0], 0, 0, NULL);
    }
    tap_test("a slot whose generations are used up is retired");
}

/* The first failure leaves nothing half-done; after the last page there is LIMIT. */
static void test_reserve(void) {
    static struct process p = {.object.pool = &pool};
    unsigned left = pages_left;

    pages_left = 1;
    check(err_is(slot_table_init(&p.slots, &p), ERR_NO_MEMORY) && pages_left == 1);
    pages_left = 2;
    check(err_ok(slot_table_init(&p.slots, &p)) && p.slots.free_count == SLOTS_PER_PAGE - 3);
    check(err_is(slot_reserve(&p.slots, SLOTS_PER_PAGE), ERR_NO_MEMORY));
    pages_left = left - 2;
    check(err_ok(slot_reserve(&p.slots, SLOTS_PER_PAGE * SLOT_PAGES - 3)));
    check(err_is(slot_reserve(&p.slots, SLOTS_PER_PAGE * SLOT_PAGES), ERR_LIMIT));
    check(slot_table_destroy(&p.slots) && pages_left == left);
    tap_test("reserving fails without a trace, and stops at the table's limit");
}

int main(void) {
    pool.account = &pool;
    host_ram = (uintptr_t)ram;
    for (unsigned i = 0; i < TABLES; i++) {
        processes[i].object.pool = &pool;
        check(err_ok(slot_table_init(&processes[i].slots, &processes[i])));
    }
    for (unsigned i = 0; i < OBJECTS; i++)
        objects[i] = (struct object){.type = (uint8_t)(OBJECT_POOL + i), .holds = 1, .pool = &pool};
    for (unsigned d = 0; d < DEPENDENTS; d++)
        dependents[d].via = -1;
    run(20000, 0, "whole operations agree with the model");
    run(20000, 30, "preempted operations agree with the model");
    run(20000, 90, "operations preempted at almost every point agree with the model");
    patience = 0;
    test_reserve();
    test_self();
    test_reply();
    test_born_revoked();
    test_generations();
    patience = 50;
    for (unsigned i = 0; i < TABLES; i++)
        while (!slot_table_destroy(&processes[i].slots))
            ;
    check(pages_left == PAGES);
    tap_test("destroyed tables give all their pages back");
    return tap_done();
}
