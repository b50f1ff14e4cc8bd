/* SPDX-License-Identifier: MIT */
/* FILE_ENTRIES: form, cookies, and directories that change while they are read. */
#include <string.h>

#include "tests/file/suite.h"

#define LEAST (sizeof(struct file_entry) + FILE_NAME_MAX + 1) /* bytes of a window */
#define SOME  600u

static _Alignas(8) char buffer[WINDOWS_MAX];

static struct session_cap list_of(const char *name) {
    return open_here(name, FILE_FOR_READ | FILE_DIRECTORY);
}

static bool entry_is(size_t *at, const char *name, uint64_t id, uint32_t type, size_t done) {
    struct file_entry e;
    if (*at + sizeof e > done)
        return false;
    memcpy(&e, buffer + *at, sizeof e);
    bool right =
        e.name_length == strlen(name) && !memcmp(buffer + *at + sizeof e, name, e.name_length);
    right = right && e.id == id && e.type == type >> 12 && !e.reserved;
    right = right && e.length == ((sizeof e + e.name_length + 7) & ~(size_t)7);
    *at += e.length;
    return right;
}

static void form(void) {
    struct session_cap d;
    size_t done = 0, at = 0;
    is(make(here, "d", DIRECTORY), OK);
    d = list_of("d");
    uint64_t id = stat_of(d, "").id, up = stat_of(here, "").id;
    is(file_entries(d, 0, buffer, 4096, &done), OK);
    expect(entry_is(&at, ".", id, FILE_TYPE_DIRECTORY, done));
    expect(entry_is(&at, "..", up, FILE_TYPE_DIRECTORY, done) && at == done);
    file_with("d/file", "");
    at = 0;
    is(file_entries(d, 0, buffer, 4096, &done), OK);
    expect(entry_is(&at, ".", id, FILE_TYPE_DIRECTORY, done));
    expect(entry_is(&at, "..", up, FILE_TYPE_DIRECTORY, done));
    uint64_t file = stat_of(here, "d/file").id;
    expect(entry_is(&at, "file", file, FILE_TYPE_REGULAR, done) && at == done);
    shut(d);
}

static unsigned types_seen;
static bool see_type(const struct file_entry *e, struct text name) {
    static const char word[][8] = {"d", "f", "l", "p", "s"};
    static const uint8_t type[] = {4, 8, 10, 1, 12};
    for (unsigned i = 0; i < 5; i++)
        if (name.length == 1 && name.at[0] == word[i][0] && e->type == type[i])
            types_seen |= 1u << i;
    return true;
}

static void types(void) {
    unsigned due = 3;
    is(make(here, "d", DIRECTORY), OK);
    file_with("f", "");
    if (suite->features & HAS_SYMLINKS) {
        is(make_symlink(here, "l", "d"), OK);
        due |= 4;
    }
    if (suite->features & HAS_FIFOS) {
        is(make(here, "p", FIFO), OK);
        is(make(here, "s", FILE_TYPE_SOCKET), OK);
        due |= 24;
    }
    struct session_cap d = list_of("");
    types_seen = 0;
    entries_each(d, 0, 4096, see_type);
    expect(types_seen == due);
    shut(d);
}

static void refused(void) {
    file_with("f", "");
    struct session_cap d = list_of(""), blind = open_here("", FILE_DIRECTORY),
                       f = open_here("f", FILE_FOR_READ);
    size_t done = 0;
    is(file_entries(d, 0, buffer, LEAST - 1, &done), BAD_WINDOW);
    is(file_entries(d, 0, buffer, 0, &done), BAD_WINDOW);
    is(file_entries(d, 0, buffer, LEAST, &done), OK);
    is(file_entries(blind, 0, buffer, 4096, &done), NO_RIGHT);
    is(file_entries(f, 0, buffer, 4096, &done), NOT_DIRECTORY);
    struct session_cap less = narrow(d, FILE_RIGHTS & ~FILE_RIGHT_READ);
    is(file_entries(less, 0, buffer, 4096, &done), NO_RIGHT);
    is(file_entries(d, UINT64_MAX - 1, buffer, 4096, &done), OK);
    expect(!done);
    shut(less);
    shut(d);
    shut(blind);
    shut(f);
}

/* ---- how often each number was seen ---- */

static uint8_t *seen;
static uint8_t seen_some[2 * SOME];
static unsigned seen_max, seen_count;

static bool see(const struct file_entry *e, struct text name) {
    unsigned n = number_of(name);
    (void)e;
    if (n < seen_max)
        seen[n]++;
    seen_count++;
    return true;
}

static void see_nothing(void) {
    seen = seen_some;
    seen_max = 2 * SOME;
    seen_count = 0;
    memset(seen_some, 0, sizeof seen_some);
}

static void make_some(unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++)
        is(open_close(here, numbered("name", i), FILE_CREATE | FILE_EXCLUSIVE), OK);
}

static void each_once(unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++) {
        suite_round("entry", i, seen[i]);
        expect(seen[i] == 1);
    }
}

/* With every size of window, by cookie and by the session's own offset. */
static void cookies(void) {
    uint64_t at;
    make_some(0, 50);
    struct session_cap d = list_of("");
    for (size_t window = LEAST; window < 2000; window += 37) {
        see_nothing();
        entries_each(d, 0, window, see);
        each_once(0, 50);
        expect(seen_count == 50);
        see_nothing();
        is(file_seek(d, 0, FILE_SEEK_START, &at), OK);
        entries_each(d, FILE_CURRENT, window, see);
        each_once(0, 50);
    }
    see_nothing();
    entries_each(d, FILE_CURRENT, 4096, see);
    expect(!seen_count);
    shut(d);
}

static unsigned step;
static bool remove_and_make(const struct file_entry *e, struct text name) {
    see(e, name);
    if (++step % 3 == 0) { /* one that was seen, one that may not have been, and a new one */
        remove_name(here, numbered("name", number_of(name) - number_of(name) % 4), 0);
        remove_name(here, numbered("name", (number_of(name) * 7 + 100) % SOME / 4 * 4), 0);
        if (step < 3 * SOME)
            open_close(here, numbered("name", SOME + step / 3), FILE_CREATE);
    }
    return step < 10 * SOME;
}

/* Names that are not multiples of 4 stay, and are seen once. */
static void changing(void) {
    make_some(0, SOME);
    struct session_cap d = list_of("");
    see_nothing();
    step = 0;
    entries_each(d, FILE_CURRENT, 400, remove_and_make);
    for (unsigned i = 0; i < 2 * SOME; i++) {
        suite_round("entry", i, seen[i]);
        expect(seen[i] <= 1);
        expect(seen[i] == 1 || i % 4 == 0 || i >= SOME);
    }
    shut(d);
}

static bool remove_it(const struct file_entry *e, struct text name) {
    see(e, name);
    is(remove_name(here, numbered("name", number_of(name)), 0), OK);
    return true;
}

/* All are removed while they are read, as `rm -r` does it. */
static void removed_while_read(void) {
    struct file_stat st;
    make_some(0, SOME);
    struct session_cap d = list_of("");
    see_nothing();
    entries_each(d, FILE_CURRENT, 1000, remove_it);
    each_once(0, SOME);
    is(stat_name(here, "name0", 0, &st), NOT_FOUND);
    uint64_t at;
    is(file_seek(d, 0, FILE_SEEK_START, &at), OK);
    see_nothing();
    entries_each(d, FILE_CURRENT, 1000, see);
    expect(!seen_count);
    make_some(0, 10); /* one that has been read to its end and emptied is read from its start */
    is(file_seek(d, 0, FILE_SEEK_START, &at), OK);
    entries_each(d, FILE_CURRENT, 1000, see);
    each_once(0, 10);
    shut(d);
}

/* Two readers at different places do not disturb each other. */
static void two_readers(void) {
    size_t done;
    make_some(0, 100);
    struct session_cap a = list_of(""), b = list_of("");
    see_nothing();
    is(file_entries(b, FILE_CURRENT, buffer, 2000, &done), OK);
    entries_each(a, FILE_CURRENT, 300, see);
    each_once(0, 100);
    is(remove_name(here, "name0", 0), OK);
    see_nothing();
    entries_each(b, 0, 300, see);
    each_once(1, 100);
    entries_each(a, FILE_CURRENT, 300, see);
    expect(seen_count == 99);
    shut(a);
    shut(b);
}

static void many(void) {
    static uint8_t bits[1u << 20];
    uint32_t n = suite->many < sizeof bits ? suite->many : sizeof bits;
    struct file_stat st;
    make_some(0, n);
    memset(bits, 0, sizeof bits);
    seen = bits;
    seen_max = n;
    seen_count = 0;
    struct session_cap d = list_of("");
    entries_each(d, FILE_CURRENT, 4096, see);
    each_once(0, n);
    expect(seen_count == n);
    is(stat_name(here, numbered("name", n - 1), 0, &st), OK);
    is(stat_name(here, numbered("name", n), 0, &st), NOT_FOUND);
    uint64_t at;
    is(file_seek(d, 0, FILE_SEEK_START, &at), OK);
    entries_each(d, FILE_CURRENT, 4096, remove_it);
    seen_count = 0;
    entries_each(d, 0, 4096, see);
    expect(!seen_count);
    shut(d);
}

const struct suite_case suite_entries[] = {
    {"entries: form", form, HAS_CHANGES},
    {"entries: types", types, HAS_CHANGES},
    {"entries: refused", refused, HAS_CHANGES},
    {"entries: cookies and windows", cookies, HAS_CHANGES},
    {"entries: of a changing directory", changing, HAS_CHANGES},
    {"entries: removed while read", removed_while_read, HAS_CHANGES},
    {"entries: two readers", two_readers, HAS_CHANGES},
    {"entries: many", many, HAS_CHANGES},
    {0},
};
