/* SPDX-License-Identifier: MIT */
/*
 * What the sessions of a server stand for, by badge, and how many of them each account has. A badge
 * is (generation << 32 | lasting << 24 | place), with places from 1 on: it is never 0, and one that
 * is used up is not found again. What is `lasting` can be known by its badge alone: a server that
 * takes over from one that ended puts it back.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

#define BADGES_ACCOUNTS 256u /* accounts that can have something at one time */

/* The first member of what is kept. */
struct badged {
    uint64_t badge, account;
    uint8_t lasting; /* 0: it is gone with the server */
};

struct badges_account {
    uint64_t id;
    uint32_t count; /* 0: unused */
};

/* Zeros: empty. */
struct badges {
    struct badged **place; /* by place - 1 */
    uint32_t places, free; /* no place below `free` is free */
    uint32_t count, limit; /* of all accounts; limit 0: as many as there are places */
    uint32_t generation;
    uint32_t recent; /* account: the last one whose id was looked for, or that got one */
    struct badges_account account[BADGES_ACCOUNTS];
};

/* Gives `b` a badge: TOO_MANY_OPEN (the account has `limit` already), LIMIT (accounts, or all
 * together), NO_MEMORY. */
err_t badges_add(struct badges *t, struct badged *b, uint64_t account, uint32_t limit);
/* For a server that takes an endpoint over: no badge is made that a session still has which an
 * earlier one left there. */
err_t badges_succeed(struct badges *t, struct endpoint_cap endpoint);
/* Calls `each` for the badge of each session of an endpoint. */
err_t sessions_each(struct endpoint_cap endpoint, void (*each)(void *context, uint64_t badge),
                    void *context);
/* Gives `b` the badge that an earlier server gave it, for no account: EXISTS, LIMIT (no place has
 * this number), NO_MEMORY. */
err_t badges_restore(struct badges *t, struct badged *b, uint64_t badge);
void badges_remove(struct badges *t, struct badged *b);

/* The place of a badge; above all places if it has none. */
static inline uint32_t badge_place(uint64_t badge) {
    return (uint32_t)(badge & 0xffffff) - 1;
}

static inline uint8_t badge_lasting(uint64_t badge) {
    return (uint8_t)(badge >> 24);
}

/* NULL: there is none of this badge. */
static inline struct badged *badges_find(const struct badges *t, uint64_t badge) {
    uint32_t place = badge_place(badge);
    struct badged *b = place < t->places ? t->place[place] : 0;
    return b && b->badge == badge ? b : 0;
}
