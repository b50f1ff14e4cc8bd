/* SPDX-License-Identifier: MIT */
/* FILE_OPEN: every combination of flags, and what rights the opened session has. */
#include <string.h>

#include "tests/file/suite.h"

#define FLAGS_ALL 0x1ffu /* those that mean something to OPEN */

enum kind { NOTHING, A_FILE, A_DIRECTORY, A_LINK, KINDS };
static const char *const kind_name[KINDS] = {"none", "file", "directory", "link"};

static enum err_code due_for_link(uint32_t flags) {
    if (flags & FILE_EXCLUSIVE)
        return ERR_EXISTS;
    if (!(flags & FILE_NO_FOLLOW))
        return ERR_SYMLINK;
    if (flags & FILE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    return flags & (FILE_FOR_READ | FILE_FOR_WRITE) ? ERR_SYMLINK : ERR_OK;
}

static enum err_code due(uint32_t flags, enum kind kind) {
    if (flags & FILE_CREATE && flags & FILE_DIRECTORY)
        return ERR_BAD_ARGUMENT;
    if (kind == NOTHING)
        return flags & FILE_CREATE ? ERR_OK : ERR_NOT_FOUND;
    if (kind == A_LINK)
        return due_for_link(flags);
    if (flags & FILE_EXCLUSIVE)
        return ERR_EXISTS;
    if (kind == A_FILE)
        return flags & FILE_DIRECTORY ? ERR_NOT_DIRECTORY : ERR_OK;
    return flags & (FILE_FOR_WRITE | FILE_CREATE | FILE_TRUNCATE) ? ERR_IS_DIRECTORY : ERR_OK;
}

static void check_opened(struct session_cap s, uint32_t flags, enum kind kind) {
    uint32_t got = 0, kept = FILE_FOR_READ | FILE_FOR_WRITE | FILE_APPEND | FILE_NONBLOCK;
    char byte = 'n';
    size_t done = 0;
    is(file_flags(s, 0, 0, &got), OK);
    expect(got == (flags & kept));
    if (kind == A_LINK || kind == A_DIRECTORY)
        return;
    uint64_t size = kind == A_FILE && !(flags & FILE_TRUNCATE) ? 4 : 0;
    expect(stat_of(s, "").size == size && found.size == size);
    is_code(file_read(s, 0, &byte, 1, &done), flags & FILE_FOR_READ ? ERR_OK : ERR_NO_RIGHT);
    is_code(file_write(s, 0, &byte, 1, &done), flags & FILE_FOR_WRITE ? ERR_OK : ERR_NO_RIGHT);
}

static void all_flags(void) {
    bool links = suite->features & HAS_SYMLINKS;
    is(make(here, "directory", DIRECTORY), OK);
    if (links)
        is(make_symlink(here, "link", "file"), OK);
    for (uint32_t flags = 0; flags <= FLAGS_ALL; flags++)
        for (enum kind kind = NOTHING; kind < (links ? KINDS : A_LINK); kind++) {
            struct session_cap s;
            file_with("file", "text");
            suite_round("flags and kind", flags, kind);
            is_code(open_try(here, kind_name[kind], flags, &s), due(flags, kind));
            if (s.h != HANDLE_NONE)
                check_opened(s, flags, kind);
            shut(s);
            expect(exists("none") == (kind == NOTHING && due(flags, kind) == ERR_OK));
            if (kind == NOTHING)
                remove_name(here, "none", 0);
            if (kind != A_FILE || due(flags, kind) != ERR_OK)
                expect(file_is("file", "text"));
        }
}

static void created(void) {
    struct file_name n = {.path = text_of("f"),
                          .flags = FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE,
                          .mode = FILE_TYPE_DIRECTORY | 04750, /* the type is not its to say */
                          .user = 100,
                          .group = 200};
    struct session_cap s = NO_SESSION;
    is(file_open(here, &n, &s, &found), OK);
    struct file_stat st = stat_of(s, "");
    expect(found.id == st.id && found.mode == st.mode && found.size == 0);
    expect((st.mode & FILE_TYPE) == FILE_TYPE_REGULAR && st.links == 1);
    if (suite->features & HAS_MODES)
        expect(st.mode == (FILE_TYPE_REGULAR | 04750) && st.user == 100 && st.group == 200);
    shut(s);
    n.mode = 0600; /* of what is there already it changes nothing */
    n.user = n.group = 1;
    is(file_open(here, &n, &s, &found), OK);
    struct file_stat again = stat_of(s, "");
    expect(again.mode == st.mode && again.user == st.user && again.id == st.id);
    shut(s);
    is(open_close(here, "g/", FILE_CREATE | FILE_FOR_WRITE), IS_DIRECTORY);
    is(open_close(here, ".", FILE_CREATE | FILE_FOR_WRITE), IS_DIRECTORY);
    is(open_close(here, "", FILE_CREATE | FILE_FOR_WRITE), IS_DIRECTORY);
    is(open_close(here, "", FILE_CREATE | FILE_EXCLUSIVE | FILE_FOR_WRITE), EXISTS);
}

/* Opening a file's own session again: new offset, no new rights. */
static void reopened(void) {
    file_with("f", "text");
    struct session_cap r = open_here("f", FILE_FOR_READ), s;
    is(open_try(r, "", FILE_FOR_READ, &s), OK);
    expect(read_is(r, FILE_CURRENT, "te", 2) && read_is(s, FILE_CURRENT, "text", 4));
    shut(s);
    is(open_close(r, "", FILE_FOR_WRITE), NO_RIGHT);
    is(open_close(r, "", FILE_TRUNCATE), NO_RIGHT);
    is(open_close(r, "", FILE_FOR_READ | FILE_FOR_WRITE), NO_RIGHT);
    is(open_close(r, "x", FILE_FOR_READ), NO_RIGHT); /* no WALK */
    is(open_close(r, "", FILE_DIRECTORY), NOT_DIRECTORY);
    shut(r);
    expect(file_is("f", "text"));
}

/* Bits of FILE_RIGHTS by number. */
static uint32_t rights_of(unsigned n) {
    return n << 8;
}

static bool has(uint32_t rights, uint32_t wanted) {
    return (rights & wanted) == wanted;
}

static enum err_code unless(bool right, enum err_code otherwise) {
    return right ? otherwise : ERR_NO_RIGHT;
}

static void rights_of_directory(struct session_cap s, uint32_t rights) {
    struct file_stat st;
    bool walk = has(rights, FILE_RIGHT_WALK), change = has(rights, FILE_RIGHT_CHANGE);
    is(stat_name(s, "", 0, &st), OK);
    is_code(stat_name(s, "f", 0, &st), unless(walk, ERR_OK));
    is_code(make(s, "new", DIRECTORY), unless(walk && change, ERR_OK));
    if (suite->features & HAS_RENAME)
        is_code(rename_name(s, "new", "newer", 0), unless(walk && change, ERR_OK));
    if (exists("new") || exists("newer"))
        is_code(remove_name(s, exists("new") ? "new" : "newer", FILE_DIRECTORY),
                unless(walk && change, ERR_OK));
    if (suite->features & HAS_LINKS)
        is_code(link_name(s, "f", "other", 0), unless(walk && change, ERR_OK));
    if (exists("other"))
        is_code(remove_name(s, "other", 0), unless(walk && change, ERR_OK));
    is_code(open_close(s, "made", FILE_CREATE), unless(walk && change, ERR_OK));
    remove_name(here, "made", 0);
    is_code(set_name(s, "", 0, (struct file_set){.fields = FILE_SET_MODE, .mode = 0755}),
            unless(change, ERR_OK));
    is_code(set_name(s, "f", 0, (struct file_set){.fields = FILE_SET_SIZE, .size = 4}),
            unless(walk && has(rights, FILE_RIGHT_WRITE), ERR_OK));
    is_code(
        set_name(s, "f", 0, (struct file_set){.fields = FILE_SET_SIZE | FILE_SET_MODE, .size = 4}),
        unless(walk && change && has(rights, FILE_RIGHT_WRITE), ERR_OK));
    is_code(set_name(s, "f", 0, (struct file_set){0}), unless(walk && change, ERR_OK));
    is_code(open_close(s, "", FILE_FOR_READ), unless(has(rights, FILE_RIGHT_READ), ERR_OK));
}

/* What is opened with these flags through a session of these rights. */
static void rights_of_file(struct session_cap s, uint32_t rights, uint32_t flags) {
    struct session_cap f;
    char byte = 't';
    size_t done;
    bool read = flags & FILE_FOR_READ, write = flags & FILE_FOR_WRITE;
    bool may = has(rights, FILE_RIGHT_WALK) && (!read || has(rights, FILE_RIGHT_READ)) &&
               (!(flags & (FILE_FOR_WRITE | FILE_TRUNCATE)) || has(rights, FILE_RIGHT_WRITE));
    is_code(open_try(s, "f", flags, &f), unless(may, ERR_OK));
    if (f.h == HANDLE_NONE)
        return;
    is_code(file_read(f, 0, &byte, 1, &done), unless(read, ERR_OK));
    is_code(file_write(f, 0, &byte, 1, &done), unless(write, ERR_OK));
    is_code(resize(f, 4), unless(write, ERR_OK));
    is_code(open_close(f, "", FILE_FOR_READ), unless(read, ERR_OK));
    is_code(open_close(f, "", FILE_FOR_WRITE), unless(write, ERR_OK));
    is_code(set_name(f, "", 0, (struct file_set){.fields = FILE_SET_MODE, .mode = 0600}),
            unless(has(rights, FILE_RIGHT_CHANGE), ERR_OK));
    /* Fewer rights than the file was opened with. */
    struct session_cap less = narrow(f, FILE_RIGHT_READ);
    is(file_write(less, 0, &byte, 1, &done), NO_RIGHT);
    is(resize(less, 1), NO_RIGHT);
    is_code(file_read(less, 0, &byte, 1, &done), unless(read, ERR_OK));
    shut(less);
    shut(f);
}

static void rights_down(void) {
    is(make(here, "d", DIRECTORY), OK);
    for (unsigned n = 0; n < 16; n++) {
        uint32_t rights = rights_of(n);
        struct session_cap s = narrow(here, rights), d;
        suite_round("rights", rights, 0);
        file_with("f", "text");
        rights_of_directory(s, rights);
        for (uint32_t flags = 0; flags < 4; flags++) {
            suite_round("rights and flags", rights, flags);
            rights_of_file(s, rights, flags);
            rights_of_file(s, rights, flags | FILE_TRUNCATE);
        }
        if (has(rights, FILE_RIGHT_WALK)) { /* the same through a directory opened with them */
            is(open_try(s, "d/..", FILE_DIRECTORY, &d), OK);
            rights_of_directory(d, rights);
            for (uint32_t flags = 0; flags < 4; flags++)
                rights_of_file(d, rights, flags);
            shut(d);
        }
        shut(s);
    }
}

/* The account's limit, and that a place is free again after closing. */
static void open_limit(void) {
    static struct session_cap s[1 << 14];
    uint32_t count = 0, limit = suite->open_max;
    err_t e = OK;
    if (!limit)
        return;
    file_with("f", "");
    while (count < limit + 1 && count < sizeof s / sizeof s[0]) {
        e = open_try(here, "f", FILE_FOR_READ, &s[count]);
        if (!err_ok(e))
            break;
        count++;
    }
    is(e, TOO_MANY_OPEN);
    expect(count < limit && count > limit - 16); /* some are in use already */
    is(open_close(here, "new", FILE_CREATE | FILE_FOR_WRITE), TOO_MANY_OPEN);
    expect(!exists("new"));
    for (uint32_t i = 0; i < count; i += 2)
        shut(s[i]);
    for (uint32_t i = 0; i < count; i += 2)
        is(open_try(here, "f", FILE_FOR_READ, &s[i]), OK);
    is(open_close(here, "f", FILE_FOR_READ), TOO_MANY_OPEN);
    for (uint32_t i = 0; i < count; i++)
        shut(s[i]);
    is(open_close(here, "f", FILE_FOR_READ), OK);
}

const struct suite_case suite_open[] = {
    {"open: all flags", all_flags, HAS_CHANGES},
    {"open: what is created", created, HAS_CHANGES},
    {"open: a session's own file", reopened, HAS_CHANGES},
    {"open: rights", rights_down, HAS_CHANGES},
    {"open: the account's limit", open_limit, HAS_CHANGES},
    {0},
};
