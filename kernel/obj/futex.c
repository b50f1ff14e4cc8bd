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

static struct tree buckets[BUCKETS];
static uint64_t seed[2];

void futex_init(void) {
    seed[0] = arch_random();
    seed[1] = arch_random();
}

/* Of a key. The factor is odd, so words of one space or object have hashes of their own. */
static uint64_t hash_of(const struct futex_key *key) {
    return ((key->first ^ seed[0]) << 1 | 1) * (key->second ^ seed[1]) & ~1ull;
}

static struct tree *bucket_of(uint64_t hash) {
    return &buckets[hash >> 56 & (BUCKETS - 1)];
}

static struct thread *waiter_of(struct tree_node *n) {
    return container_of(n, struct thread, wait_node);
}

static bool waits_on(const struct thread *t, const struct futex_key *key) {
    return t->wait_key.first == key->first && t->wait_key.second == key->second;
}

static struct tree_node *waiter_first(uint64_t hash) {
    struct tree_node *n = tree_ceiling(bucket_of(hash), hash);

    return n && n->key == hash ? n : NULL;
}

static struct tree_node *waiter_next(struct tree_node *n) {
    struct tree_node *next = tree_next(n);

    return next && next->key == n->key ? next : NULL;
}

/* Under its key, whose hash is given. */
static void waiter_insert(struct thread *t, uint64_t hash) {
    hash |= t->wait_mask != FUTEX_ALL;
    tree_insert(bucket_of(hash), &t->wait_node, hash);
}

void futex_cancel(struct thread *t) {
    if (t->wait_node.linked)
        tree_remove(bucket_of(t->wait_node.key), &t->wait_node);
}

/* Wakes up to `count` of the waiters whose mask meets `mask`. */
static unsigned wake_key(const struct futex_key *key, unsigned count, uint64_t mask) {
    uint64_t hash = hash_of(key);
    unsigned woken = 0;

    for (unsigned partial = 0; partial < 2 && woken < count; partial++, hash++)
        for (struct tree_node *n = waiter_first(hash), *next; n; n = next) {
            struct thread *t = waiter_of(n);
            bool wanted = waits_on(t, key) && t->wait_mask & mask;
            next = wanted && woken + 1 == count ? NULL : waiter_next(n);
            if (!wanted)
                continue;
            tree_remove(bucket_of(hash), n);
            thread_wake(t, OK);
            woken++;
        }
    return woken;
}

static unsigned move(const struct futex_key *from, const struct futex_key *to, unsigned count) {
    uint64_t hash = hash_of(from), new_hash = hash_of(to);
    unsigned moved = 0;

    if (hash == new_hash)
        return 0;
    for (struct tree_node *n = waiter_first(hash), *next; n && moved < count; n = next) {
        next = waiter_next(n);
        if (!waits_on(waiter_of(n), from))
            continue;
        tree_remove(bucket_of(hash), n);
        waiter_of(n)->wait_key = *to;
        waiter_insert(waiter_of(n), new_hash);
        moved++;
    }
    return moved;
}

void futex_wake_private(struct space *s, vaddr_t word, unsigned count) {
    struct futex_key key = {(uintptr_t)s, word};

    wake_key(&key, count < FUTEX_BATCH ? count : FUTEX_BATCH, FUTEX_ALL);
}

static uint64_t memory_identity(struct memory *m) {
    static uint64_t last;

    if (!m->identity)
        m->identity = ++last; /* never as large as the address of a space */
    return m->identity;
}

/* The key of a word goes to t->wait_key. */
static __attribute__((noinline)) err_t key_find_shared(struct thread *t, vaddr_t word) {
    struct memory *memory;
    uint64_t offset;
    err_t e = space_locate(t->process->space, word, &memory, &offset);

    if (err_ok(e))
        t->wait_key = (struct futex_key){memory_identity(memory), offset};
    return e;
}

static inline err_t key_find(struct thread *t, unsigned argument, vaddr_t word, bool shared) {
    if (word % sizeof(uint32_t))
        return ERROR_ARG(BAD_ARGUMENT, argument);
    if (!user_range_ok(word, sizeof(uint32_t)))
        return ERROR_ARG(BAD_ADDRESS, argument);
    if (unlikely(shared))
        return key_find_shared(t, word);
    t->wait_key = (struct futex_key){(uintptr_t)t->process->space, word};
    return OK;
}

static __attribute__((noinline)) err_t compare_slowly(vaddr_t word, uint32_t expected) {
    uint32_t value;
    err_t e = user_read(&value, word, sizeof(value));

    if (!err_ok(e))
        return e;
    return value == expected ? OK : ERROR(CHANGED);
}

/* OK if the word has the value; nothing can change it before this system call ends. */
static inline err_t compare(vaddr_t word, uint64_t expected) {
    if (unlikely(arch_load_user(word) != (uint32_t)expected))
        return compare_slowly(word, (uint32_t)expected);
    return OK;
}

static bool partial_full(uint64_t hash) {
    unsigned count = 0;

    for (struct tree_node *n = waiter_first(hash | 1); n; n = waiter_next(n))
        count++;
    return count >= FUTEX_PARTIAL;
}

err_t sys_futex_wait(struct thread *t, struct call_args *c) {
    uint64_t mask = c->a[3] & FUTEX_ALL, hash;
    err_t e;

    if (!mask || c->a[3] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    e = key_find(t, 1, c->a[0], c->a[3] & FUTEX_SHARED);
    if (!err_ok(e))
        return e;
    e = compare(c->a[0], c->a[1]);
    if (!err_ok(e))
        return e;
    hash = hash_of(&t->wait_key);
    if (unlikely(mask != FUTEX_ALL) && partial_full(hash))
        return ERROR_ARG(LIMIT, 4);
    e = thread_wait(t, WAIT_FUTEX, c->a[2], mask, NULL);
    if (is_blocked(e))
        waiter_insert(t, hash);
    return e;
}

err_t sys_futex_wake(struct thread *t, struct call_args *c) {
    uint64_t mask = c->a[2] & FUTEX_ALL;
    err_t e;

    if (!mask || c->a[2] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    e = key_find(t, 1, c->a[0], c->a[2] & FUTEX_SHARED);
    if (err_ok(e))
        c->r[0] = wake_key(&t->wait_key, (unsigned)min_u64(c->a[1], FUTEX_BATCH), mask);
    return e;
}

err_t sys_futex_requeue(struct thread *t, struct call_args *c) {
    bool shared = c->a[4] & FUTEX_SHARED;
    struct futex_key from;
    unsigned woken;
    err_t e;

    if (c->a[4] & ~(FUTEX_ALL | FUTEX_SHARED))
        return ERROR_ARG(BAD_ARGUMENT, 5);
    e = key_find(t, 1, c->a[0], shared);
    from = t->wait_key;
    if (err_ok(e))
        e = key_find(t, 4, c->a[3], shared);
    if (err_ok(e))
        e = compare(c->a[0], c->a[4]);
    if (!err_ok(e))
        return e;
    woken = wake_key(&from, (unsigned)min_u64(c->a[1], FUTEX_BATCH), FUTEX_ALL);
    c->r[0] = woken;
    c->r[1] = move(&from, &t->wait_key, (unsigned)min_u64(c->a[2], FUTEX_BATCH - woken));
    return OK;
}
