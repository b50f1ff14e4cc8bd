/* SPDX-License-Identifier: MIT */
/* FILE_RENAME, which has the most rules. */
#include <string.h>

#include "tests/file/suite.h"

enum kind { NONE, A_FILE, EMPTY, FULL, KINDS };

static void put(const char *name, enum kind kind) {
    if (kind == A_FILE)
        file_with(name, "old");
    else if (kind != NONE)
        is(make(here, name, DIRECTORY), OK);
    if (kind == FULL) {
        struct session_cap d = open_here(name, FILE_DIRECTORY);
        is(make(d, "inner", DIRECTORY), OK);
        shut(d);
    }
}

static enum err_code due(enum kind from, enum kind to, uint32_t flags) {
    if (from == NONE)
        return ERR_NOT_FOUND;
    if (to == NONE)
        return ERR_OK;
    if (flags & FILE_NO_REPLACE)
        return ERR_EXISTS;
    if ((from == A_FILE) != (to == A_FILE))
        return from == A_FILE ? ERR_IS_DIRECTORY : ERR_NOT_DIRECTORY;
    return to == FULL ? ERR_NOT_EMPTY : ERR_OK;
}

static void one_to_other(const char *to_name, enum kind from, enum kind to, uint32_t flags) {
    struct file_stat st = {0};
    suite_round("kinds", from, to);
    is(make(here, "d", DIRECTORY), OK);
    put("from", from);
    put(to_name, to);
    uint64_t id = from == NONE ? 0 : stat_of(here, "from").id;
    uint64_t id_to = to == NONE ? 0 : stat_of(here, to_name).id;
    enum err_code e = due(from, to, flags);
    is_code(rename_name(here, "from", to_name, flags), e);
    expect(exists("from") == (from != NONE && e != ERR_OK));
    if (from != NONE && e == ERR_OK)
        expect(stat_of(here, to_name).id == id);
    else if (to != NONE)
        expect(stat_of(here, to_name).id == id_to);
    else
        is(stat_name(here, to_name, 0, &st), NOT_FOUND);
    if (from == A_FILE && e == ERR_OK)
        expect(file_is(to_name, "old"));
    if (from == FULL && e == ERR_OK) {
        struct session_cap d = open_here(to_name, FILE_DIRECTORY);
        is(stat_name(d, "inner/..", 0, &st), OK);
        expect(st.id == id);
        shut(d);
    }
    empty(here);
}

static void kinds(void) {
    for (enum kind from = NONE; from < KINDS; from++)
        for (enum kind to = NONE; to < KINDS; to++) {
            one_to_other("to", from, to, 0);
            one_to_other("d/to", from, to, 0);
            one_to_other("to", from, to, FILE_NO_REPLACE);
        }
}

static void into_itself(void) {
    is(make(here, "a", DIRECTORY), OK);
    is(make(here, "a/b", DIRECTORY), OK);
    is(make(here, "a/b/c", DIRECTORY), OK);
    is(rename_name(here, "a", "a/x", 0), BAD_ARGUMENT);
    is(rename_name(here, "a", "a/b/x", 0), BAD_ARGUMENT);
    is(rename_name(here, "a", "a/b", 0), BAD_ARGUMENT);
    is(rename_name(here, "a", "a/b/c", 0), BAD_ARGUMENT);
    is(rename_name(here, "a/b", "a/b/c/x", 0), BAD_ARGUMENT);
    is(rename_name(here, "a/b", "a/./b/../b/x", 0), BAD_ARGUMENT);
    is(rename_name(here, "a/b/c", "a", 0), NOT_EMPTY);
    is(rename_name(here, "a/b/c", "a/b", 0), NOT_EMPTY);
    is(rename_name(here, "a/b", "a", 0), NOT_EMPTY);
    is(rename_name(here, "a/b/c", "ab", 0), OK); /* begins alike, but is not below */
    is(rename_name(here, "ab", "a/b/c", 0), OK);
    expect(exists("a/b/c"));
}

static void the_same(void) {
    file_with("f", "text");
    is(make(here, "d", DIRECTORY), OK);
    file_with("d/x", "");
    is(rename_name(here, "f", "f", 0), OK);
    is(rename_name(here, "f", "./d/../f", 0), OK);
    is(rename_name(here, "d", "d", 0), OK);
    is(rename_name(here, "d/", "d", 0), OK);
    is(rename_name(here, "f", "f", FILE_NO_REPLACE), EXISTS);
    expect(file_is("f", "text") && exists("d/x"));
    if (!(suite->features & HAS_LINKS))
        return;
    is(link_name(here, "f", "g", 0), OK); /* two names of one file: nothing happens */
    is(rename_name(here, "f", "g", 0), OK);
    expect(exists("f") && exists("g") && stat_of(here, "f").links == 2);
    is(rename_name(here, "f", "g", FILE_NO_REPLACE), EXISTS);
    is(rename_name(here, "f", "h", 0), OK);
    expect(!exists("f") && stat_of(here, "h").links == 2);
}

static void slashes(void) {
    file_with("f", "text");
    is(make(here, "d", DIRECTORY), OK);
    is(rename_name(here, "f", "g/", 0), NOT_DIRECTORY);
    is(rename_name(here, "f/", "g", 0), NOT_DIRECTORY);
    is(rename_name(here, "f", "f/", 0), NOT_DIRECTORY);
    is(rename_name(here, "d/", "e/", 0), OK);
    is(rename_name(here, "e", "d//", 0), OK);
    is(rename_name(here, "f", "none/x", 0), NOT_FOUND);
    is(rename_name(here, "f", "f/x", 0), NOT_DIRECTORY);
    is(rename_name(here, "d", "f/x", 0), NOT_DIRECTORY);
    is(rename_name(here, "none/x", "y", 0), NOT_FOUND);
    expect(file_is("f", "text") && exists("d") && !exists("e"));
}

/* What is replaced lives on for whoever has it open, and its count goes down. */
static void replaced(void) {
    file_with("a", "new");
    file_with("b", "old");
    struct session_cap s = open_here("b", FILE_FOR_READ), t = open_here("a", FILE_FOR_READ);
    is(rename_name(here, "a", "b", 0), OK);
    expect(file_is("b", "new") && !exists("a"));
    if (suite->features & HAS_UNLINKED)
        expect(read_is(s, 0, "old", 3) && stat_of(s, "").links == 0);
    expect(read_is(t, 0, "new", 3) && stat_of(t, "").links == 1);
    shut(s);
    shut(t);
    if (!(suite->features & HAS_LINKS))
        return;
    file_with("a", "third");
    is(link_name(here, "b", "c", 0), OK);
    is(rename_name(here, "a", "b", 0), OK);
    expect(stat_of(here, "c").links == 1 && file_is("c", "new") && file_is("b", "third"));
}

/* A session on a directory that moves: what is below it stays, and nothing is above it. */
static void directory_moves(void) {
    struct file_stat st;
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "e", DIRECTORY), OK);
    is(make(here, "d/in", DIRECTORY), OK);
    file_with("d/in/f", "text");
    struct session_cap d = open_here("d/in", FILE_DIRECTORY);
    is(rename_name(here, "d/in", "e/out", 0), OK);
    is(stat_name(d, "f", 0, &st), OK);
    expect(stat_of(here, "e/out/..").id == stat_of(here, "e").id);
    is(open_close(d, "g", FILE_CREATE | FILE_FOR_WRITE), OK);
    expect(exists("e/out/g") && !exists("d/in"));
    is(rename_name(here, "e", "d/e", 0), OK);
    expect(exists("d/e/out/g"));
    is(stat_name(here, "d/e/out/../../..", 0, &st), OK);
    expect(st.id == stat_of(here, "").id);
    is(rename_name(here, "d", "d/e/out/d", 0), BAD_ARGUMENT);
    is(remove_name(here, "d/e/out/f", 0), OK);
    is(remove_name(here, "d/e/out/g", 0), OK);
    is(remove_name(here, "d/e/out", FILE_DIRECTORY), OK);
    is(rename_name(d, "none", "x", 0), NOT_FOUND);
    shut(d);
}

static void to_and_fro(void) {
    is(make(here, "d", DIRECTORY), OK);
    file_with("f", "text");
    uint64_t id = stat_of(here, "f").id;
    for (unsigned i = 0; i < 200; i++) {
        is(rename_name(here, i % 2 ? "d/g" : "f", i % 2 ? "f" : "d/g", 0), OK);
        is(rename_name(here, "d", "e", 0), OK);
        is(rename_name(here, "e", "d", 0), OK);
    }
    expect(stat_of(here, "f").id == id && file_is("f", "text"));
    expect(stat_of(here, "f").links == 1);
}

const struct suite_case suite_rename[] = {
    {"rename: each kind over each", kinds, HAS_CHANGES | HAS_RENAME},
    {"rename: into its own subtree", into_itself, HAS_CHANGES | HAS_RENAME},
    {"rename: the same file", the_same, HAS_CHANGES | HAS_RENAME},
    {"rename: slashes and missing parts", slashes, HAS_CHANGES | HAS_RENAME},
    {"rename: what is replaced", replaced, HAS_CHANGES | HAS_RENAME},
    {"rename: a directory with a session", directory_moves, HAS_CHANGES | HAS_RENAME},
    {"rename: to and fro", to_and_fro, HAS_CHANGES | HAS_RENAME},
    {0},
};
