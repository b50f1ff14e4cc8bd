/* SPDX-License-Identifier: MIT */
/* Permissions, owners, sizes and times. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static const char *const names[] = {"file",   "dir",  "to-file",   "to-dir", "dangling",
                                    "loop",   "none", "file/",     "dir/",   "pipe",
                                    "script", "",     "file/none", ".",      "dir/.."};
#define EACH(call)                                                                                 \
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {                                  \
        const char *name = names[i];                                                               \
        DO_OF(name, call);                                                                         \
    }

static void permissions(void) {
    usual_make();
    EACH(chmod(name, 0701))
    tree(".");
    EACH(access(name, F_OK))
    EACH(access(name, R_OK | W_OK | X_OK))
    EACH(access(name, 8))
    EACH(syscall(SYS_faccessat2, AT_FDCWD, name, X_OK, AT_SYMLINK_NOFOLLOW))
    EACH(syscall(SYS_faccessat2, AT_FDCWD, name, F_OK, 0x10000))
    usual_make();
    DO(chmod("file", 07777));
    DO(chmod("dir", 01777));
    show("file");
    show("dir");
    int fd = open("file", O_RDONLY), path = open("file", O_PATH);
    DO(fchmod(fd, 0600));
    DO(fchmod(path, 0644));
    DO(fchmod(99, 0644));
    close(fd);
    close(path);
    show("hard");
}

static void owners(void) {
    usual_make();
    EACH(chown(name, 7, 8))
    EACH(lchown(name, 9, -1))
    tree(".");
    EACH(fchownat(AT_FDCWD, name, -1, 5, AT_EMPTY_PATH))
    EACH(fchownat(AT_FDCWD, name, 1, 5, 0x4000))
    usual_make();
    DO(chmod("script", 06755));
    DO(chown("script", 3, 3));
    show("script");
    DO(chmod("file", 06644));
    DO(chown("file", 3, 3));
    show("file");
    int fd = open("file", O_RDONLY), path = open("file", O_PATH);
    DO(fchown(fd, 1, 1));
    DO(fchown(path, 2, 2));
    DO(fchownat(path, "", 4, 4, AT_EMPTY_PATH));
    close(fd);
    close(path);
    show("file");
}

static void sizes(void) {
    usual_make();
    EACH(truncate(name, 3))
    EACH(truncate(name, -1))
    DO(truncate("empty", 5000));
    tree(".");
    int fd = open("file", O_RDWR), only = open("file", O_RDONLY), dir = open("dir", O_RDONLY);
    DO(ftruncate(fd, 100));
    DO(ftruncate(fd, -1));
    DO(ftruncate(only, 1));
    DO(ftruncate(dir, 1));
    DO(ftruncate(77, 1));
    DO(ftruncate(77, -1));
    show("file");
    DO(ftruncate(fd, 0));
    show("file");
    close(fd);
    close(only);
    close(dir);
}

/* Linux, include/uapi/linux/stat.h: the beginning of struct statx. */
struct statx_begin {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, user, group;
    uint16_t mode, spare;
    uint64_t id, size, blocks;
};

static void extended(void) {
    union {
        struct statx_begin s;
        char room[256];
    } u;
    usual_make();
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        memset(&u, 0, sizeof u);
        long result = syscall(SYS_statx, AT_FDCWD, names[i], 0, 0x7ff, &u);
        tell_of("statx", names[i], result);
        if (!result)
            say("  %o %u %u:%u", u.s.mode, u.s.links, u.s.user, u.s.group);
    }
    EACH(syscall(SYS_statx, AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, 0x7ff, &u))
    EACH(syscall(SYS_statx, AT_FDCWD, name, 0x6000, 0x7ff, &u))
    EACH(syscall(SYS_statx, AT_FDCWD, name, AT_EMPTY_PATH, 0x80000000, &u))
}

void attributes_run(void) {
    struct stat s;
    struct statfs f;
    permissions();
    owners();
    sizes();
    extended();
    EACH(statfs(name, &f))
    EACH(fstatat(AT_FDCWD, name, &s, AT_EMPTY_PATH))
    EACH(fstatat(AT_FDCWD, name, &s, 0x4))
    EACH(fstatat(99, name, &s, 0))
    DO(fstatfs(0x1000, &f));
    DO(fstat(-1, &s));
    int fd = open("pipe", O_PATH), link = open("to-file", O_PATH | O_NOFOLLOW);
    char text[8] = "";
    DO(fstat(fd, &s));
    say("%o", s.st_mode);
    DO(fstat(link, &s));
    say("%o", s.st_mode);
    DO(readlinkat(link, "", text, sizeof text));
    DO(readlinkat(fd, "", text, sizeof text));
    DO(fstatat(link, "", &s, AT_EMPTY_PATH));
    DO(fstatat(link, "x", &s, AT_EMPTY_PATH));
    EACH(readlink(name, text, sizeof text))
    EACH(readlink(name, text, 2))
    EACH(readlink(name, text, 0))
    say("%s", text);
    close(fd);
    close(link);
}

/* ---- times ---- */

static void show_times(const char *name) {
    struct stat s;
    if (lstat(name, &s) < 0)
        return;
    say("  %s: %ld.%09ld %ld.%09ld", name, (long)s.st_atim.tv_sec, s.st_atim.tv_nsec,
        (long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

void times_run(void) {
    const struct timespec t[] = {{1000000, 123456789}, {-5, 999999999}};
    const struct timespec omit[] = {{7, UTIME_OMIT}, {77, 7}},
                          both[] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    const struct timespec bad[] = {{7, -1}, {77, 7}}, large[] = {{7, 1000000000}, {77, 7}};
    const struct timeval v[] = {{11, 22}, {33, 999999}}, bad_v[] = {{11, 1000000}, {33, 0}};
    const struct utimbuf u = {12345, 67890};
    struct stat s;
    usual_make();
    EACH(utimensat(AT_FDCWD, name, t, 0))
    EACH(utimensat(AT_FDCWD, name, t, AT_SYMLINK_NOFOLLOW))
    show_times("file");
    show_times("dir");
    show_times("to-file");
    EACH(utimensat(AT_FDCWD, name, omit, 0))
    show_times("file");
    EACH(utimensat(AT_FDCWD, name, both, 0))
    DO(utimensat(AT_FDCWD, "file", bad, 0));
    DO(utimensat(AT_FDCWD, "file", large, 0));
    DO(utimensat(AT_FDCWD, "file", t, 0x4));
    EACH(utime(name, &u))
    show_times("file");
    EACH(utimes(name, v))
    show_times("dir");
    DO(utimes("file", bad_v));
    int fd = open("file", O_RDONLY), path = open("file", O_PATH);
    DO(futimens(fd, t));
    show_times("file");
    DO(futimens(path, t));
    DO(futimens(99, t));
    DO(utimensat(99, "file", t, 0));
    DO(utimensat(fd, "file", t, 0));
    DO(utimensat(path, "", omit, AT_EMPTY_PATH));
    show_times("file");
    DO(utime("file", NULL));
    stat("file", &s);
    say("now is later: %d", s.st_mtime > 67890 || s.st_mtime < 3600);
    close(fd);
    close(path);
}
