/* SPDX-License-Identifier: MIT */
#include "lib/file/locks.h"

#include <stdlib.h>

#include "lib/file/serve.h"

#define LAST_BYTE ((uint64_t)INT64_MAX)
#define CHAIN_MAX 64u /* owners that wait for each other, of those that are looked at */

struct lock {
    struct badged counted;
    struct link of_node, of_owner; /* the latter of an owner's session */
    struct node *node;
    const void *owner;        /* a struct lock_owner or a struct file */
    struct lock_owner *named; /* the former, or NULL */
    bool exclusive;
    uint64_t first, last; /* bytes */
};

struct lock_owner {
    struct node node;
    struct file_server *server;
    struct link locks, waits;
    uint64_t number; /* that its process gave it, for others to be told */
};

/* What a node has while there is or was a lock. */
struct node_locks {
    struct link ranges, wholes, waits;
};

/* What is asked for; and of a request that waits, its cargo. */
struct lock_wait {
    struct link of_node, of_owner;
    struct file_queue queue;
    struct node *node;
    const void *owner;
    struct lock_owner *named;
    bool exclusive, whole;
    uint64_t first, last;
};

static const struct node_ops owner_ops;

/* ---- lists ---- */

static struct link *list_of(const struct node *n, bool whole) {
    return whole ? &n->locks->wholes : &n->locks->ranges;
}

static struct lock *lock_at(struct link *l) {
    return l ? LINK_OF(l, struct lock, of_node) : NULL;
}

/* The first one in the way; NULL: it is free. */
static struct lock *in_the_way(const struct lock_wait *w) {
    struct link *head = list_of(w->node, w->whole);
    for (struct link *l = list_first(head); l; l = list_next(head, l)) {
        struct lock *k = lock_at(l);
        if (k->owner != w->owner && (k->exclusive || w->exclusive) && k->first <= w->last &&
            k->last >= w->first)
            return k;
    }
    return NULL;
}

static void wake_all(struct file_server *s, struct node *n) {
    struct link *head = &n->locks->waits;
    for (struct link *l = list_first(head); l; l = list_next(head, l))
        file_wake(s, &LINK_OF(l, struct lock_wait, of_node)->queue);
}

static struct badges *counts;

static void lock_end(struct lock *k) {
    list_remove(&k->of_node);
    if (k->named)
        list_remove(&k->of_owner);
    badges_remove(counts, &k->counted);
    free(k);
}

/* In the order of their first bytes. */
static void lock_insert(struct lock *k, struct link *head) {
    struct link *l = list_first(head);
    while (l && lock_at(l)->first <= k->first)
        l = list_next(head, l);
    list_append(l ? l : head, &k->of_node);
    if (k->named)
        list_append(&k->named->locks, &k->of_owner);
}

/* ---- change ---- */

static err_t lock_make(const struct lock_wait *w, uint64_t account, struct lock **out) {
    struct lock *k = calloc(1, sizeof *k);
    if (!k)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(counts, &k->counted, account, LOCKS_OF_ACCOUNT);
    if (!err_ok(e)) {
        free(k);
        return err_is(e, ERR_TOO_MANY_OPEN) ? ERROR(LIMIT) : e;
    }
    k->node = w->node;
    k->owner = w->owner;
    k->named = w->named;
    k->exclusive = w->exclusive;
    k->first = w->first;
    k->last = w->last;
    *out = k;
    return OK;
}

static void lock_drop(struct lock *k) {
    badges_remove(counts, &k->counted);
    free(k);
}

/* Takes the bytes out of what the owner has. `spare` becomes what is behind, where one is cut in
 * two. */
static void carve(const struct lock_wait *w, struct lock *spare) {
    struct link *head = list_of(w->node, w->whole), *next;
    for (struct link *l = list_first(head); l; l = next) {
        struct lock *k = lock_at(l);
        next = list_next(head, l);
        if (k->owner != w->owner || k->first > w->last || k->last < w->first)
            continue;
        if (spare && k->first < w->first && k->last > w->last) {
            spare->exclusive = k->exclusive;
            spare->first = w->last + 1;
            spare->last = k->last;
            k->last = w->first - 1;
            lock_insert(spare, head);
        } else if (k->first < w->first) {
            k->last = w->first - 1;
        } else if (k->last > w->last) {
            k->first = w->last + 1;
        } else {
            lock_end(k);
        }
    }
}

/* Those of the owner that touch the new one and are of its kind become part of it. */
static void join(struct lock *new, struct link *head) {
    struct link *next;
    for (struct link *l = list_first(head); l; l = next) {
        struct lock *k = lock_at(l);
        next = list_next(head, l);
        bool touches = k->first <= new->last + 1 && new->first <= k->last + 1;
        if (k == new || k->owner != new->owner || k->exclusive != new->exclusive || !touches)
            continue;
        new->first = k->first < new->first ? k->first : new->first;
        new->last = k->last > new->last ? k->last : new->last;
        lock_end(k);
    }
}

/* Whether one that the owner has is cut in two. */
static bool splits(const struct lock_wait *w) {
    struct link *head = list_of(w->node, w->whole);
    for (struct link *l = list_first(head); l; l = list_next(head, l)) {
        const struct lock *k = lock_at(l);
        if (k->owner == w->owner && k->first < w->first && k->last > w->last)
            return true;
    }
    return false;
}

/* Makes what is needed first; then nothing can fail. Less than there was needs nothing. */
static err_t change(const struct lock_wait *w, const struct file_request *r, bool unlock) {
    struct lock *spare = NULL, *new = NULL;
    err_t e = splits(w) ? lock_make(w, r->account, &spare) : OK;
    if (err_ok(e) && !unlock)
        e = lock_make(w, r->account, &new);
    if (!err_ok(e)) {
        if (spare)
            lock_drop(spare);
        return e;
    }
    carve(w, spare);
    if (new) {
        struct link *head = list_of(w->node, w->whole);
        lock_insert(new, head);
        join(new, head);
    }
    wake_all(r->server, w->node);
    return OK;
}

/* ---- waiting ---- */

/* Whether who is in the way waits, over others that wait, for the one that would wait for him. An
 * owner that waits for several things is looked at for the first. */
static bool deadlock(const struct lock_wait *w, const struct lock *k) {
    for (unsigned n = 0; k && k->named && n < CHAIN_MAX; n++) {
        struct link *l = list_first(&k->named->waits);
        if (!l)
            return false;
        k = in_the_way(LINK_OF(l, struct lock_wait, of_owner));
        if (k && k->owner == w->owner)
            return true;
    }
    return false;
}

static void wait_drop(struct lock_wait *w) {
    list_remove(&w->of_node);
    if (w->named)
        list_remove(&w->of_owner);
    free(w);
}

static void locks_cargo_end(void *cargo) {
    struct lock_wait *w = cargo;
    struct lock_owner *named = w->named;
    wait_drop(w);
    if (named)
        node_release(&named->node);
}

/* What is asked for stays with the request, and the owner with it. */
static err_t wait_for(struct file_request *r, const struct lock_wait *asked) {
    struct lock_wait *w = r->cargo;
    if (!w) {
        w = malloc(sizeof *w);
        if (!w)
            return ERROR(NO_MEMORY);
        *w = *asked;
        list_append(&w->node->locks->waits, &w->of_node);
        if (w->named) {
            list_append(&w->named->waits, &w->of_owner);
            node_hold(&w->named->node);
        }
        r->cargo = w;
    }
    r->insists = true;
    return file_wait(r, &w->queue);
}

/* ---- requests ---- */

static err_t owner_of(const struct file_request *r, struct file *f, struct lock_wait *w) {
    w->owner = f;
    if (!r->received_count)
        return OK;
    if (!r->received[0].own)
        return ERROR(OTHER_SERVER);
    const struct file *owner = file_find(r->server, r->received[0].badge);
    if (!owner || owner->node->ops != &owner_ops || w->whole)
        return ERROR(WRONG_TYPE);
    w->named = LINK_OF(owner->node, struct lock_owner, node);
    w->owner = w->named;
    return OK;
}

static err_t ask_check(const struct file_request *r, const struct file *f) {
    static const uint64_t known =
        FILE_LOCK_SHARED | FILE_LOCK_EXCLUSIVE | FILE_LOCK_WAIT | FILE_LOCK_TEST | FILE_LOCK_WHOLE;
    uint64_t how = r->word[0], kinds = how & (FILE_LOCK_SHARED | FILE_LOCK_EXCLUSIVE);
    if (how & ~known || kinds == (FILE_LOCK_SHARED | FILE_LOCK_EXCLUSIVE) ||
        (how & FILE_LOCK_TEST && !kinds))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[1] > r->word[2] || r->word[2] > LAST_BYTE)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!r->server->locks.limit || f == &r->server->root_file ||
        !(node_is(f->node, FILE_TYPE_REGULAR) || node_is(f->node, FILE_TYPE_DIRECTORY)))
        return ERROR(UNSUPPORTED);
    if (how & (FILE_LOCK_WHOLE | FILE_LOCK_TEST))
        return OK;
    uint32_t needed = (kinds & FILE_LOCK_SHARED ? FILE_RIGHT_READ : 0) |
                      (kinds & FILE_LOCK_EXCLUSIVE ? FILE_RIGHT_WRITE : 0);
    return may(r, needed) ? OK : ERROR(NO_RIGHT);
}

static err_t tell(const struct lock_wait *w, struct file_request *r) {
    const struct lock *k = in_the_way(w);
    if (!k)
        return OK;
    r->answer[0] = k->exclusive ? FILE_LOCK_EXCLUSIVE : FILE_LOCK_SHARED;
    r->answer[1] = k->first;
    r->answer[2] = k->last;
    r->answer[3] = k->named ? k->named->number : 0;
    return OK;
}

/* A lock of the whole that becomes one of another kind is given up first, as Linux does it. */
static err_t lock(struct lock_wait *w, struct file_request *r) {
    bool waits = r->word[0] & FILE_LOCK_WAIT;
    err_t e = OK;
    if (w->whole && !r->retried)
        e = change(w, r, true);
    const struct lock *k = err_ok(e) ? in_the_way(w) : NULL;
    if (!k)
        return err_ok(e) ? change(w, r, false) : e;
    if (!waits)
        return ERROR(WOULD_BLOCK);
    return w->named && deadlock(w, k) ? ERROR(BUSY) : wait_for(r, w);
}

err_t serve_lock(struct file_request *r, struct file *f) {
    err_t e = ask_check(r, f);
    if (!err_ok(e))
        return e;
    struct lock_wait w = {.node = f->node,
                          .exclusive = r->word[0] & FILE_LOCK_EXCLUSIVE,
                          .whole = r->word[0] & FILE_LOCK_WHOLE,
                          .first = r->word[1],
                          .last = r->word[2]};
    struct lock_wait *cargo = r->cargo;
    e = cargo ? OK : owner_of(r, f, &w);
    if (err_ok(e) && !f->node->locks)
        f->node->locks = calloc(1, sizeof *f->node->locks);
    if (err_ok(e) && !f->node->locks)
        e = ERROR(NO_MEMORY);
    if (!err_ok(e))
        return e;
    if (cargo) {
        w.owner = cargo->owner;
        w.named = cargo->named;
    }
    if (r->word[0] & FILE_LOCK_TEST)
        return tell(&w, r);
    return r->word[0] & (FILE_LOCK_SHARED | FILE_LOCK_EXCLUSIVE) ? lock(&w, r)
                                                                 : change(&w, r, true);
}

/* ---- owners ---- */

static void owner_unused(struct node *n) {
    struct lock_owner *o = LINK_OF(n, struct lock_owner, node);
    struct link *next;
    for (struct link *l = list_first(&o->locks); l; l = next) {
        struct lock *k = LINK_OF(l, struct lock, of_owner);
        next = list_next(&o->locks, l);
        struct node *node = k->node;
        lock_end(k);
        wake_all(o->server, node);
    }
    free(o);
}

static const struct node_ops owner_ops = {.unused = owner_unused};

err_t serve_owner(struct file_request *r, struct file *f) {
    (void)f;
    if (!r->server->locks.limit)
        return ERROR(UNSUPPORTED);
    struct lock_owner *o = calloc(1, sizeof *o);
    if (!o)
        return ERROR(NO_MEMORY);
    o->node = (struct node){.ops = &owner_ops, .references = 1};
    o->server = r->server;
    o->number = r->word[0];
    err_t e = file_give(r, &o->node, 0, 0);
    node_release(&o->node); /* the open file has it, if there is one */
    return e;
}

/* ---- ends ---- */

static void end_of(struct link *head, const void *owner) {
    struct link *next;
    for (struct link *l = list_first(head); l; l = next) {
        next = list_next(head, l);
        if (lock_at(l)->owner == owner)
            lock_end(lock_at(l));
    }
}

void locks_file_end(struct file *f) {
    struct node_locks *locks = f->node->locks;
    if (!locks)
        return;
    end_of(&locks->ranges, f);
    end_of(&locks->wholes, f);
    wake_all(f->server, f->node);
}

/* Owners may have locks still, of a file that is gone. */
void locks_node_end(struct node *n) {
    struct link *next;
    if (!n->locks)
        return;
    for (struct link *l = list_first(&n->locks->ranges); l; l = next) {
        next = list_next(&n->locks->ranges, l);
        lock_end(lock_at(l));
    }
    free(n->locks);
    n->locks = NULL;
}

void locks_start(struct file_server *s) {
    s->locks.limit = LOCKS_MAX;
    s->cargo_end = locks_cargo_end;
    counts = &s->locks;
}
