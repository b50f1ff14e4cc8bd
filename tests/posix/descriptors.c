/* SPDX-License-Identifier: MIT */
/* Descriptors as numbers, and directories: the working one, and what is in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static void duplicates(void) {
    int fd = open("file", O_RDWR);
    DO(fd);
    DO(dup(fd));
    DO(dup2(fd, 10));
    DO(dup2(10, 10));
    DO(dup2(99, 99));
    DO(dup2(99, 5));
    DO(dup2(fd, -1));
    DO(dup2(fd, 1024));
    DO(dup3(fd, 11, O_CLOEXEC));
    DO(dup3(fd, fd, 0));
    DO(dup3(fd, 12, 1));
    DO(fcntl(10, F_GETFD));
    DO(fcntl(11, F_GETFD));
    DO(fcntl(11, F_SETFD, 0));
    DO(fcntl(11, F_GETFD));
    DO(fcntl(fd, F_DUPFD, 20));
    DO(fcntl(fd, F_DUPFD_CLOEXEC, 20));
    DO(fcntl(21, F_GETFD));
    DO(fcntl(fd, F_DUPFD, 1024));
    DO(fcntl(fd, F_DUPFD, -1));
    DO(fcntl(fd, F_DUPFD, 1023));
    DO(fcntl(99, F_DUPFD, 1));
    DO(fcntl(fd, 12345));
    DO(fcntl(99, F_GETFL));
    DO(fcntl(99, F_GETFD));
    DO(read(fd, (char[3]){0}, 3));
    DO(lseek(21, 0, SEEK_CUR));
    DO(fcntl(20, F_SETFL, O_APPEND));
    DO(fcntl(fd, F_GETFL));
    DO(fcntl(10, F_SETFL, O_NONBLOCK));
    DO(fcntl(fd, F_GETFL));
    DO(close(fd));
    DO(close(fd));
    DO(lseek(10, 0, SEEK_CUR));
    DO(open("file", O_RDONLY | O_CLOEXEC));
    DO(fcntl(3, F_GETFD));
    DO(syscall(SYS_close_range, 4, 15, 0));
    DO(syscall(SYS_close_range, 20, ~0u, 4));
    DO(fcntl(20, F_GETFD));
    DO(fcntl(10, F_GETFD));
    DO(syscall(SYS_close_range, 5, 4, 0));
    DO(syscall(SYS_close_range, 5, 6, 8));
    DO(syscall(SYS_close_range, 3, ~0u, 0));
}

static void controls(void) {
    int left = 0, on = 1, fd = open("file", O_RDWR), dir = open(".", O_RDONLY);
    DO(isatty(fd));
    DO(ioctl(fd, TIOCGWINSZ, &left));
    DO(ioctl(fd, FIONREAD, &left));
    say("  %d", left);
    DO(ioctl(dir, FIONREAD, &left));
    DO(ioctl(fd, FIOCLEX));
    DO(fcntl(fd, F_GETFD));
    DO(ioctl(fd, FIONCLEX));
    DO(fcntl(fd, F_GETFD));
    DO(ioctl(fd, FIONBIO, &on));
    DO(fcntl(fd, F_GETFL));
    DO(ioctl(fd, 0x12345));
    DO(ioctl(99, FIOCLEX));
    DO(ioctl(open("file", O_PATH), FIOCLEX));
    DO(fcntl(5, F_GETFL));
    DO(fcntl(5, F_SETFL, 0));
    DO(fcntl(5, F_SETFD, 1));
    DO(dup(5));
    DO(syscall(SYS_close_range, 3, ~0u, 0));
}

/* As many as there may be. */
static void limits(void) {
    struct rlimit some = {20, 1024}, all = {1024, 1024}, now;
    int n = 0, fd;
    while ((fd = open("file", O_RDONLY)) >= 0)
        n = fd;
    DO(fd);
    say("  last %d", n);
    DO(dup(3));
    DO(open("file", O_RDONLY));
    DO(open("none", O_RDONLY));
    DO(open("", O_RDONLY));
    DO(open("new", O_CREAT | O_RDWR, 0644));
    DO(access("new", F_OK));
    DO(close(500));
    DO(open("file", O_RDONLY));
    DO(syscall(SYS_close_range, 3, ~0u, 0));
    DO(setrlimit(RLIMIT_NOFILE, &some));
    DO(dup2(0, 20));
    DO(dup2(0, 19));
    DO(fcntl(0, F_DUPFD, 20));
    DO(fcntl(0, F_DUPFD, 19));
    DO(getrlimit(RLIMIT_NOFILE, &now));
    say("  %lu %lu", (unsigned long)now.rlim_cur, (unsigned long)now.rlim_max);
    DO(setrlimit(RLIMIT_NOFILE, &all));
    DO(syscall(SYS_close_range, 3, ~0u, 0));
    DO(open("file", O_RDONLY));
    DO(close(3));
}

void descriptors_run(void) {
    usual_make();
    duplicates();
    controls();
    limits();
    tree(".");
}

/* ---- the working directory ---- */

static char base[PATH_MAX];

/* Where we are, from the group's directory on. */
static void where(void) {
    char now[PATH_MAX];
    size_t length = strlen(base);
    if (!getcwd(now, sizeof now))
        tell("getcwd", -1);
    else
        say("  in %s", strncmp(now, base, length) ? "another place" : now + length);
}

static void go(const char *path) {
    tell_of("chdir", path, chdir(path));
    where();
}

void directories_run(void) {
    char small[4];
    usual_make();
    getcwd(base, sizeof base);
    go("dir");
    go("inner");
    go("..");
    go("../to-dir");
    go("inner/../../full");
    go("one");
    go("none");
    go("../dir/./inner/.");
    go("../..");
    go("dir/");
    go("..");
    go("loop");
    go("dangling");
    go("");
    DO(syscall(SYS_getcwd, small, 4));
    DO(syscall(SYS_getcwd, small, 0));
    int top = open(".", O_RDONLY), dir = open("dir", O_PATH), file = open("file", O_RDONLY);
    DO(fchdir(dir));
    where();
    DO(access("inner", F_OK));
    DO(faccessat(top, "file", F_OK, 0));
    DO(openat(dir, "inner", O_RDONLY));
    DO(openat(file, "inner", O_RDONLY));
    DO(openat(file, "", O_RDONLY));
    DO(openat(99, "inner", O_RDONLY));
    DO(openat(99, base, O_RDONLY));
    DO(mkdirat(dir, "more", 0700));
    DO(renameat(dir, "more", top, "less"));
    DO(linkat(top, "file", dir, "file", 0));
    DO(symlinkat("file", dir, "link"));
    DO(unlinkat(dir, "link", 0));
    DO(fchdir(file));
    DO(fchdir(99));
    DO(fchdir(top));
    where();
    DO(mkdir("less/deep", 0755));
    go("less/deep");
    DO(rename("../../less", "../../moved"));
    DO(mkdir("here", 0755));
    DO(access("../../moved/deep/here", F_OK) == 0 || errno == ENOENT);
    DO(fchdir(top));
    DO(access("moved/deep/here", F_OK));
    go("void");
    DO(rmdir("../void"));
    DO(mkdir("in-nothing", 0755));
    DO(open("new", O_CREAT | O_RDWR, 0644));
    DO(access(".", F_OK));
    where();
    DO(fchdir(top));
    DO(syscall(SYS_close_range, 3, ~0u, 0));
    tree(".");
}

/* ---- entries ---- */

struct entry64 {
    uint64_t id;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* Counts what a buffer of a size gets at once and in all; each name once. */
static void count_with(size_t size) {
    char room[4096] __attribute__((aligned(8)));
    int fd = open("many", O_RDONLY), seen[100] = {0}, dots = 0, twice = 0, missing = 0;
    long n;
    while ((n = syscall(SYS_getdents64, fd, room, size)) > 0)
        for (long at = 0; at < n;) {
            struct entry64 *e = (struct entry64 *)(room + at);
            int number = atoi(e->name + 1);
            if (e->name[0] == '.')
                dots++;
            else if (seen[number]++)
                twice++;
            at += e->length;
        }
    for (int i = 0; i < 100; i++)
        missing += !seen[i];
    say("getdents64 of %zu: %ld, errno %d; %d dots, %d twice, %d missing", size, n,
        n < 0 ? errno : 0, dots, twice, missing);
    close(fd);
}

static void positions(void) {
    DIR *d = opendir("many");
    char first[300];
    for (int i = 0; i < 10; i++)
        readdir(d);
    long at = telldir(d);
    snprintf(first, sizeof first, "%s", readdir(d)->d_name);
    while (readdir(d))
        ;
    seekdir(d, at);
    struct dirent *e = readdir(d);
    say("the same after seekdir: %d", e && !strcmp(e->d_name, first));
    rewinddir(d);
    int count = 0;
    while (readdir(d))
        count++;
    say("%d after rewinddir", count);
    closedir(d);
}

static void types(void) {
    struct dirent **list;
    usual_make();
    mknod("socket", S_IFSOCK | 0600, 0);
    int n = scandir(".", &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        say("  %s %d", list[i]->d_name, list[i]->d_type);
        free(list[i]);
    }
    free(list);
}

/* What is there all the time is told once, whatever comes and goes. */
static void removing_meanwhile(void) {
    char name[300];
    int stays[100] = {0}, wrong = 0;
    DIR *d = opendir("many");
    for (struct dirent *e; (e = readdir(d));) {
        int number = atoi(e->d_name + 1);
        if (e->d_name[0] == '.')
            continue;
        stays[number]++;
        if (number % 2) {
            snprintf(name, sizeof name, "many/%s", e->d_name);
            unlink(name);
        }
    }
    closedir(d);
    for (int i = 0; i < 100; i++)
        wrong += stays[i] != 1;
    say("%d wrong while names were removed", wrong);
}

void entries_run(void) {
    static const size_t sizes[] = {0, 8, 23, 24, 32, 40, 100, 279, 280, 300, 1000, 4096};
    char name[32], room[400];
    types();
    directory_empty(".");
    mkdir("many", 0755);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "many/n%d", i);
        text_make(name, "");
    }
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        count_with(sizes[i]);
    positions();
    removing_meanwhile();
    int file = open("many/n0", O_RDONLY), path = open("many", O_PATH), dir = open("many", O_RDONLY);
    DO(syscall(SYS_getdents64, file, room, sizeof room));
    DO(syscall(SYS_getdents64, path, room, sizeof room));
    DO(syscall(SYS_getdents64, 99, room, sizeof room));
    DO(lseek(dir, 0, SEEK_SET));
    close(file);
    close(path);
    close(dir);
}
