/* SPDX-License-Identifier: MIT */
#include "lib/file/badges.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_FIRST 64u
#define PLACES_MAX   (1u << 20)

#define BADGES_RESTORED UINT64_MAX /* no account has this number */

/* The account's record, or a free one, or NULL. Mostly it is the same account that comes again, and
 * if it has nothing now its record still has its id. */
static struct badges_account *account_find(struct badges *t, uint64_t id) {
    struct badges_account *free = NULL;
    if (t->account[t->recent].id == id)
        return &t->account[t->recent];
    for (struct badges_account *a = t->account; a < t->account + BADGES_ACCOUNTS; a++) {
        if (a->count && a->id == id) {
            t->recent = (uint32_t)(a - t->account);
            return a;
        }
        if (!a->count && !free)
            free = a;
    }
    return free;
}

static void account_count(struct badges *t, struct badges_account *a, uint64_t id) {
    a->id = id;
    a->count++;
    t->count++;
    t->recent = (uint32_t)(a - t->account);
}

static err_t grow(struct badges *t) {
    uint32_t places = t->places ? 2 * t->places : PLACES_FIRST;
    if (places > PLACES_MAX)
        return ERROR(LIMIT);
    struct badged **grown = realloc(t->place, places * sizeof(void *));
    if (!grown)
        return ERROR(NO_MEMORY);
    memset(grown + t->places, 0, (places - t->places) * sizeof(void *));
    t->place = grown;
    t->places = places;
    return OK;
}

err_t badges_add(struct badges *t, struct badged *b, uint64_t account, uint32_t limit) {
    struct badges_account *a = account_find(t, account);
    if (!a || (t->limit && t->count >= t->limit))
        return ERROR(LIMIT);
    if (a->count >= limit)
        return ERROR(TOO_MANY_OPEN);
    while (t->free < t->places && t->place[t->free])
        t->free++;
    err_t e = t->free == t->places ? grow(t) : OK;
    if (!err_ok(e))
        return e;
    b->badge = (uint64_t)++t->generation << 32 | (uint32_t)b->lasting << 24 | (t->free + 1);
    b->account = account;
    t->place[t->free] = b;
    account_count(t, a, account);
    return OK;
}

/* The account that it was of is not known. All that are put back count as one's, without a limit.
 */
err_t badges_restore(struct badges *t, struct badged *b, uint64_t badge) {
    uint32_t place = badge_place(badge);
    struct badges_account *a = account_find(t, BADGES_RESTORED);
    err_t e = OK;
    if (!a || place >= PLACES_MAX)
        return ERROR(LIMIT);
    while (place >= t->places && err_ok(e))
        e = grow(t);
    if (!err_ok(e) || t->place[place])
        return err_ok(e) ? ERROR(EXISTS) : e;
    *b = (struct badged){badge, BADGES_RESTORED, badge_lasting(badge)};
    t->place[place] = b;
    account_count(t, a, BADGES_RESTORED);
    return OK;
}

void badges_remove(struct badges *t, struct badged *b) {
    uint32_t place = badge_place(b->badge);
    account_find(t, b->account)->count--;
    t->count--;
    t->place[place] = NULL;
    if (place < t->free)
        t->free = place;
}
