/* SPDX-License-Identifier: MIT */
/* How names are read: components, dots, slashes, lengths, and what is said of a failure. */
#include <string.h>

#include "tests/file/suite.h"

static void dots_and_slashes(void) {
    static const char *const directory[] = {"d",        "d/",     "d//",      "./d",
                                            ".//./d/.", "d/e/..", "d/e/../.", "d/./e/../../d",
                                            "/d",       "///d///"};
    static const char *const same[] = {"", ".", "./", "/", "//", "././.", "d/..", "d/e/../.."};
    uint64_t d, self = stat_of(here, "").id;
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "d/e", DIRECTORY), OK);
    file_with("d/f", "text");
    d = stat_of(here, "d").id;
    for (unsigned i = 0; i < sizeof directory / sizeof directory[0]; i++) {
        suite_round("name", i, 0);
        expect(stat_of(here, directory[i]).id == d);
    }
    for (unsigned i = 0; i < sizeof same / sizeof same[0]; i++) {
        suite_round("own name", i, 0);
        expect(stat_of(here, same[i]).id == self);
    }
    expect(file_is("d//f", "text") && file_is("d/e/../f", "text") && file_is(".///d/./f", "text"));
}

static void not_directories(void) {
    static const char *const name[] = {"f/", "f//", "f/.", "f/..", "f/x", "f/../f", "f/./x/y"};
    struct file_stat st;
    file_with("f", "");
    for (unsigned i = 0; i < sizeof name / sizeof name[0]; i++) {
        suite_round("name", i, 0);
        is(stat_name(here, name[i], 0, &st), NOT_DIRECTORY);
        is(open_close(here, name[i], FILE_FOR_READ), NOT_DIRECTORY);
        is(open_close(here, name[i], FILE_FOR_WRITE | FILE_CREATE), NOT_DIRECTORY);
        is(make(here, name[i], DIRECTORY), NOT_DIRECTORY);
        is(remove_name(here, name[i], 0), NOT_DIRECTORY);
        is(set_name(here, name[i], 0, (struct file_set){0}), NOT_DIRECTORY);
    }
}

static void not_found(void) {
    static const struct {
        const char *name;
        size_t used;
    } c[] = {{"x", 1},      {"x/", 1},  {"x/y", 1},  {"x//y/z", 1}, {"d/x", 3},    {"d//xy", 5},
             {"d/xy/z", 4}, {"x/.", 1}, {"x/..", 1}, {"x/../d", 1}, {"./d/./x", 7}};
    struct file_stat st;
    is(make(here, "d", DIRECTORY), OK);
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        suite_round("name", i, 0);
        is(stat_name(here, c[i].name, 0, &st), NOT_FOUND);
        expect(found.used == c[i].used);
        is(open_close(here, c[i].name, FILE_FOR_READ), NOT_FOUND);
        expect(found.used == c[i].used);
        is(remove_name(here, c[i].name, 0), NOT_FOUND);
        expect(found.used == c[i].used);
        is(set_name(here, c[i].name, 0, (struct file_set){0}), NOT_FOUND);
        expect(found.used == c[i].used);
        is(rename_name(here, c[i].name, "new", 0), NOT_FOUND);
        expect(found.used == c[i].used);
    }
    is(open_close(here, "x/y", FILE_CREATE | FILE_FOR_WRITE), NOT_FOUND);
    is(make(here, "x/y", DIRECTORY), NOT_FOUND);
    is(make(here, "x/.", DIRECTORY), NOT_FOUND);
    is(make(here, "x/", FILE_TYPE_FIFO | 0600), NOT_FOUND);
    is(open_close(here, "", 0), OK);
}

static void second_name_used(void) {
    is(make(here, "from", DIRECTORY), OK);
    is(rename_name(here, "from", "x/y", 0), NOT_FOUND);
    expect(found.used == 4 + 1);
    is(rename_name(here, "none", "x/y", 0), NOT_FOUND);
    expect(found.used == 4 || found.used == 4 + 1);
    is(rename_name(here, "none", "new", 0), NOT_FOUND);
    expect(found.used == 4);
    is(rename_name(here, "from", "../y", 0), ABOVE_ROOT);
    expect(found.used == 4 + 2);
}

static void above_root(void) {
    static const struct {
        const char *name;
        size_t used;
    } c[] = {{"..", 2},  {"../", 2},     {"../d", 2},      {"./..", 4},
             {"/..", 3}, {"d/../..", 7}, {"d/../../d", 7}, {"d/../d/../../x", 12}};
    struct file_stat st;
    is(make(here, "d", DIRECTORY), OK);
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        suite_round("name", i, 0);
        is(stat_name(here, c[i].name, 0, &st), ABOVE_ROOT);
        expect(found.used == c[i].used);
        is(open_close(here, c[i].name, FILE_FOR_READ), ABOVE_ROOT);
        is(make(here, c[i].name, DIRECTORY), ABOVE_ROOT);
        expect(found.used == c[i].used);
        is(remove_name(here, c[i].name, FILE_DIRECTORY), ABOVE_ROOT);
        is(rename_name(here, c[i].name, "x", 0), ABOVE_ROOT);
        is(rename_name(here, "d", c[i].name, 0), ABOVE_ROOT);
    }
}

/* A directory that was opened is the end of the way up for its session. */
static void never_above(void) {
    struct file_stat st;
    is(make(here, "d", DIRECTORY), OK);
    is(make(here, "d/e", DIRECTORY), OK);
    struct session_cap d = open_here("d", FILE_DIRECTORY), e = open_at(d, "e", FILE_DIRECTORY);
    is(stat_name(d, "..", 0, &st), ABOVE_ROOT);
    is(stat_name(d, "e/../..", 0, &st), ABOVE_ROOT);
    is(stat_name(d, "e/..", 0, &st), OK);
    is(stat_name(e, "..", 0, &st), ABOVE_ROOT);
    expect(found.used == 2);
    shut(d);
    shut(e);
}

static void lengths(void) {
    char name[FILE_NAME_MAX + 4] = "";
    struct file_stat st;
    memset(name, 'n', FILE_NAME_MAX);
    file_with(name, "long");
    expect(file_is(name, "long"));
    name[FILE_NAME_MAX - 1] = 'm';
    is(stat_name(here, name, 0, &st), NOT_FOUND);
    name[FILE_NAME_MAX] = 'n'; /* one too many */
    is(stat_name(here, name, 0, &st), NAME_TOO_LONG);
    is(open_close(here, name, FILE_CREATE | FILE_FOR_WRITE), NAME_TOO_LONG);
    is(make(here, name, DIRECTORY), NAME_TOO_LONG);
    is(remove_name(here, name, 0), NAME_TOO_LONG);
    is(rename_name(here, name, "x", 0), NAME_TOO_LONG);
    is(make(here, "d", DIRECTORY), OK);
    is(rename_name(here, "d", name, 0), NAME_TOO_LONG);
    strcpy(name + FILE_NAME_MAX + 1, "/x");
    is(stat_name(here, name, 0, &st), NAME_TOO_LONG);
}

/* A name of `length` bytes that leads to the file f. */
static const char *padded(size_t length) {
    static char name[FILE_PATH_MAX + 2];
    memset(name, '/', length);
    for (size_t at = 0; at + 1 < length; at += 2)
        name[at] = '.';
    name[length - 1] = 'f';
    name[length] = 0;
    if (length % 2 == 0)
        name[length - 2] = '/';
    return name;
}

static void path_lengths(void) {
    struct file_stat st;
    file_with("f", "far");
    expect(file_is(padded(4000), "far"));
    is(stat_name(here, padded(FILE_PATH_MAX), 0, &st), OK);
    is(stat_name(here, padded(FILE_PATH_MAX - 1), 0, &st), OK);
    is(stat_name(here, padded(FILE_PATH_MAX + 1), 0, &st), NAME_TOO_LONG);
    struct file_call c = {.op = FILE_OPEN,
                          .word = {FILE_FOR_READ, FILE_PATH_MAX + 1},
                          .data = {padded(FILE_PATH_MAX + 1), FILE_PATH_MAX + 1}};
    is(file_call(here, &c), NAME_TOO_LONG); /* the client does not look */
}

/* More than 100 levels, then back up in one name. */
static void depth(void) {
    static char name[FILE_PATH_MAX];
    uint64_t self = stat_of(here, "").id;
    size_t at = 0;
    for (unsigned i = 0; i < 200; i++) {
        strcpy(name + at, "deep/");
        at += 5;
        is(make(here, name, DIRECTORY), OK);
    }
    for (unsigned i = 0; i < 200; i++)
        strcpy(name + at + 3 * i, "../");
    expect(stat_of(here, name).id == self);
    strcpy(name + at + 600, "..");
    struct file_stat st;
    is(stat_name(here, name, 0, &st), ABOVE_ROOT);
    expect(found.used == at + 602);
}

static void nul(void) {
    struct file_stat st;
    struct file_name n = {.path = {"a\0b", 3}, .mode = DIRECTORY};
    struct session_cap out;
    is(make(here, "a", DIRECTORY), OK);
    is(file_stat(here, &n, &st, &found), BAD_ARGUMENT);
    is(file_make(here, &n, (struct text){0}, &found), BAD_ARGUMENT);
    is(file_remove(here, &n, &found), BAD_ARGUMENT);
    is(file_rename(here, &n, text_of("c"), &found), BAD_ARGUMENT);
    n.flags = FILE_CREATE | FILE_FOR_WRITE;
    is(file_open(here, &n, &out, &found), BAD_ARGUMENT);
    n.path = text_of("a");
    is(file_rename(here, &n, (struct text){"b\0", 2}, &found), BAD_ARGUMENT);
    n.path = (struct text){"a/\0", 3};
    is(file_stat(here, &n, &st, &found), BAD_ARGUMENT);
}

static void all_bytes(void) {
    char name[4] = "x?y";
    for (unsigned byte = 1; byte < 256; byte++) {
        name[1] = (char)byte;
        if (byte == '/')
            continue;
        suite_round("byte", byte, 0);
        is(open_close(here, name, FILE_CREATE | FILE_EXCLUSIVE | FILE_FOR_WRITE), OK);
        char alone[2] = {(char)byte, 0};
        if (byte != '.')
            is(open_close(here, alone, FILE_CREATE | FILE_EXCLUSIVE | FILE_FOR_WRITE), OK);
    }
    is(make(here, "...", DIRECTORY), OK);
    is(make(here, ".a", DIRECTORY), OK);
    is(make(here, "..a", DIRECTORY), OK);
    is(make(here, "a.", DIRECTORY), OK);
    expect(exists("...") && !exists("...."));
}

/* Names that the window does not hold. */
static void short_windows(void) {
    file_with("file", "");
    for (enum file_op op = FILE_OPEN; op <= FILE_NAMES_END; op++) {
        struct file_stat st;
        struct file_call c = {
            .op = op, .word = {0, 5}, .data = {"file", 4}, .to = &st, .size = sizeof st};
        suite_round("operation", op, 0);
        is(file_call(here, &c), BAD_WINDOW);
        c = (struct file_call){
            .op = op, .word = {0, 4 | 1 << 16}, .data = {"file", 4}, .to = &st, .size = sizeof st};
        is(file_call(here, &c), BAD_WINDOW);
        c = (struct file_call){.op = op, .word = {0, 1}, .to = &st, .size = sizeof st};
        is(file_call(here, &c), BAD_WINDOW);
    }
    expect(exists("file"));
}

/* The mount and, after a failure, the branch come back with every answer. */
static void echoes(void) {
    static const char *const name[] = {"file", "none", "..", "file/x", "link", "d"};
    const uint64_t mount = 0x123456789abcdef0;
    file_with("file", "");
    is(make(here, "d", DIRECTORY), OK);
    if (suite->features & HAS_SYMLINKS)
        is(make_symlink(here, "link", "file"), OK);
    for (enum file_op op = FILE_OPEN; op <= FILE_NAMES_END; op++)
        for (unsigned i = 0; i < sizeof name / sizeof name[0]; i++) {
            struct file_stat st;
            struct file_call c = {.op = op,
                                  .word = {0, strlen(name[i]) | 77ull << 32, [5] = mount},
                                  .accept = op == FILE_OPEN,
                                  .data = text_of(name[i]),
                                  .to = &st,
                                  .size = sizeof st};
            suite_round("operation and name", op, i);
            err_t e = file_call(here, &c);
            expect(c.word[5] == mount);
            if (err_is(e, ERR_NOT_FOUND) || err_is(e, ERR_ABOVE_ROOT) || err_is(e, ERR_SYMLINK))
                expect(c.word[4] == 77);
            shut(c.opened[0]);
        }
    struct file_call c = {.op = FILE_STAT, .word = {0, 9, [5] = mount}, .data = {"f", 1}};
    is(file_call(here, &c), BAD_WINDOW);
    expect(c.word[5] == mount);
}

const struct suite_case suite_names[] = {
    {"names: dots and slashes", dots_and_slashes, HAS_CHANGES},
    {"names: through what is no directory", not_directories, HAS_CHANGES},
    {"names: of nothing", not_found, HAS_CHANGES},
    {"names: how much of the second was used", second_name_used, HAS_CHANGES | HAS_RENAME},
    {"names: above the root", above_root, HAS_CHANGES},
    {"names: above an opened directory", never_above, HAS_CHANGES},
    {"names: of 255 and 256 bytes", lengths, HAS_CHANGES},
    {"names: of 4,095 and 4,096 bytes", path_lengths, HAS_CHANGES},
    {"names: deep", depth, HAS_CHANGES},
    {"names: with NUL", nul, HAS_CHANGES},
    {"names: of any bytes", all_bytes, HAS_CHANGES | HAS_ANY_NAME},
    {"names: longer than their window", short_windows, HAS_CHANGES},
    {"names: mount and branch come back", echoes, HAS_CHANGES},
    {0},
};
