/* SPDX-License-Identifier: MIT */
/* SOURCES: services/bootfs/archive.c services/bootfs/tree.c tests/file/newc.c */
/* What bootfs takes for an archive, and what it refuses. */
#include <stdlib.h>
#include <string.h>

#include "services/bootfs/archive.h"
#include "services/bootfs/tree.h"
#include "tap.h"
#include "tests/file/newc.h"

#define DIRECTORY (FILE_TYPE_DIRECTORY | 0755)
#define REGULAR   (FILE_TYPE_REGULAR | 0644)
#define ROOM      (8u << 20)

static char room[ROOM];
static struct newc archive;
static struct tree tree;
static size_t problem_at;
static const struct node_ops no_ops;

static void begin(void) {
    tree_free(&tree);
    archive = (struct newc){.at = room, .size = sizeof room};
}

static void add_mode(const char *name, uint32_t mode, const char *data) {
    newc_add(&archive,
             &(struct newc_member){
                 .name = name, .mode = mode, .data = data, .length = strlen(data), .links = 1});
}

static void add(const char *name, const char *data) {
    add_mode(name, REGULAR, data);
}

static void add_directory(const char *name) {
    add_mode(name, DIRECTORY, "");
}

static char *exact;

/* The tree of `length` bytes in memory of just that size, or what is wrong with it. */
static const char *build_part(size_t length) {
    tree_free(&tree);
    free(exact);
    exact = malloc(length ? length : 1);
    memcpy(exact, archive.at, length);
    return tree_build((struct text){exact, length}, &no_ops, &tree, &problem_at);
}

static const char *build(void) {
    newc_end(&archive);
    check(!archive.full);
    return build_part(archive.length);
}

static bool refused(const char *why) {
    const char *problem = build();
    if (!problem || strcmp(problem, why))
        printf("# %s, instead of: %s\n", problem ? problem : "taken", why);
    return problem && !strcmp(problem, why);
}

static struct entry *look(struct entry *from, const char *name) {
    return tree_find(from, text_of(name));
}

static void test_tree(void) {
    begin();
    add("b", "beta");
    add_directory("a.d");
    add_directory("a");
    add("a/y", "");
    add("a.d/x", "x");
    add("./a/x", "inner");
    add_mode("l", FILE_TYPE_SYMLINK | 0777, "a/x");
    check(!build() && tree.count == 8);
    struct entry *a = look(tree.root, "a"), *d = look(tree.root, "a.d");
    check(a && d && a->span == 3 && d->span == 2 && tree.root->span == 8);
    check(look(a, "x") && look(a, "x")->data.length == 5);
    check(look(d, "x") && look(d, "x")->data.length == 1);
    check(!look(a, "b") && !look(tree.root, "x") && !look(tree.root, "") && !look(a, ""));
    check(!look(look(a, "x"), "x"));
    check(look(tree.root, "l")->node.mode == (FILE_TYPE_SYMLINK | 0777));
    check(tree.root->directories == 2 && !tree.root->parent && a->parent == tree.root);
    check(tree_child(a, 0) == look(a, "x") && tree_child(a, 2) == look(a, "y"));
    check(!tree_child(a, 3) && !tree_child(a, UINT64_MAX));
    check(tree_child(tree.root, 2) == d); /* what is below `a` is none of its own */
    tap_test("archive: a tree out of order");
}

/* More NULs than one behind a name: what follows is aligned as it wants to be. */
static void test_aligned(void) {
    struct newc_member m = {
        .name = "a", .mode = FILE_TYPE_REGULAR | 0644, .data = "text", .length = 4, .links = 1};
    begin();
    for (m.align = 4; m.align <= 4096; m.align *= 4) {
        newc_add(&archive, &m);
        check(!build());
        const struct entry *e = look(tree.root, "a");
        check(e && e->path.length == 1 && (size_t)(e->data.at - exact) % m.align == 0);
        check(e && e->data.length == 4 && !memcmp(e->data.at, "text", 4));
        begin();
    }
    m.align = 64;
    newc_add(&archive, &m);
    archive.at[112] = 'x';
    check(refused("a name that does not end where it should"));
    tap_test("archive: aligned contents");
}

static void test_root(void) {
    begin();
    check(!build() && tree.count == 1 && tree.root->node.mode == DIRECTORY);
    begin();
    newc_add(&archive, &(struct newc_member){.name = ".",
                                             .mode = FILE_TYPE_DIRECTORY | 0700,
                                             .data = "",
                                             .links = 2,
                                             .user = 3,
                                             .group = 4,
                                             .seconds = 5});
    check(!build() && tree.count == 1 && tree.root->node.mode == (FILE_TYPE_DIRECTORY | 0700));
    check(tree.root->node.user == 3 && tree.root->node.group == 4 && tree.root->seconds == 5);
    begin();
    add_directory(".");
    add_directory("./");
    check(refused("two members of one name"));
    begin();
    add(".", "");
    check(refused("a root that is no directory"));
    tap_test("archive: the root");
}

static void test_names(void) {
    static const struct {
        const char *name, *why;
    } c[] = {
        {"/a", "an empty part in its name"},
        {"a//b", "an empty part in its name"},
        {"a/", "a `/' at the end of its name"},
        {"..", "`.' or `..' in its name"},
        {"../a", "`.' or `..' in its name"},
        {"a/../b", "`.' or `..' in its name"},
        {"a/./b", "`.' or `..' in its name"},
        {"././a", "`.' or `..' in its name"},
        {".//a", "an empty part in its name"},
        {"a/b", "a member without its directory"},
        {"b/c/d", "a member without its directory"},
        {"f/x", "a member below one that is no directory"},
        {"f", "two members of one name"},
        {"./f", "two members of one name"},
    };
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        begin();
        add_directory("b");
        add("f", "");
        add(c[i].name, "");
        check(refused(c[i].why));
        check(problem_at > 0 && problem_at < archive.length);
    }
    tap_test("archive: names");
}

static void test_long_names(void) {
    char name[FILE_PATH_MAX + 2];
    memset(name, 'n', sizeof name);
    name[FILE_NAME_MAX] = 0;
    begin();
    add(name, "");
    check(!build() && look(tree.root, name));
    begin();
    name[FILE_NAME_MAX] = 'n';
    name[FILE_NAME_MAX + 1] = 0;
    add(name, "");
    check(refused("a part of its name is longer than 255 bytes"));
    begin();
    name[FILE_NAME_MAX + 1] = 'n';
    name[FILE_PATH_MAX + 1] = 0;
    add(name, "");
    check(refused("a name of no bytes or too many"));
    begin();
    add("", "");
    check(refused("a name of no bytes or too many"));
    tap_test("archive: long names");
}

/* A deep tree is built and searched without recursion. */
static void test_deep(void) {
    char name[FILE_PATH_MAX + 1];
    begin();
    for (size_t n = 1; n < 2000; n += 2) {
        memset(name, 'd', sizeof name);
        for (size_t i = 1; i < n; i += 2)
            name[i] = '/';
        name[n] = 0;
        add_directory(name);
    }
    check(!build() && tree.count == 1001);
    struct entry *e = tree.root;
    for (unsigned i = 0; e && i < 1000; i++)
        e = look(e, "d");
    check(e && e->span == 1);
    tap_test("archive: a deep tree");
}

static void test_types(void) {
    static const struct {
        uint32_t mode;
        const char *data, *why;
    } c[] = {
        {FILE_TYPE_FIFO | 0644, "", "neither a file nor a directory nor a symbolic link"},
        {FILE_TYPE_SOCKET | 0644, "", "neither a file nor a directory nor a symbolic link"},
        {FILE_TYPE_BLOCK | 0644, "", "neither a file nor a directory nor a symbolic link"},
        {FILE_TYPE_CHARACTER | 0644, "", "neither a file nor a directory nor a symbolic link"},
        {0644, "", "neither a file nor a directory nor a symbolic link"},
        {REGULAR | 0200000, "", "unknown bits in its mode"},
        {DIRECTORY, "x", "a directory with contents"},
        {FILE_TYPE_SYMLINK, "", "a symbolic link whose text is empty or too long"},
    };
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        begin();
        add_mode("m", c[i].mode, c[i].data);
        check(refused(c[i].why));
    }
    begin();
    newc_add(&archive, &(struct newc_member){.name = "f", .mode = REGULAR, .data = "", .links = 2});
    check(refused("a second name of a file"));
    begin();
    newc_add(&archive,
             &(struct newc_member){
                 .name = "l", .mode = FILE_TYPE_SYMLINK, .data = "x", .length = 1, .links = 2});
    check(refused("a second name of a file"));
    begin();
    newc_add(&archive, &(struct newc_member){
                           .name = "l", .mode = FILE_TYPE_SYMLINK, .data = "a\0b", .length = 3});
    check(refused("a NUL in a symbolic link"));
    tap_test("archive: types");
}

/* Every field with characters that are no digits, and with numbers that lead out. */
static void test_numbers(void) {
    for (unsigned field = 0; field < 13; field++)
        for (unsigned digit = 0; digit < 8; digit++) {
            begin();
            add("file", "text");
            archive.at[6 + 8 * field + digit] = 'g';
            check(refused("a number with a character that is no digit"));
            check(problem_at == 0);
        }
    begin();
    add("file", "text");
    memcpy(archive.at + 6 + 8 * 6, "fffffffF", 8);
    check(refused("contents that are cut off"));
    begin();
    add("file", "text");
    memcpy(archive.at + 6 + 8 * 11, "ffffffff", 8);
    check(refused("a name of no bytes or too many"));
    begin();
    add("file", "text");
    memcpy(archive.at + 6 + 8 * 11, "00000004", 8);
    check(refused("a name that does not end where it should"));
    begin();
    add("file", "text");
    memcpy(archive.at + 6 + 8 * 11, "00002001", 8); /* a page more than a name can have */
    check(refused("a name of no bytes or too many"));
    begin();
    add("fi", "text");
    memcpy(archive.at + 6 + 8 * 11, "00000006", 8); /* with what fills it up */
    check(!build() && look(tree.root, "fi")->data.length == 4);
    begin();
    add("file", "text");
    memcpy(archive.at + 6 + 8 * 12, "00000001", 8);
    check(refused("a check sum, which this format has not"));
    tap_test("archive: numbers");
}

/* Cut off anywhere it is refused, and nothing behind the cut is read. */
static void test_cut(void) {
    begin();
    add_directory("d");
    add("d/file", "some text");
    newc_end(&archive);
    for (size_t length = 0; length < archive.length; length++) {
        bool whole = archive.length - length < 4 && !archive.at[length];
        check(whole || build_part(length));
    }
    check(!build_part(archive.length));
    tap_test("archive: cut off");
}

static void test_end(void) {
    begin();
    add("a", "");
    newc_end(&archive);
    memset(archive.at + archive.length, 0, 512);
    archive.length += 512;
    check(!build_part(archive.length) && tree.count == 2);
    begin();
    add("a", "");
    newc_end(&archive);
    add("b", "");
    check(build_part(archive.length));
    begin();
    add("TRAILER!!!", "x");
    check(build_part(archive.length));
    tap_test("archive: the end");
}

static void test_many(void) {
    char name[32];
    for (unsigned more = 0; more < 2; more++) {
        begin();
        for (unsigned i = 0; i < TREE_MEMBERS_MAX + more; i++) {
            snprintf(name, sizeof name, "%u", i * 2654435761u);
            add(name, "");
        }
        check(more ? refused("too many members") : !build());
    }
    tap_test("archive: as many members as there may be");
}

int main(void) {
    test_tree();
    test_aligned();
    test_root();
    test_names();
    test_long_names();
    test_deep();
    test_types();
    test_numbers();
    test_cut();
    test_end();
    test_many();
    begin();
    return tap_done();
}
