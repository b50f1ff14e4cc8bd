/* SPDX-License-Identifier: MIT */
/* Names with dots, slashes and links, from the working directory, the root and a descriptor. */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static const char *const paths[] = {
    "a",
    "a/",
    "a/.",
    "a/./",
    "a/./b",
    "a//b",
    "a/..",
    "a/./..",
    "a/././..",
    "a/.//..",
    "a/b/..",
    "a/b/./..",
    "a/b/../..",
    "a/b/../../a",
    "a/b/./.././../a/b/f",
    "./a/b",
    "././a/./b/./f",
    "./../paths/a",
    "../paths/a/b/f",
    ".././paths/./a",
    "a/../../paths/f",
    "f/..",
    "f/.",
    "f/./..",
    "none/..",
    "none/./..",
    "none/../f",
    "to-b",
    "to-b/",
    "to-b/..",
    "to-b/../b/f",
    "to-b/./..",
    "to-b/./../c",
    "to-f",
    "to-f/",
    "to-f/.",
    "to-f/..",
    "up/f",
    "up/paths/a",
    "a/up/f",
    "a/up/a/up/f",
    "a/up/../paths/f",
    "long/f",
    "twice/f",
    "chain/f",
    "dangling",
    "dangling/..",
    "self",
    "self/x",
    "dots/f",
    "dots/../f",
    "here/a/b",
    "here/here/here/f",
    "a/b/c/d/..",
    "slashed",
    "slashed-file",
    "/..",
    "/../..",
    "/.",
    "//",
    "/./..",
    "...",
    "..a",
    "a/b/...",
};
#define PATHS (sizeof paths / sizeof *paths)

static void make_all(void) {
    mkdir("a", 0755);
    mkdir("a/b", 0755);
    mkdir("...", 0755);
    text_make("f", "f");
    text_make("a/b/f", "a/b/f");
    text_make("a/c", "c");
    text_make("..a", "dots");
    symlink("a/b", "to-b");
    symlink("f", "to-f");
    symlink("..", "up");
    symlink("..", "a/up");
    symlink("a/./b/.././b", "long");
    symlink("to-b", "twice");
    symlink("twice/../b", "chain");
    symlink("none", "dangling");
    symlink("self", "self");
    symlink("a/b/./../b/.", "dots");
    symlink(".", "here");
    symlink("a/", "slashed");
    symlink("f/", "slashed-file");
}

/* What a path means, told by what is inside, since identities differ. */
static void means(int directory, const char *path) {
    char what[600];
    struct stat s, own, root;
    long result = fstatat(directory, path, &s, 0);
    tell_of("stat", path, result);
    if (result)
        return;
    bool known = !stat("/", &root) && !fstatat(directory, ".", &own, 0);
    const char *where =
        known && s.st_ino == root.st_ino && s.st_dev == root.st_dev ? "the root" : "";
    if (known && s.st_ino == own.st_ino && s.st_dev == own.st_dev)
        where = "here";
    say("  %o %ld %s", s.st_mode, S_ISREG(s.st_mode) ? (long)s.st_size : 0l, where);
    static const char *const inside[] = {"f", "b", "paths", "d"};
    for (unsigned i = 0; S_ISDIR(s.st_mode) && i < 4; i++) {
        snprintf(what, sizeof what, "%s/%s", path, inside[i]);
        say("  %s: %d", inside[i], faccessat(directory, what, F_OK, 0));
    }
}

static void from_root(const char *base) {
    char path[PATH_MAX + 64];
    for (unsigned i = 0; i < PATHS; i++) {
        struct stat s;
        if (paths[i][0] == '/')
            continue;
        snprintf(path, sizeof path, "%s/%s", base, paths[i]);
        tell_of("stat from the root", paths[i], stat(path, &s));
    }
    snprintf(path, sizeof path, "%s/a/b", base);
    symlink(path, "absolute");
    DO(access("absolute/f", R_OK));
    DO(access("absolute/../c", R_OK));
    DO(access("a/up/absolute/../../f", R_OK));
    DO(access("absolute/./../../paths", F_OK));
}

/* Chains of links, the longest that are followed. */
static void chains(void) {
    char name[16], to[16];
    for (unsigned i = 0; i < 42; i++) {
        snprintf(name, sizeof name, "l%u", i);
        snprintf(to, sizeof to, "l%u", i + 1);
        symlink(i == 41 ? "f" : to, name);
    }
    DO(access("l0", F_OK));
    DO(access("l1", F_OK));
    DO(access("l2", F_OK));
    DO(access("l3", F_OK));
    DO(access("l22/../l22", F_OK));
    DO(access("here/here/here/l4", F_OK));
    DO(access("here/here/l4", F_OK));
}

/* Names as long as may be, and longer. */
static void lengths(void) {
    static char name[PATH_MAX + 10];
    memset(name, 'n', 255);
    DO(mkdir(name, 0755));
    name[255] = 'n';
    DO(mkdir(name, 0755));
    name[255] = '/';
    memset(name + 256, 'n', 255);
    DO(mkdir(name, 0755));
    for (unsigned i = 0; i < PATH_MAX; i += 2)
        memcpy(name + i, "./", 2);
    name[PATH_MAX - 2] = 'a';
    name[PATH_MAX - 1] = 0;
    DO(access(name, F_OK));
    name[PATH_MAX - 1] = '/';
    name[PATH_MAX] = 0;
    DO(access(name, F_OK));
    DO(symlink(name, "too-long"));
    name[PATH_MAX - 1] = 0;
    DO(chdir(name) ? -1 : chdir(".."));
    memset(name, 'm', 256);
    name[256] = 0;
    DO(symlink(name, "m"));
    DO(access("m", F_OK));
    DO(access("none/m", F_OK));
}

/* Deeper than a single name can say. */
static void deep(void) {
    char part[202];
    int depth = 0, removed = 0;
    memset(part, 'p', 200);
    part[200] = 0;
    while (depth < 15 && !mkdir(part, 0755) && !chdir(part))
        depth++;
    text_make("bottom", "");
    DO(access("../../../..", F_OK));
    DO(access("../../none", F_OK));
    unlink("bottom");
    while (removed < depth && !chdir("..") && !rmdir(part))
        removed++;
    say("deep %d %d", depth, removed);
}

void paths_run(void) {
    char base[PATH_MAX];
    make_all();
    for (unsigned i = 0; i < PATHS; i++)
        means(AT_FDCWD, paths[i]);
    int here = open("a/b", O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < PATHS; i += 3)
        means(here, paths[i]);
    DO(faccessat(here, "../../f", F_OK, 0));
    DO(faccessat(here, "../up/f", F_OK, 0));
    close(here);
    if (getcwd(base, sizeof base))
        from_root(base);
    chains();
    lengths();
    deep();
    tree(".");
}
