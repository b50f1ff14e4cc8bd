/* SPDX-License-Identifier: MIT */
/* Runs the cases, and what they share. */
#include "tests/file/conformance.h"

#include <stdio.h>
#include <string.h>

#include "tests/file/suite.h"

const struct conformance *suite;
struct session_cap here;
struct file_found found;

/* ---- calls ---- */

err_t open_try(struct session_cap s, const char *name, uint32_t flags, struct session_cap *out) {
    struct file_name n = {.path = text_of(name), .flags = flags, .mode = 0644};
    *out = NO_SESSION;
    return file_open(s, &n, out, &found);
}

struct session_cap open_at(struct session_cap s, const char *name, uint32_t flags) {
    struct session_cap out;
    is(open_try(s, name, flags, &out), OK);
    return out;
}

struct session_cap open_here(const char *name, uint32_t flags) {
    return open_at(here, name, flags);
}

err_t open_close(struct session_cap s, const char *name, uint32_t flags) {
    struct session_cap out;
    err_t e = open_try(s, name, flags, &out);
    shut(out);
    return e;
}

void shut(struct session_cap s) {
    if (s.h != HANDLE_NONE)
        suite->close(suite->context, s);
}

struct session_cap narrow(struct session_cap s, uint32_t rights) {
    return suite->narrow(suite->context, s, rights);
}

err_t make(struct session_cap s, const char *name, uint32_t mode) {
    struct file_name n = {.path = text_of(name), .mode = mode};
    return file_make(s, &n, (struct text){0}, &found);
}

err_t make_symlink(struct session_cap s, const char *name, const char *text) {
    struct file_name n = {.path = text_of(name), .mode = FILE_TYPE_SYMLINK | 0777};
    return file_make(s, &n, text_of(text), &found);
}

err_t remove_name(struct session_cap s, const char *name, uint32_t flags) {
    struct file_name n = {.path = text_of(name), .flags = flags};
    return file_remove(s, &n, &found);
}

err_t rename_name(struct session_cap s, const char *from, const char *to, uint32_t flags) {
    struct file_name n = {.path = text_of(from), .flags = flags};
    return file_rename(s, &n, text_of(to), &found);
}

err_t link_name(struct session_cap s, const char *from, const char *to, uint32_t flags) {
    struct file_name n = {.path = text_of(from), .flags = flags};
    return file_link(s, &n, text_of(to), &found);
}

err_t stat_name(struct session_cap s, const char *name, uint32_t flags, struct file_stat *out) {
    struct file_name n = {.path = text_of(name), .flags = flags};
    return file_stat(s, &n, out, &found);
}

struct file_stat stat_of(struct session_cap s, const char *name) {
    struct file_stat st = {0};
    is(stat_name(s, name, FILE_NO_FOLLOW, &st), OK);
    return st;
}

err_t set_name(struct session_cap s, const char *name, uint32_t flags, struct file_set set) {
    struct file_name n = {.path = text_of(name), .flags = flags};
    return file_set(s, &n, &set, &found);
}

err_t resize(struct session_cap s, uint64_t size) {
    return set_name(s, "", 0, (struct file_set){.fields = FILE_SET_SIZE, .size = size});
}

bool exists(const char *name) {
    struct file_stat st;
    return err_ok(stat_name(here, name, FILE_NO_FOLLOW, &st));
}

void write_all(struct session_cap s, uint64_t offset, const void *from, size_t size) {
    size_t done = 0;
    is(file_write(s, offset, from, size, &done), OK);
    expect(done == size);
}

bool read_is(struct session_cap s, uint64_t offset, const void *bytes, size_t size) {
    static char got[WINDOWS_MAX];
    size_t done = 0;
    memset(got, 0xa5, size);
    err_t e = file_read(s, offset, got, size, &done);
    return err_ok(e) && done == size && !memcmp(got, bytes, size);
}

void file_with(const char *name, const char *text) {
    struct session_cap s = open_here(name, FILE_CREATE | FILE_TRUNCATE | FILE_FOR_WRITE);
    write_all(s, 0, text, strlen(text));
    shut(s);
}

bool file_is(const char *name, const char *text) {
    struct session_cap s = open_here(name, FILE_FOR_READ);
    char got[128];
    size_t done = 0;
    bool same = err_ok(file_read(s, 0, got, sizeof got, &done)) && done == strlen(text) &&
                !memcmp(got, text, done);
    shut(s);
    return same;
}

unsigned number_of(struct text name) {
    unsigned n = 0, unit = 1;
    for (size_t at = name.length; at && name.at[at - 1] >= '0' && name.at[at - 1] <= '9'; at--) {
        n += unit * (unsigned)(name.at[at - 1] - '0');
        unit *= 10;
    }
    return n;
}

const char *numbered(const char *word, unsigned n) {
    static char name[2][64];
    static unsigned turn;
    turn = !turn;
    snprintf(name[turn], sizeof name[turn], "%s%u", word, n);
    return name[turn];
}

uint8_t pattern(uint64_t seed, uint64_t at) {
    uint64_t x = (at + 1) * 0x9e3779b97f4a7c15ull + seed * 0xbf58476d1ce4e5b9ull;
    return (uint8_t)(x >> 56 ^ x >> 24);
}

/* ---- directories ---- */

static bool dots(struct text name) {
    return (name.length == 1 && name.at[0] == '.') ||
           (name.length == 2 && name.at[0] == '.' && name.at[1] == '.');
}

void entries_each(struct session_cap s, uint64_t cookie, size_t window,
                  bool (*each)(const struct file_entry *e, struct text name)) {
    static _Alignas(8) char buffer[WINDOWS_MAX];
    struct file_entry e;
    size_t done = 0;
    bool more = true;
    do {
        is(file_entries(s, cookie, buffer, window, &done), OK);
        for (size_t at = 0; more && at < done; at += e.length) {
            memcpy(&e, buffer + at, sizeof e);
            struct text name = {buffer + at + sizeof e, e.name_length};
            if (e.length < sizeof e + e.name_length || e.length > done - at) {
                expect(!"entries of a sensible length");
                return;
            }
            if (cookie != FILE_CURRENT)
                cookie = e.next;
            more = dots(name) || each(&e, name);
        }
    } while (more && done);
}

static char last_name[FILE_NAME_MAX + 1];
static uint8_t last_type;

static bool keep_name(const struct file_entry *e, struct text name) {
    memcpy(last_name, name.at, name.length);
    last_name[name.length] = 0;
    last_type = e->type;
    return false;
}

/* Always the first that is left: how far to go back is not limited by what is on the stack. */
void empty(struct session_cap s) {
    struct session_cap list = open_at(s, "", FILE_FOR_READ | FILE_DIRECTORY);
    for (;;) {
        err_t e;
        last_name[0] = 0;
        entries_each(list, 0, 4096, keep_name);
        if (!last_name[0])
            break;
        if (last_type == FILE_TYPE_DIRECTORY >> 12) {
            struct session_cap inner = open_at(s, last_name, FILE_DIRECTORY);
            char name[FILE_NAME_MAX + 1];
            memcpy(name, last_name, sizeof name);
            empty(inner);
            shut(inner);
            e = remove_name(s, name, FILE_DIRECTORY);
        } else {
            e = remove_name(s, last_name, 0);
        }
        is(e, OK);
        if (!err_ok(e))
            break;
    }
    shut(list);
}

/* ---- the cases ---- */

static bool reported(const struct suite_case *c) {
    suite->report(suite->context, c->name, suite_failure());
    return !suite_failure();
}

/* On the prepared tree, which stays as it is. */
static bool run_prepared(const struct suite_case *c) {
    suite_begin();
    here = suite->prepared;
    c->run();
    return reported(c);
}

static bool run_case(const struct suite_case *c) {
    suite_begin();
    is(make(suite->root, "case", DIRECTORY), OK);
    here = open_at(suite->root, "case", FILE_DIRECTORY);
    c->run();
    suite_round_over();
    empty(here);
    shut(here);
    is(remove_name(suite->root, "case", FILE_DIRECTORY), OK);
    return reported(c);
}

static bool chosen(const struct suite_case *c) {
    size_t length = suite->only ? strlen(suite->only) : 0;
    return !(c->needs & ~suite->features) && !strncmp(c->name, length ? suite->only : "", length);
}

unsigned conformance_run(const struct conformance *c) {
    static const struct suite_case *const all[] = {suite_names,  suite_symlinks,   suite_open,
                                                   suite_data,   suite_attributes, suite_change,
                                                   suite_rename, suite_entries};
    unsigned failed = 0;
    suite = c;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (const struct suite_case *one = all[i]; one->name; one++)
            failed += chosen(one) && !run_case(one);
    for (const struct suite_case *one = suite_prepared; one->name; one++)
        failed += c->prepared.h != HANDLE_NONE && chosen(one) && !run_prepared(one);
    return failed;
}
