/* SPDX-License-Identifier: MIT */
/* The devices that are no hardware. What comes out of the random ones is not told, but that it is
 * not always the same. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

#define LARGE 200000

static const char *const names[] = {"null", "zero", "full", "random", "urandom"};
static char *room, *again;
static int devices;

static void attributes(const char *name, int fd) {
    struct stat s = {0};
    DO_OF(name, fstatat(devices, name, &s, 0));
    say("  %o, %u %u, %ld bytes, %u:%u", s.st_mode, s.st_uid, s.st_gid, (long)s.st_size,
        major(s.st_rdev), minor(s.st_rdev));
    DO_OF(name, fstat(fd, &s));
    say("  %o, %u:%u", s.st_mode, major(s.st_rdev), minor(s.st_rdev));
    DO_OF(name, faccessat(devices, name, R_OK | W_OK, 0));
    DO_OF(name, faccessat(devices, name, X_OK, 0));
    DO_OF(name, isatty(fd));
}

static bool zeros(size_t length) {
    for (size_t i = 0; i < length; i++)
        if (room[i])
            return false;
    return true;
}

/* How many bytes a read of so many gives, and whether they are zeros. */
static void reads(const char *name, int fd) {
    static const size_t sizes[] = {0, 1, 16, 40, 41, 4096, 4097, 65536, 65537, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(room, 0x5a, LARGE);
        long n = read(fd, room, sizes[i]);
        say("  %s: read %zu = %ld, zeros %d, rest %d", name, sizes[i], n,
            n > 100 ? zeros((size_t)n) : -1, n < LARGE ? room[n > 0 ? n : 0] : -1);
    }
    DO_OF(name, pread(fd, room, 100, 12345));
    DO_OF(name, pread(fd, room, 100, -1));
}

static void writes(const char *name, int fd) {
    struct iovec part[2] = {{room, 10}, {room + 10, 90}};
    DO_OF(name, write(fd, room, 0));
    DO_OF(name, write(fd, "x", 1));
    DO_OF(name, write(fd, room, 33));
    DO_OF(name, write(fd, room, LARGE));
    DO_OF(name, pwrite(fd, room, 100, 54321));
    DO_OF(name, writev(fd, part, 2));
    DO_OF(name, readv(fd, part, 2));
}

static void seeks(const char *name, int fd) {
    DO_OF(name, lseek(fd, 0, SEEK_CUR));
    DO_OF(name, lseek(fd, 1000, SEEK_SET));
    DO_OF(name, lseek(fd, -5, SEEK_SET));
    DO_OF(name, lseek(fd, 5, SEEK_END));
    DO_OF(name, lseek(fd, 1000, SEEK_DATA));
    DO_OF(name, lseek(fd, 0, SEEK_HOLE));
    DO_OF(name, lseek(fd, 0, 99));
    DO_OF(name, lseek(fd, 0, SEEK_CUR));
}

static void ready(const char *name, int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI};
    DO_OF(name, poll(&p, 1, -1));
    say("  %#x", (unsigned)p.revents);
    p.events = POLLIN;
    DO_OF(name, poll(&p, 1, 0));
    p.events = 0;
    DO_OF(name, poll(&p, 1, 10));
}

static void others(const char *name, int fd) {
    int n = 0;
    DO_OF(name, ioctl(fd, FIONREAD, &n) < 0); /* Linux has two errors for that */
    DO_OF(name, ftruncate(fd, 0));
    DO_OF(name, fsync(fd));
    DO_OF(name, fdatasync(fd));
    DO_OF(name, fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND));
    DO_OF(name, write(fd, "x", 1));
    DO_OF(name, read(fd, room, 5));
    say("  flags %#x", (unsigned)fcntl(fd, F_GETFL));
}

static void mapped(const char *name, int fd, int prot, int flags) {
    char *at = mmap(NULL, 20000, prot, flags, fd, 0);
    int error = errno;
    if (at == MAP_FAILED) {
        say("%s: mmap %d %d: %s", name, prot, flags, strerror(error));
        return;
    }
    memcpy(room, at, 20000);
    say("%s: mmap %d %d: zeros %d", name, prot, flags, zeros(20000));
    if (prot & PROT_WRITE) {
        at[10000] = 1;
        DO_OF(name, read(fd, room, 4096));
        say("  zeros %d", zeros(4096));
    }
    DO_OF(name, munmap(at, 20000));
}

static void mappings(const char *name, int fd) {
    int readable = openat(devices, name, O_RDONLY);
    mapped(name, fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    mapped(name, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
    mapped(name, readable, PROT_READ, MAP_PRIVATE);
    mapped(name, readable, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    mapped(name, readable, PROT_READ | PROT_WRITE, MAP_SHARED);
    DO_OF(name, write(readable, "x", 1));
    close(readable);
}

static void openings(const char *name) {
    static const struct {
        const char *name;
        int flags;
    } list[] = {
        {"creating", O_WRONLY | O_CREAT | O_TRUNC}, {"to append", O_WRONLY | O_CREAT | O_APPEND},
        {"alone", O_WRONLY | O_CREAT | O_EXCL},     {"as a directory", O_RDONLY | O_DIRECTORY},
        {"not waiting", O_RDWR | O_NONBLOCK},       {"not followed", O_RDONLY | O_NOFOLLOW}};
    char slashed[32];
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        int fd = openat(devices, name, list[i].flags, 0644);
        say("%s, %s: %s", name, list[i].name, fd < 0 ? strerror(errno) : "opened");
        if (fd < 0)
            continue;
        say("  flags %#x", (unsigned)fcntl(fd, F_GETFL));
        DO_OF(name, read(fd, room, 3));
        close(fd);
    }
    snprintf(slashed, sizeof slashed, "%s/", name);
    DO_OF(name, openat(devices, slashed, O_RDONLY));
    snprintf(slashed, sizeof slashed, "%s/below", name);
    DO_OF(name, openat(devices, slashed, O_RDONLY));
}

/* No 32 bytes are there twice: in one read, or in two. */
static void differing(const char *name) {
    int fd = openat(devices, name, O_RDONLY), other = openat(devices, name, O_RDONLY);
    unsigned twice = 0;
    say("%s: %ld %ld", name, (long)read(fd, room, 70000), (long)read(other, again, 70000));
    for (size_t i = 0; i + 32 <= 70000; i += 32) {
        twice += !memcmp(room + i, again + i, 32);
        for (size_t j = i + 4096; j + 32 <= 70000; j += 4096)
            twice += !memcmp(room + i, room + j, 32);
    }
    say("  %u twice", twice);
    close(fd);
    close(other);
}

static void shared_offset(void) {
    int fd = openat(devices, "zero", O_RDWR), copy = dup(fd);
    DO(read(fd, room, 500));
    DO(lseek(copy, 0, SEEK_CUR));
    DO(lseek(copy, 77, SEEK_CUR));
    DO(close(fd));
    DO(read(copy, room, 5));
    DO(close(copy));
}

void devices_run(void) {
    devices = DEVICES_DIRECTORY;
    room = malloc(LARGE);
    again = malloc(LARGE);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = names[i];
        int fd = openat(devices, name, O_RDWR);
        say("-- %s", name);
        attributes(name, fd);
        reads(name, fd);
        writes(name, fd);
        seeks(name, fd);
        ready(name, fd);
        mappings(name, fd);
        others(name, fd);
        close(fd);
        openings(name);
    }
    differing("random");
    differing("urandom");
    shared_offset();
    DO(close(devices));
    free(room);
    free(again);
}
