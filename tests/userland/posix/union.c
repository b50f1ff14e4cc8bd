/* SPDX-License-Identifier: MIT */
/*
 * The root of a union as a program reads it. At /union are the prepared tree (tests/file), behind
 * it the devices, and behind those the tree once more. Linux has nothing that is quite the same.
 */
#include "tests/userland/posix/union.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACE     "/union"
#define NAMES_MAX 32u

struct list {
    char *name[NAMES_MAX];
    unsigned count;
};

static const char *const devices[] = {"full", "null", "random", "urandom", "zero"};
static struct list whole;
static bool failed;

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            failed = true;                                                                         \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #x);                                       \
        }                                                                                          \
    } while (0)

static void done(const char *name) {
    printf("%s - posix.union: %s\n", failed ? "not ok" : "ok", name);
    failed = false;
}

static unsigned times(const struct list *l, const char *name) {
    unsigned n = 0;
    for (unsigned i = 0; i < l->count; i++)
        n += !strcmp(l->name[i], name);
    return n;
}

static void add(struct list *l, const char *name) {
    if (l->count < NAMES_MAX)
        l->name[l->count++] = strdup(name);
}

static void list_free(struct list *l) {
    while (l->count)
        free(l->name[--l->count]);
}

static bool same(const struct list *a, const struct list *b) {
    bool is = a->count == b->count;
    for (unsigned i = 0; i < a->count && is; i++)
        is = !strcmp(a->name[i], b->name[i]);
    return is;
}

static void read_rest(DIR *d, struct list *l) {
    for (struct dirent *e; (e = readdir(d));)
        add(l, e->d_name);
}

/* Every name once, with what it names: the first branch that has it. */
static void names_once(void) {
    struct stat s;
    DIR *d = opendir(PLACE);
    CHECK(d);
    read_rest(d, &whole);
    CHECK(whole.count > 8 && whole.count < NAMES_MAX);
    for (unsigned i = 0; i < whole.count; i++)
        CHECK(times(&whole, whole.name[i]) == 1);
    for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
        char path[64];
        snprintf(path, sizeof path, PLACE "/%s", devices[i]);
        CHECK(times(&whole, devices[i]) == 1);
        CHECK(!stat(path, &s) && S_ISCHR(s.st_mode));
        CHECK(!fstatat(dirfd(d), devices[i], &s, 0) && S_ISCHR(s.st_mode));
    }
    CHECK(times(&whole, "big") == 1 && times(&whole, "many") == 1);
    CHECK(times(&whole, ".") == 1 && times(&whole, "..") == 1);
    closedir(d);
    done("each name once");
}

/* From each place in it that was told, and from the beginning. */
static void places(void) {
    long at[NAMES_MAX];
    DIR *d = opendir(PLACE);
    for (unsigned i = 0; i < whole.count; i++) {
        at[i] = telldir(d);
        CHECK(readdir(d));
    }
    CHECK(!readdir(d) && !readdir(d));
    for (unsigned i = whole.count; i-- > 0;) {
        seekdir(d, at[i]);
        struct dirent *e = readdir(d);
        CHECK(e && !strcmp(e->d_name, whole.name[i]));
    }
    rewinddir(d);
    struct list again = {.count = 0};
    read_rest(d, &again);
    CHECK(same(&again, &whole));
    list_free(&again);
    closedir(d);
    done("places in it");
}

/* A buffer for one entry; half of it is read by a child, which has the same offset. */
static void small_buffers(void) {
    _Alignas(8) char buffer[64];
    struct list got = {.count = 0};
    int fd = open(PLACE, O_RDONLY | O_DIRECTORY);
    long n;
    for (unsigned i = 0; i < whole.count / 2; i++)
        CHECK(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
    pid_t child = fork();
    if (!child)
        _exit(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0 ? 0 : 1);
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && !status);
    while ((n = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < n; at += buffer[at + offsetof(struct dirent, d_reclen)])
            add(&got, buffer + at + offsetof(struct dirent, d_name));
    CHECK(!n && got.count == whole.count - whole.count / 2 - 1);
    for (unsigned i = 0; i < got.count; i++)
        CHECK(!strcmp(got.name[i], whole.name[whole.count / 2 + 1 + i]));
    close(fd);
    list_free(&got);
    done("small buffers, and a shared offset");
}

int union_run(void) {
    names_once();
    places();
    small_buffers();
    list_free(&whole);
    return 3;
}
