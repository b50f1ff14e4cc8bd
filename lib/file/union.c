/* SPDX-License-Identifier: MIT */
#include "lib/file/union.h"

#include "abi/ns.h"
#include "lib/file/client.h"

#define COOKIE_MASK ((1ull << UNION_COOKIE_BITS) - 1)

struct reading {
    struct session_cap space, first;
    struct text place;
    unsigned branch;
};

/* A session of a branch. NOT_FOUND: there is none of this number. */
static err_t branch_open(const struct reading *r, unsigned branch, struct session_cap *out) {
    struct file_name n = {
        .path = r->place, .flags = FILE_FOR_READ | FILE_DIRECTORY, .branch = branch};
    struct file_found found;
    if (!branch) {
        *out = r->first;
        return OK;
    }
    err_t e = file_open(r->space, &n, out, &found);
    if (err_ok(e) && !(found.mount & NS_UNION)) { /* unmounted meanwhile: it is the only one */
        file_drop(*out);
        return ERROR(NOT_FOUND);
    }
    return e;
}

static void branch_close(unsigned branch, struct session_cap s) {
    if (branch)
        file_drop(s);
}

/* ---- what a server answered ---- */

/* The entry at `at`; false: there is no whole one. */
static bool entry_take(const char *buffer, size_t size, size_t at, struct file_entry *e) {
    if (size - at < sizeof *e)
        return false;
    memcpy(e, buffer + at, sizeof *e);
    return e->name_length && e->length % 8 == 0 && e->length >= sizeof *e + e->name_length &&
           e->length <= size - at;
}

/* Cookies get their branch; those of the server are to be small enough for that. */
static err_t entries_mark(char *buffer, size_t size, unsigned branch) {
    struct file_entry e;
    for (size_t at = 0; at < size; at += e.length) {
        if (!entry_take(buffer, size, at, &e))
            return ERROR(CORRUPT);
        if (e.next & ~COOKIE_MASK)
            return ERROR(LIMIT);
        e.next |= (uint64_t)branch << UNION_COOKIE_BITS;
        memcpy(buffer + at, &e, sizeof e);
    }
    return OK;
}

/* Moves the entries that `keep` wants together; how many bytes they have. Entries are whole. */
static size_t entries_keep(char *buffer, size_t size,
                           bool (*keep)(struct session_cap other, struct text name),
                           struct session_cap other) {
    struct file_entry e;
    size_t kept = 0;
    for (size_t at = 0; at < size; at += e.length) {
        memcpy(&e, buffer + at, sizeof e);
        if (!keep(other, (struct text){buffer + at + sizeof e, e.name_length}))
            continue;
        memmove(buffer + kept, buffer + at, e.length);
        kept += e.length;
    }
    return kept;
}

static bool is_not_dots(struct session_cap other, struct text name) {
    (void)other;
    return name.at[0] != '.' || name.length > 2 || (name.length == 2 && name.at[1] != '.');
}

/* What cannot be looked at counts as not there, so that no name is lost. */
static bool is_not_in(struct session_cap other, struct text name) {
    struct file_name n = {.path = name, .flags = FILE_NO_FOLLOW};
    struct file_stat stat;
    return !err_ok(file_stat(other, &n, &stat, NULL));
}

/* Takes out what branches before this one have too. */
static size_t doubles_drop(const struct reading *r, char *buffer, size_t size) {
    struct session_cap other;
    if (r->branch)
        size = entries_keep(buffer, size, is_not_dots, r->first);
    for (unsigned i = 0; i < r->branch && size; i++) {
        if (!err_ok(branch_open(r, i, &other)))
            continue;
        size = entries_keep(buffer, size, is_not_in, other);
        branch_close(i, other);
    }
    return size;
}

/* ---- the branches in turn ---- */

/* Entries of one branch from *at on. *done 0: there are no more, or, if *at has moved, none among
 * those that were looked at. */
static err_t branch_read(const struct reading *r, uint64_t *at, char *to, size_t size,
                         size_t *done) {
    struct session_cap s;
    struct file_entry last;
    size_t length = 0;
    *done = 0;
    err_t e = branch_open(r, r->branch, &s);
    if (!err_ok(e))
        return e;
    e = file_entries(s, *at, to, size, &length);
    branch_close(r->branch, s);
    if (err_ok(e))
        e = entries_mark(to, length, r->branch);
    if (!err_ok(e))
        return e;
    for (size_t place = 0; place < length; place += last.length) {
        memcpy(&last, to + place, sizeof last);
        *at = last.next & COOKIE_MASK;
    }
    *done = doubles_drop(r, to, length);
    return OK;
}

err_t union_entries(struct session_cap space, struct text place, struct session_cap first,
                    uint64_t cookie, void *to, size_t size, size_t *done) {
    struct reading r = {.space = space,
                        .first = first,
                        .place = place,
                        .branch = (unsigned)(cookie >> UNION_COOKIE_BITS)};
    uint64_t at = cookie & COOKIE_MASK, before;
    *done = 0;
    while (r.branch < UNION_BRANCHES) {
        before = at;
        err_t e = branch_read(&r, &at, to, size, done);
        if (err_is(e, ERR_NOT_FOUND) && r.branch)
            return OK;
        if (!err_ok(e) && !(err_is(e, ERR_NOT_DIRECTORY) && r.branch))
            return e;
        if (*done)
            return OK;
        if (at == before || !err_ok(e)) {
            r.branch++;
            at = 0;
        }
    }
    return OK;
}
