/* SPDX-License-Identifier: MIT */
/*
 * A badge is (generation << 32 | place), with places from 1 on, so it is never FILE_BADGE_ROOT, and
 * one that is used up is not found again.
 */
#include "lib/file/open.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_FIRST 64u
#define PLACES_MAX   (1u << 20)

struct account {
    uint64_t id;
    uint32_t files; /* 0: unused */
};

struct open_table {
    struct file **place; /* by place - 1 */
    uint32_t places, free_hint;
    uint32_t generation;
    struct account account[FILE_ACCOUNTS_MAX];
};

err_t open_table_make(struct open_table **out) {
    struct open_table *t = calloc(1, sizeof *t);
    if (!t)
        return ERROR(NO_MEMORY);
    *out = t;
    return OK;
}

/* The account's record, or a free one, or NULL. */
static struct account *account_find(struct open_table *t, uint64_t id) {
    struct account *free = NULL;
    for (struct account *a = t->account; a < t->account + FILE_ACCOUNTS_MAX; a++) {
        if (a->files && a->id == id)
            return a;
        if (!a->files && !free)
            free = a;
    }
    return free;
}

static err_t grow(struct open_table *t) {
    uint32_t places = t->places ? 2 * t->places : PLACES_FIRST;
    if (places > PLACES_MAX)
        return ERROR(LIMIT);
    struct file **grown = realloc(t->place, places * sizeof *grown);
    if (!grown)
        return ERROR(NO_MEMORY);
    memset(grown + t->places, 0, (places - t->places) * sizeof *grown);
    t->place = grown;
    t->free_hint = t->places;
    t->places = places;
    return OK;
}

/* No place below free_hint is free. */
static err_t place_find(struct open_table *t, uint32_t *out) {
    while (t->free_hint < t->places && t->place[t->free_hint])
        t->free_hint++;
    if (t->free_hint == t->places) {
        err_t e = grow(t);
        if (!err_ok(e))
            return e;
    }
    *out = t->free_hint;
    return OK;
}

err_t open_table_add(struct open_table *t, uint64_t account, struct file **out) {
    uint32_t place;
    struct account *a = account_find(t, account);
    if (!a)
        return ERROR(LIMIT);
    if (a->files == FILE_OPEN_MAX)
        return ERROR(TOO_MANY_OPEN);
    err_t e = place_find(t, &place);
    if (!err_ok(e))
        return e;
    struct file *f = calloc(1, sizeof *f);
    if (!f)
        return ERROR(NO_MEMORY);
    f->badge = (uint64_t)++t->generation << 32 | (place + 1);
    f->account = account;
    t->place[place] = f;
    a->id = account;
    a->files++;
    *out = f;
    return OK;
}

struct file *open_table_find(struct open_table *t, uint64_t badge) {
    uint32_t place = (uint32_t)badge;
    if (!place || place > t->places)
        return NULL;
    struct file *f = t->place[place - 1];
    return f && f->badge == badge ? f : NULL;
}

void open_table_remove(struct open_table *t, struct file *f) {
    uint32_t place = (uint32_t)f->badge - 1;
    account_find(t, f->account)->files--;
    t->place[place] = NULL;
    if (place < t->free_hint)
        t->free_hint = place;
    free(f);
}
