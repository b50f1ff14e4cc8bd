/* SPDX-License-Identifier: MIT */
/* Symbolic links: where a server stops, and what names the link itself. */
#include <string.h>

#include "tests/file/suite.h"

static void where(void) {
    static const struct {
        const char *name;
        uint32_t flags;
        size_t used; /* 0: the link itself is meant */
    } c[] = {
        {"l", 0, 1},
        {"l", FILE_NO_FOLLOW, 0},
        {"l/", 0, 1},
        {"l/", FILE_NO_FOLLOW, 1},
        {"l/x", 0, 1},
        {"l//x", FILE_NO_FOLLOW, 1},
        {"d/m", 0, 3},
        {"d/m/x/y", FILE_NO_FOLLOW, 3},
        {"d//m", 0, 4},
        {"l/..", 0, 1},
        {"l/.", 0, 1},
        {"d/../l", 0, 6},
        {"d/m", FILE_NO_FOLLOW, 0},
    };
    struct file_stat st;
    is(make(here, "d", DIRECTORY), OK);
    is(make_symlink(here, "l", "d"), OK);
    is(make_symlink(here, "d/m", "nowhere"), OK);
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        suite_round("name", i, 0);
        if (c[i].used)
            is(stat_name(here, c[i].name, c[i].flags, &st), SYMLINK);
        else
            is(stat_name(here, c[i].name, c[i].flags, &st), OK);
        expect(found.used == c[i].used);
        expect(c[i].used || (st.mode & FILE_TYPE) == FILE_TYPE_SYMLINK);
    }
    is(open_close(here, "l", FILE_FOR_READ), SYMLINK);
    expect(found.used == 1);
    is(open_close(here, "l", FILE_FOR_READ | FILE_NO_FOLLOW), SYMLINK);
    expect(found.used == 1);
    is(open_close(here, "l", FILE_NO_FOLLOW), OK);
    is(open_close(here, "l", FILE_NO_FOLLOW | FILE_DIRECTORY), NOT_DIRECTORY);
}

static void text(void) {
    char text[FILE_PATH_MAX + 1], got[FILE_PATH_MAX + 1];
    size_t length = 0;
    struct file_name l = {.path = text_of("l")};
    memset(text, 't', FILE_PATH_MAX);
    text[FILE_PATH_MAX] = 0;
    is(make_symlink(here, "l", text), OK);
    expect(stat_of(here, "l").size == FILE_PATH_MAX);
    is(file_read_link(here, &l, got, sizeof got, &length, &found), OK);
    expect(length == FILE_PATH_MAX && !memcmp(got, text, length));
    memset(got, 0, sizeof got);
    is(file_read_link(here, &l, got, 50, &length, &found), OK);
    expect(length == FILE_PATH_MAX && !memcmp(got, text, 50) && !got[50]);
    is(file_read_link(here, &l, got, 3, &length, &found), OK);
    expect(length == FILE_PATH_MAX);
    is(file_read_link(here, &l, got, 0, &length, &found), OK);
    expect(length == FILE_PATH_MAX);
    is(make_symlink(here, "one", "/"), OK);
    l.path = text_of("one");
    is(file_read_link(here, &l, got, sizeof got, &length, &found), OK);
    expect(length == 1 && got[0] == '/');
    is(make_symlink(here, "none", ""), NOT_FOUND);
}

static void not_links(void) {
    char got[64];
    size_t length;
    struct file_name n = {.path = text_of("f")};
    file_with("f", "text");
    is(make(here, "d", DIRECTORY), OK);
    is(file_read_link(here, &n, got, sizeof got, &length, &found), BAD_ARGUMENT);
    n.path = text_of("d");
    is(file_read_link(here, &n, got, sizeof got, &length, &found), BAD_ARGUMENT);
    n.path = text_of("");
    is(file_read_link(here, &n, got, sizeof got, &length, &found), BAD_ARGUMENT);
    n.path = text_of("none");
    is(file_read_link(here, &n, got, sizeof got, &length, &found), NOT_FOUND);
}

/* What makes, removes and renames a name means the link. */
static void link_itself(void) {
    file_with("f", "text");
    is(make_symlink(here, "l", "f"), OK);
    is(make_symlink(here, "dangling", "none"), OK);
    is(make(here, "l", DIRECTORY), EXISTS);
    is(make_symlink(here, "dangling", "x"), EXISTS);
    is(open_close(here, "dangling", FILE_CREATE | FILE_FOR_WRITE), SYMLINK);
    is(open_close(here, "dangling", FILE_CREATE | FILE_EXCLUSIVE | FILE_FOR_WRITE), EXISTS);
    is(open_close(here, "l", FILE_CREATE | FILE_EXCLUSIVE), EXISTS);
    is(set_name(here, "l", 0, (struct file_set){.fields = FILE_SET_USER, .user = 5}), SYMLINK);
    is(set_name(here, "l", FILE_NO_FOLLOW, (struct file_set){.fields = FILE_SET_SIZE}),
       BAD_ARGUMENT);
    is(remove_name(here, "l", FILE_DIRECTORY), NOT_DIRECTORY);
    is(remove_name(here, "l", 0), OK);
    is(remove_name(here, "dangling", 0), OK);
    expect(file_is("f", "text") && !exists("l") && !exists("dangling"));
}

static void renamed(void) {
    file_with("f", "text");
    is(make(here, "d", DIRECTORY), OK);
    is(make_symlink(here, "l", "d"), OK);
    uint64_t id = stat_of(here, "l").id;
    is(rename_name(here, "l", "m", 0), OK);
    expect(stat_of(here, "m").id == id && !exists("l"));
    is(rename_name(here, "f", "m/x", 0), SYMLINK);
    expect(found.used == 1 + 1);
    is(rename_name(here, "m/x", "y", 0), SYMLINK);
    expect(found.used == 1);
    is(rename_name(here, "f", "m", 0), OK); /* over the link, not what it leads to */
    expect(file_is("m", "text") && exists("d") && !exists("f"));
}

static void linked(void) {
    file_with("f", "text");
    is(make_symlink(here, "l", "f"), OK);
    is(link_name(here, "l", "new", 0), SYMLINK);
    expect(found.used == 1);
    is(link_name(here, "l", "new", FILE_NO_FOLLOW), OK);
    struct file_stat st = stat_of(here, "new");
    expect((st.mode & FILE_TYPE) == FILE_TYPE_SYMLINK && st.links == 2);
    is(link_name(here, "f", "l", 0), EXISTS);
    is(link_name(here, "f", "l/x", 0), SYMLINK);
    expect(found.used == 1 + 1);
}

const struct suite_case suite_symlinks[] = {
    {"symbolic links: where they are answered", where, HAS_CHANGES | HAS_SYMLINKS},
    {"symbolic links: the text", text, HAS_CHANGES | HAS_SYMLINKS},
    {"symbolic links: the text of something else", not_links, HAS_CHANGES},
    {"symbolic links: operations on the link", link_itself, HAS_CHANGES | HAS_SYMLINKS},
    {"symbolic links: renamed and on the way", renamed, HAS_CHANGES | HAS_SYMLINKS | HAS_RENAME},
    {"symbolic links: linked", linked, HAS_CHANGES | HAS_SYMLINKS | HAS_LINKS},
    {0},
};
