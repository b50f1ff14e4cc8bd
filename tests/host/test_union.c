/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/file/union.c lib/file/client.c */
/*
 * Reading the root of a union, with servers that are lists of names: whatever the branches have in
 * common and however small the buffer is, each name comes once, from the first branch that has it.
 */
#include "lib/file/union.h"

#include <stdlib.h>
#include <string.h>

#include "abi/ns.h"
#include "lib/file/client.h"
#include "tap.h"

#define BRANCHES 5u
#define NAMES    40u
#define SPACE    1000u /* the session of the namespace; those of branches are 1, 2... */
#define ENTRY    (sizeof(struct file_entry) + FILE_NAME_MAX + 1)

struct branch {
    bool is_file;
    unsigned count;
    unsigned name[NAMES + 2]; /* numbers of names; the first two are "." and ".." */
    uint64_t step;            /* between cookies */
};

static struct branch branches[BRANCHES];
static unsigned branch_count, opened;
static uint64_t state = 1;

static size_t name_of(unsigned number, char *to) {
    size_t length = 1 + number * 7 % 250;
    if (number < 2)
        return (size_t)sprintf(to, "%s", number ? ".." : ".");
    memset(to, 'a', length);
    size_t digits = (size_t)sprintf(to, ".%u", number);
    to[digits] = 'b';
    return length > digits ? length : digits;
}

static bool has(const struct branch *b, struct text name) {
    char other[256];
    for (unsigned i = 0; i < b->count; i++)
        if (name_of(b->name[i], other) == name.length && !memcmp(other, name.at, name.length))
            return true;
    return false;
}

/* ---- the servers ---- */

static err_t serve_open(struct session_cap s, struct file_call *c) {
    unsigned branch = (unsigned)(c->word[1] >> 32);
    check(s.h == SPACE && c->data.length == 4 && !memcmp(c->data.at, "/dev", 4));
    c->word[5] = NS_UNION;
    c->word[4] = 0;
    if (branch >= branch_count)
        return ERROR(NOT_FOUND);
    if (branches[branch].is_file)
        return ERROR(NOT_DIRECTORY);
    c->opened[0].h = branch + 1;
    opened++;
    return OK;
}

static err_t serve_entries(const struct branch *b, struct file_call *c) {
    char *to = c->to;
    size_t done = 0;
    check(c->word[0] % b->step == 0);
    for (uint64_t i = c->word[0] / b->step; i < b->count; i++) {
        struct file_entry e = {.id = 1, .next = (i + 1) * b->step};
        char name[256];
        e.name_length = (uint8_t)name_of(b->name[i], name);
        e.length = (uint16_t)((sizeof e + e.name_length + 7) & ~7u);
        if (e.length > c->size - done)
            break;
        memcpy(to + done, &e, sizeof e);
        memcpy(to + done + sizeof e, name, e.name_length);
        done += e.length;
    }
    c->word[0] = done;
    return OK;
}

static bool hostile;
static err_t serve_garbage(struct file_call *c);

err_t file_call(struct session_cap s, struct file_call *c) {
    if (hostile)
        return serve_garbage(c);
    if (c->op == FILE_OPEN)
        return serve_open(s, c);
    const struct branch *b = &branches[s.h - 1];
    if (c->op == FILE_ENTRIES)
        return serve_entries(b, c);
    check(c->op == FILE_STAT);
    return has(b, c->data) ? OK : ERROR(NOT_FOUND);
}

void file_drop(struct session_cap s) {
    check(s.h > 1 || hostile); /* the first is the caller's */
    opened--;
}

/* ---- what is read ---- */

static void branches_make(void) {
    branch_count = 1 + (unsigned)random_below(&state, BRANCHES);
    for (unsigned i = 0; i < branch_count; i++) {
        struct branch *b = &branches[i];
        *b = (struct branch){.count = 2, .step = 1 + random_below(&state, 1000)};
        b->is_file = i && !random_below(&state, 4);
        b->name[1] = 1;
        for (unsigned n = 2; n < NAMES; n++)
            if (!random_below(&state, 3))
                b->name[b->count++] = n;
    }
}

/* Takes the entries of one answer; how often each name came. */
static uint64_t entries_count(const char *buffer, size_t size, unsigned *times) {
    struct file_entry e = {.next = 0};
    uint64_t cookie = 0;
    for (size_t at = 0; at < size; at += e.length) {
        char name[256];
        memcpy(&e, buffer + at, sizeof e);
        cookie = e.next;
        for (unsigned n = 0; n < NAMES; n++)
            times[n] += name_of(n, name) == e.name_length &&
                        !memcmp(name, buffer + at + sizeof e, e.name_length);
    }
    return cookie;
}

static bool wanted(unsigned name) {
    for (unsigned i = 0; i < branch_count; i++)
        for (unsigned k = 0; k < branches[i].count && !branches[i].is_file; k++)
            if (branches[i].name[k] == name)
                return true;
    return false;
}

static void read_whole(size_t size) {
    static char buffer[16384];
    unsigned times[NAMES] = {0}, calls = 0;
    uint64_t cookie = 0;
    size_t done = 1;
    while (done && calls++ < 1000) {
        err_t e = union_entries((struct session_cap){SPACE}, text_of("/dev"),
                                (struct session_cap){1}, cookie, buffer, size, &done);
        check(err_ok(e) && done <= size && done % 8 == 0);
        if (done)
            cookie = entries_count(buffer, done, times);
        check((int64_t)cookie >= 0);
    }
    check(calls < 1000);
    for (unsigned n = 0; n < NAMES; n++)
        check(times[n] == wanted(n));
    check(!opened);
}

static void each_name_once(void) {
    for (unsigned i = 0; i < 3000; i++) {
        branches_make();
        read_whole(ENTRY + random_below(&state, i % 2 ? 200 : 16000));
    }
    tap_test("union: each name once, in buffers of any size");
}

static void large_cookies(void) {
    size_t done = 0;
    char buffer[4096];
    branch_count = 1;
    branches[0] = (struct branch){.count = 2, .name = {0, 1}, .step = 1ull << 55};
    check(err_is(union_entries((struct session_cap){SPACE}, text_of("/dev"),
                               (struct session_cap){1}, 0, buffer, sizeof buffer, &done),
                 ERR_LIMIT));
    branches[0].count = 1;
    check(err_ok(union_entries((struct session_cap){SPACE}, text_of("/dev"),
                               (struct session_cap){1}, 0, buffer, sizeof buffer, &done)) &&
          done);
    tap_test("union: cookies that leave no room for the branch");
}

/* It was unmounted down to one: what any number answers is that one. */
static err_t serve_single(struct file_call *c) {
    c->word[5] = 0;
    c->opened[0].h = 2;
    opened++;
    return OK;
}

/* ---- servers that answer anything ---- */

static bool single;

static err_t serve_garbage(struct file_call *c) {
    static const uint16_t errors[] = {
        ERR_OK, ERR_OK, ERR_OK, ERR_NOT_FOUND, ERR_NOT_DIRECTORY, ERR_PEER_DIED};
    uint64_t kind = random_below(&state, 4);
    if (single)
        return c->op == FILE_OPEN ? serve_single(c) : serve_entries(&branches[0], c);
    err_t e = {.code = errors[random_below(&state, 6)]};
    if (c->op == FILE_OPEN) {
        opened += err_ok(e);
        c->opened[0].h = 2;
        c->word[5] = random_below(&state, 5) ? NS_UNION : 0;
        return e;
    }
    if (c->op != FILE_ENTRIES)
        return e;
    if (kind == 3)
        return serve_entries(&branches[0], c);
    for (size_t i = 0; i < c->size; i++)
        ((char *)c->to)[i] = (char)random_next(&state);
    struct file_entry first = {.next = random_below(&state, 9),
                               .length = (uint16_t)(8 * random_below(&state, 60)),
                               .name_length = (uint8_t)random_next(&state)};
    memcpy(c->to, &first, sizeof first);
    c->word[0] = kind ? random_below(&state, c->size + 1) : 0;
    return e;
}

static void garbage(void) {
    hostile = true;
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = ENTRY + random_below(&state, 500), done = 0;
        char *exact = malloc(size);
        branches_make();
        branches[0].step = 1;
        (void)union_entries((struct session_cap){SPACE}, text_of("/dev"), (struct session_cap){1},
                            random_next(&state) >> random_below(&state, 64), exact, size, &done);
        check(done <= size && !opened);
        free(exact);
    }
    tap_test("union: whatever servers answer");
    single = true;
    branch_count = 1;
    read_whole(4096);
    tap_test("union: one that is none any more");
    hostile = single = false;
}

int main(void) {
    each_name_once();
    large_cookies();
    garbage();
    return tap_done();
}
