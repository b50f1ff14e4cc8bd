/* SPDX-License-Identifier: MIT */
/* Operations in an order that nobody thought of; the same one in each run. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

#define STEPS 1500u
#define OPENS 6u

static int opened[OPENS];

/* Few names, so that they meet. */
static const char *name_make(char *to) {
    static const char *const part[] = {"a", "b", "c", "d", "e", ".", ".."};
    unsigned parts = 1 + random_below(3);
    to[0] = 0;
    for (unsigned i = 0; i < parts; i++) {
        if (i)
            strcat(to, random_below(12) ? "/" : "//");
        strcat(to, part[random_below(random_below(6) ? 5 : 7)]);
    }
    if (!random_below(20))
        strcat(to, "/");
    return to;
}

/* Names go up no further than the directory in which this takes place. */
static int directory_pick(void) {
    struct stat s;
    int fd = opened[random_below(OPENS)];
    return fd >= 0 && !fstat(fd, &s) && S_ISDIR(s.st_mode) && random_below(2) ? fd : AT_FDCWD;
}

static long open_some(int at, const char *name) {
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_PATH};
    static const int more[] = {O_CREAT,     O_TRUNC,    O_APPEND,
                               O_DIRECTORY, O_NOFOLLOW, O_EXCL | O_CREAT};
    unsigned slot = random_below(OPENS);
    int how = flags[random_below(16) ? random_below(3) : 3];
    for (unsigned i = 0; i < 6; i++)
        if (!random_below(i ? 6 : 2))
            how |= more[i];
    if ((how & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
        how &= ~O_DIRECTORY;
    int fd = openat(at, name, how, 0600 | random_below(64));
    if (fd < 0)
        return fd;
    if (opened[slot] >= 0)
        close(opened[slot]);
    opened[slot] = fd;
    return fd;
}

static long use_one(void) {
    static char room[5000];
    int fd = opened[random_below(OPENS)];
    memset(room, (int)random_below(256), sizeof room);
    size_t size = random_below(2) ? random_below(60) : random_below(sizeof room);
    switch (random_below(6)) {
    case 0:
        return read(fd, room, size);
    case 1:
        return write(fd, room, size);
    case 2:
        return pread(fd, room, size, random_below(6000));
    case 3:
        return pwrite(fd, room, size, random_below(6000));
    case 4:
        return ftruncate(fd, random_below(6000));
    default: {
        struct stat s;
        bool directory = !fstat(fd, &s) && S_ISDIR(s.st_mode);
        return directory ? 0 : lseek(fd, (long)random_below(6000) - 1000, (int)random_below(3));
    }
    }
}

static long step(unsigned which, int at, int other, const char *name, const char *second) {
    struct stat s;
    char text[64];
    switch (which) {
    case 0:
    case 1:
    case 2:
        return open_some(at, name);
    case 3:
        return mkdirat(at, name, 0700 | random_below(64));
    case 4:
        return unlinkat(at, name, 0);
    case 5:
        return unlinkat(at, name, AT_REMOVEDIR);
    case 6:
        return renameat(at, name, other, second);
    case 7:
        return linkat(at, name, other, second, random_below(2) ? AT_SYMLINK_FOLLOW : 0);
    case 8:
    case 9:
        return symlinkat(second, at, name);
    case 10:
        return readlinkat(at, name, text, sizeof text);
    case 11:
        return fchmodat(at, name, 0700 | random_below(64), 0);
    case 12:
        return fstatat(at, name, &s, random_below(2) ? AT_SYMLINK_NOFOLLOW : 0);
    case 13:
        return faccessat(at, name, X_OK, 0);
    case 14:
        return fchdir(at);
    default:
        return use_one();
    }
}

void random_run(void) {
    char name[64], second[64];
    int top = open(".", O_RDONLY | O_DIRECTORY);
    mkdir("in", 0755);
    for (unsigned i = 0; i < OPENS; i++)
        opened[i] = -1;
    for (unsigned i = 0; i < STEPS; i++) {
        if (!random_below(4) || !i)
            fchdir(top), chdir("in");
        unsigned which = random_below(20);
        int at = directory_pick(), other = random_below(2) ? at : directory_pick();
        name_make(name);
        name_make(second);
        errno = 0;
        long result = step(which, at, other, name, second);
        say("%u: %u %d %s, %d %s: %ld, errno %d", i, which, at, name, other, second, result,
            result < 0 ? errno : 0);
        if (i % 100 == 99) {
            fchdir(top);
            tree("in");
        }
    }
    for (unsigned i = 0; i < OPENS; i++)
        if (opened[i] >= 0)
            close(opened[i]);
    fchdir(top);
    close(top);
}
