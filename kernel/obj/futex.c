/* SPDX-License-Identifier: MIT */
/*
 * Futexes. A waiting thread is in the tree of a bucket under the hash of its key, which is (space,
 * address) for a private word and (identity of the memory object, offset) for a shared one. Objects
 * are not held: an identity is never used again, so a word that is gone is woken by nobody.
 * The hash is keyed with random numbers, so users cannot choose keys that meet. The last bit of a
 * hash tells waiters for any bit (0) from those with a partial mask (1): every waiter of the first
 * kind that is looked at is woken, and there are at most FUTEX_PARTIAL of the second, so that all
 * work is bounded by FUTEX_BATCH + FUTEX_PARTIAL.
 */
#include "futex.h"
#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/user.h"
#include "memory.h"
#include "process.h"
#include "syscall.h"

#define BUCKETS 256u

struct futex_key {
    uint64_t part[2];
    uint64_t hash; /* last bit 0 */
};

static struct tree buckets[BUCKETS];
static uint64_t seed[2];

void futex_init(void) {
    seed[0] = arch_random();
    seed[1] = arch_random();
}

static struct futex_key key_make(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)(a ^ seed[0]) * (b ^ seed[1]);
    uint64_t hash = (uint64_t)product ^ (uint64_t)(product >> 64);

    return (struct futex_key){{a, b}, hash & ~1ull};
}

static struct tree *bucket_of(uint64_t hash) {
    return &buckets[hash >> 56 & (BUCKETS - 1)];
}

static struct thread *waiter_of(struct tree_node *n) {
    return container_of(n, struct thread, wait_node);
}

static bool waits_on(const struct thread *t, const struct futex_key *key) {
    return t->wait_key[0] == key->part[0] && t->wait_key[1] == key->part[1];
}

/* The first waiter with `hash` or, given one, the next after it. */
static struct tree_node *waiter_first(uint64_t hash) {
    struct tree_node *n = tree_ceiling(bucket_of(hash), hash);

    return n && n->key == hash ? n : NULL;
}

static struct tree_node *waiter_next(struct tree_node *n) {
    struct tree_node *next = tree_next(n);

    return next && next->key == n->key ? next : NULL;
}

static void waiter_insert(struct thread *t, const struct futex_key *key) {
    uint64_t hash = key->hash | (t->wait_mask != FUTEX_ALL);

    t->wait_key[0] = key->part[0];
    t->wait_key[1] = key->part[1];
    tree_insert(bucket_of(hash), &t->wait_node, hash);
}

void futex_cancel(struct thread *t) {
    if (t->wait_node.linked)
        tree_remove(bucket_of(t->wait_node.key), &t->wait_node);
}

/* Wakes up to `count` of the waiters with `hash` whose mask meets `mask`. */
static unsigned wake_hash(const struct futex_key *key, uint64_t hash, unsigned count,
                          uint64_t mask) {
    unsigned woken = 0;

    for (struct tree_node *n = waiter_first(hash), *next; n && woken < count; n = next) {
        struct thread *t = waiter_of(n);
        next = waiter_next(n);
        if (!waits_on(t, key) || !(t->wait_mask & mask))
            continue;
        tree_remove(bucket_of(hash), n);
        thread_wake(t, OK);
        woken++;
    }
    return woken;
}

static unsigned wake_key(const struct futex_key *key, unsigned count, uint64_t mask) {
    unsigned woken = wake_hash(key, key->hash, count, mask);

    if (woken < count)
        woken += wake_hash(key, key->hash | 1, count - woken, mask);
    return woken;
}

static unsigned move(const struct futex_key *from, const struct futex_key *to, unsigned count) {
    unsigned moved = 0;

    if (from->hash == to->hash)
        return 0;
    for (struct tree_node *n = waiter_first(from->hash), *next; n && moved < count; n = next) {
        next = waiter_next(n);
        if (!waits_on(waiter_of(n), from))
            continue;
        tree_remove(bucket_of(from->hash), n);
        waiter_insert(waiter_of(n), to);
        moved++;
    }
    return moved;
}

void futex_wake_private(struct space *s, vaddr_t word, unsigned count) {
    struct futex_key key = key_make((uintptr_t)s, word);

    wake_key(&key, count < FUTEX_BATCH ? count : FUTEX_BATCH, FUTEX_ALL);
}

static uint64_t memory_identity(struct memory *m) {
    static uint64_t last;

    if (!m->identity)
        m->identity = ++last; /* never as large as the address of a space */
    return m->identity;
}

static err_t key_find(struct thread *t, unsigned argument, vaddr_t word, bool shared,
                      struct futex_key *key) {
    struct memory *memory;
    uint64_t offset;
    err_t e;

    if (word % sizeof(uint32_t))
        return ERROR_ARG(BAD_ARGUMENT, argument);
    if (!user_range_ok(word, sizeof(uint32_t)))
        return ERROR_ARG(BAD_ADDRESS, argument);
    if (likely(!shared)) {
        *key = key_make((uintptr_t)t->process->space, word);
        return OK;
    }
    e = space_locate(t->process->space, word, &memory, &offset);
    if (err_ok(e))
        *key = key_make(memory_identity(memory), offset);
    return e;
}

/* OK if the word has the value; nothing can change it before this system call ends. */
static err_t compare(vaddr_t word, uint64_t expected) {
    uint32_t value;

    if (unlikely(!arch_load_user(&value, word))) {
        err_t e = user_read(&value, word, sizeof(value));
        if (!err_ok(e))
            return e;
    }
    return likely(value == (uint32_t)expected) ? OK : ERROR(CHANGED);
}

static bool partial_full(const struct futex_key *key) {
    unsigned count = 0;

    for (struct tree_node *n = waiter_first(key->hash | 1); n; n = waiter_next(n))
        count++;
    return count >= FUTEX_PARTIAL;
}

err_t sys_futex_wait(struct thread *t, struct call_args *c) {
    uint64_t mask = c->a[3] & FUTEX_ALL;
    struct futex_key key;
    err_t e;

    if (!mask || c->a[3] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    e = key_find(t, 1, c->a[0], c->a[3] & FUTEX_SHARED, &key);
    if (!err_ok(e))
        return e;
    e = compare(c->a[0], c->a[1]);
    if (!err_ok(e))
        return e;
    if (unlikely(mask != FUTEX_ALL) && partial_full(&key))
        return ERROR_ARG(LIMIT, 4);
    e = thread_wait(t, WAIT_FUTEX, c->a[2]);
    if (is_blocked(e)) {
        t->wait_mask = mask;
        waiter_insert(t, &key);
    }
    return e;
}

err_t sys_futex_wake(struct thread *t, struct call_args *c) {
    uint64_t mask = c->a[2] & FUTEX_ALL;
    struct futex_key key;
    err_t e;

    if (!mask || c->a[2] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    e = key_find(t, 1, c->a[0], c->a[2] & FUTEX_SHARED, &key);
    if (err_ok(e))
        c->r[0] = wake_key(&key, (unsigned)min_u64(c->a[1], FUTEX_BATCH), mask);
    return e;
}

err_t sys_futex_requeue(struct thread *t, struct call_args *c) {
    bool shared = c->a[4] & FUTEX_SHARED;
    struct futex_key from, to;
    unsigned woken;
    err_t e;

    if (c->a[4] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 5);
    e = key_find(t, 1, c->a[0], shared, &from);
    if (err_ok(e))
        e = key_find(t, 4, c->a[3], shared, &to);
    if (err_ok(e))
        e = compare(c->a[0], c->a[4]);
    if (!err_ok(e))
        return e;
    woken = wake_key(&from, (unsigned)min_u64(c->a[1], FUTEX_BATCH), FUTEX_ALL);
    c->r[0] = woken;
    c->r[1] = move(&from, &to, (unsigned)min_u64(c->a[2], FUTEX_BATCH - woken));
    return OK;
}
