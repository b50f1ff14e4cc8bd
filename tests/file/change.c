/* SPDX-License-Identifier: MIT */
/* Removing and linking, counts of links, and a directory that was removed under a session. */
#include <string.h>

#include "tests/file/suite.h"

static void removed(void) {
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "full", DIRECTORY), OK);
    file_with("f", "text");
    file_with("full/f", "");
    is(remove_name(here, "d", 0), IS_DIRECTORY);
    is(remove_name(here, "f", FILE_DIRECTORY), NOT_DIRECTORY);
    is(remove_name(here, "full", FILE_DIRECTORY), NOT_EMPTY);
    is(remove_name(here, "full", 0), IS_DIRECTORY);
    is(remove_name(here, "f/", 0), NOT_DIRECTORY);
    is(remove_name(here, "none", 0), NOT_FOUND);
    is(remove_name(here, "none", FILE_DIRECTORY), NOT_FOUND);
    is(remove_name(here, "d", FILE_DIRECTORY), OK);
    is(remove_name(here, "d", FILE_DIRECTORY), NOT_FOUND);
    is(remove_name(here, "f", 0), OK);
    is(remove_name(here, "full/f", 0), OK);
    is(remove_name(here, "full//", FILE_DIRECTORY), OK);
    expect(!exists("d") && !exists("f") && !exists("full"));
}

/* "", "." and ".." can be neither made nor removed nor renamed. */
static void no_names(void) {
    static const char *const name[] = {"", ".", "./", "/", "d/.", "d/..", "d/e/../", "d/e/."};
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "d/e", DIRECTORY), OK);
    file_with("f", "");
    for (unsigned i = 0; i < sizeof name / sizeof name[0]; i++) {
        suite_round("name", i, 0);
        is(remove_name(here, name[i], 0), BUSY);
        is(remove_name(here, name[i], FILE_DIRECTORY), BUSY);
        if (suite->features & HAS_RENAME) {
            is(rename_name(here, name[i], "new", 0), BUSY);
            is(rename_name(here, "d", name[i], 0), BUSY);
        }
        if (suite->features & HAS_LINKS)
            is(link_name(here, "f", name[i], 0), EXISTS);
    }
    expect(exists("d/e"));
}

static void links(void) {
    is(make(here, "d", DIRECTORY), OK);
    file_with("f", "text");
    uint64_t id = stat_of(here, "f").id;
    is(link_name(here, "f", "d/g", 0), OK);
    is(link_name(here, "d/g", "h", 0), OK);
    expect(stat_of(here, "f").links == 3 && stat_of(here, "d/g").id == id);
    file_with("h", "changed");
    expect(file_is("f", "changed") && file_is("d/g", "changed"));
    is(link_name(here, "f", "h", 0), EXISTS);
    is(link_name(here, "f", "f", 0), EXISTS);
    is(link_name(here, "f", "d", 0), EXISTS);
    is(link_name(here, "d", "e", 0), IS_DIRECTORY);
    is(link_name(here, "", "e", 0), IS_DIRECTORY);
    is(link_name(here, "none", "e", 0), NOT_FOUND);
    expect(found.used == 4);
    is(link_name(here, "f", "none/e", 0), NOT_FOUND);
    expect(found.used == 1 + 4);
    is(link_name(here, "f", "e/", 0), NOT_FOUND);
    is(link_name(here, "f", "h/", 0), NOT_DIRECTORY);
    is(remove_name(here, "f", 0), OK);
    is(remove_name(here, "h", 0), OK);
    struct file_stat st = stat_of(here, "d/g");
    expect(st.links == 1 && st.id == id && file_is("d/g", "changed"));
}

static void directory_links(void) {
    uint32_t root = stat_of(here, "").links;
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "e", DIRECTORY), OK);
    expect(root == 2 && stat_of(here, "").links == 4 && stat_of(here, "d").links == 2);
    is(make(here, "d/sub", DIRECTORY), OK);
    file_with("d/file", "");
    expect(stat_of(here, "d").links == 3 && stat_of(here, "").links == 4);
    if (suite->features & HAS_RENAME) {
        is(rename_name(here, "d/sub", "e/sub", 0), OK);
        expect(stat_of(here, "d").links == 2 && stat_of(here, "e").links == 3);
        is(rename_name(here, "e/sub", "e/other", 0), OK);
        expect(stat_of(here, "e").links == 3 && stat_of(here, "e/other").links == 2);
        is(make(here, "d/empty", DIRECTORY), OK);
        is(rename_name(here, "e/other", "d/empty", 0), OK);
        expect(stat_of(here, "d").links == 3 && stat_of(here, "e").links == 2);
        is(remove_name(here, "d/empty", FILE_DIRECTORY), OK);
    } else {
        is(remove_name(here, "d/sub", FILE_DIRECTORY), OK);
    }
    expect(stat_of(here, "d").links == 2);
    is(remove_name(here, "e", FILE_DIRECTORY), OK);
    expect(stat_of(here, "").links == 3);
}

static unsigned count;
static bool count_entry(const struct file_entry *e, struct text name) {
    (void)e;
    (void)name;
    count++;
    return true;
}

static void removed_directory(void) {
    is(make(here, "d", DIRECTORY), OK);
    file_with("f", "text");
    struct session_cap d = open_here("d", FILE_FOR_READ | FILE_DIRECTORY);
    struct file_stat st, was = stat_of(here, "d");
    is(remove_name(here, "d", FILE_DIRECTORY), OK);
    is(stat_name(d, "", 0, &st), OK);
    expect(st.id == was.id && st.links == 0);
    is(make(d, "x", DIRECTORY), NOT_FOUND);
    is(open_close(d, "x", FILE_CREATE | FILE_FOR_WRITE), NOT_FOUND);
    is(stat_name(d, "x", 0, &st), NOT_FOUND);
    is(stat_name(d, ".", 0, &st), OK);
    is(stat_name(d, "..", 0, &st), ABOVE_ROOT);
    is(remove_name(d, "x", 0), NOT_FOUND);
    is(open_close(d, "", FILE_FOR_READ), OK);
    count = 0;
    entries_each(d, 0, 4096, count_entry);
    expect(!count);
    if (suite->features & HAS_SYMLINKS)
        is(make_symlink(d, "x", "text"), NOT_FOUND);
    is(make(here, "d", DIRECTORY), OK); /* another one */
    expect(stat_of(here, "d").id != was.id);
    is(stat_name(d, "", 0, &st), OK);
    expect(st.id == was.id);
    shut(d);
}

/* A file under its session: removed, replaced, and made again. */
static void sessions_stay(void) {
    file_with("f", "first");
    struct session_cap s = open_here("f", FILE_FOR_READ);
    uint64_t id = stat_of(s, "").id;
    is(remove_name(here, "f", 0), OK);
    is(make(here, "f", DIRECTORY), OK);
    file_with("f/x", "");
    expect(stat_of(s, "").id == id);
    if (suite->features & HAS_UNLINKED)
        expect(read_is(s, 0, "first", 5));
    shut(s);
    expect(exists("f/x"));
}

const struct suite_case suite_change[] = {
    {"change: remove", removed, HAS_CHANGES},
    {"change: what is not a name", no_names, HAS_CHANGES},
    {"change: links", links, HAS_CHANGES | HAS_LINKS},
    {"change: links of directories", directory_links, HAS_CHANGES | HAS_DIRECTORY_LINKS},
    {"change: a removed directory", removed_directory, HAS_CHANGES | HAS_UNLINKED},
    {"change: sessions of removed names", sessions_stay, HAS_CHANGES},
    {0},
};
