/* SPDX-License-Identifier: MIT */
/* Contents of files: reading, writing, offsets. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

#define LARGE 300001u

static char *large, *again;

static uint32_t sum(const char *data, size_t length) {
    uint32_t s = 5381;
    for (size_t i = 0; i < length; i++)
        s = s * 33 ^ (uint8_t)data[i];
    return s;
}

/* The whole of a file, told by its sum. */
static void whole(const char *name) {
    int fd = open(name, O_RDONLY);
    long n = pread(fd, again, LARGE, 0);
    say("  %s: %ld bytes, sum %u", name, n, n > 0 ? sum(again, (size_t)n) : 0);
    close(fd);
}

static void buffers_make(void) {
    large = malloc(LARGE);
    again = malloc(LARGE);
    for (unsigned i = 0; i < LARGE; i++)
        large[i] = (char)random_next();
}

static void buffers_free(void) {
    free(large);
    free(again);
}

static void offsets(int fd) {
    DO(lseek(fd, 0, SEEK_CUR));
    DO(lseek(fd, 3, SEEK_SET));
    DO(read(fd, again, 4));
    DO(lseek(fd, -2, SEEK_CUR));
    DO(lseek(fd, -20, SEEK_CUR));
    DO(lseek(fd, 10, SEEK_END));
    DO(read(fd, again, 4));
    DO(lseek(fd, -1, SEEK_SET));
    DO(lseek(fd, 0, 9));
    DO(lseek(fd, 2, SEEK_DATA));
    DO(lseek(fd, 2, SEEK_HOLE));
    DO(lseek(fd, 1000000, SEEK_DATA));
    DO(lseek(fd, 1000000, SEEK_HOLE));
    DO(lseek(fd, -1, SEEK_DATA));
    DO(lseek(fd, INT64_MAX, SEEK_SET) < 0 ? -1 : 0);
    DO(lseek(fd, 1, SEEK_END) < 0 ? -1 : 0);
    DO(lseek(fd, 0, SEEK_SET));
}

static void random_moves(int fd) {
    for (unsigned i = 0; i < 60; i++) {
        static const size_t sizes[] = {0,    1,    31,   32,    33,    40,    41,
                                       4095, 4096, 4097, 65536, 65537, 200000};
        size_t size = sizes[random_below(13)];
        long at = (long)random_below(70000);
        long n = 0;
        switch (random_below(5)) {
        case 0:
            n = pwrite(fd, large + at, size, at);
            break;
        case 1:
            n = write(fd, large, size);
            break;
        case 2:
            n = pread(fd, again, size, at);
            break;
        case 3:
            n = read(fd, again, size);
            break;
        default:
            n = lseek(fd, at, SEEK_SET);
        }
        say("  move %u, %zu: %ld, sum %u", i, size, n, sum(again, 1000));
    }
}

static void appending(void) {
    int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644), other = open("log", O_RDWR);
    DO(write(fd, "one", 3));
    DO(write(other, "X", 1));
    DO(lseek(fd, 0, SEEK_SET));
    DO(write(fd, "two", 3));
    DO(lseek(fd, 0, SEEK_CUR));
    DO(pwrite(fd, "three", 5, 0));
    DO(lseek(fd, 0, SEEK_CUR));
    DO(read(fd, again, 1));
    whole("log");
    DO(fcntl(other, F_SETFL, O_APPEND | O_NONBLOCK));
    DO(fcntl(other, F_GETFL));
    DO(write(other, "Y", 1));
    DO(fcntl(other, F_SETFL, 0));
    DO(write(other, "Z", 1));
    whole("log");
    close(fd);
    close(other);
}

static void refusals(void) {
    int only = open("data", O_RDONLY), writes = open("data", O_WRONLY), dir = open(".", O_RDONLY);
    int path = open("data", O_PATH);
    DO(write(only, "x", 1));
    DO(read(writes, again, 1));
    DO(read(dir, again, 1));
    DO(write(dir, "x", 1));
    DO(pread(dir, again, 1, 0));
    DO(read(path, again, 1));
    DO(write(path, "x", 1));
    DO(lseek(path, 0, SEEK_SET));
    DO(read(200, again, 1));
    DO(write(-1, "x", 1));
    DO(pread(only, again, 1, -1));
    DO(pread(200, again, 1, -1));
    DO(pwrite(writes, "x", 1, -1));
    DO(pread(only, again, 1, INT64_MAX));
    DO(pread(only, again, 1, INT64_MAX - 1));
    DO(read(only, again, (size_t)-1));
    DO(write(writes, "", 0));
    DO(read(only, again, 0));
    DO(fsync(only));
    DO(fdatasync(writes));
    DO(fsync(dir));
    DO(fsync(path));
    DO(fsync(200));
    DO(syscall(SYS_syncfs, only));
    DO(syscall(SYS_syncfs, 200));
    close(only);
    close(writes);
    close(dir);
    close(path);
}

/* Open files that have no name any more. */
static void unnamed(void) {
    struct stat s;
    text_make("gone", "still here");
    int fd = open("gone", O_RDWR);
    DO(unlink("gone"));
    DO(read(fd, again, 5));
    DO(write(fd, "!", 1));
    DO(fstat(fd, &s));
    say("  %lu links, %ld bytes", (unsigned long)s.st_nlink, (long)s.st_size);
    DO(open("gone", O_RDONLY));
    DO(close(fd));
}

void contents_run(void) {
    buffers_make();
    int fd = open("data", O_RDWR | O_CREAT, 0644), shared = dup(fd), own = open("data", O_RDONLY);
    DO(write(fd, "0123456789", 10));
    DO(lseek(shared, 0, SEEK_CUR));
    DO(lseek(own, 0, SEEK_CUR));
    DO(read(own, again, 100));
    offsets(fd);
    DO(write(fd, large, LARGE));
    DO(lseek(shared, 0, SEEK_CUR));
    whole("data");
    random_moves(fd);
    whole("data");
    DO(ftruncate(fd, 70000));
    DO(pwrite(fd, "end", 3, 200000));
    whole("data");
    close(fd);
    close(shared);
    close(own);
    appending();
    refusals();
    unnamed();
    buffers_free();
    tree(".");
}

/* ---- vectors ---- */

void vectors_run(void) {
    buffers_make();
    struct iovec v[] = {{large, 5}, {large + 5, 0}, {large + 5, 600}, {large + 605, 70000}};
    struct iovec w[] = {{again, 3}, {NULL, 0}, {again + 3, 100000}};
    struct iovec bad[] = {{again, 3}, {again, (size_t)-1}};
    int fd = open("data", O_RDWR | O_CREAT, 0644);
    DO(writev(fd, v, 2));
    DO(writev(fd, v, 3));
    DO(writev(fd, v, 4));
    DO(writev(fd, v, 0));
    DO(writev(fd, v, -1));
    DO(writev(fd, v, 1025));
    DO(writev(fd, bad, 2));
    DO(readv(fd, w, 3));
    DO(lseek(fd, 0, SEEK_SET));
    DO(readv(fd, w, 1));
    DO(readv(fd, w, 3));
    say("sum %u", sum(again, 60000));
    DO(readv(fd, bad, 2));
    DO(preadv(fd, w, 3, 100));
    DO(preadv(fd, w, 3, -1));
    DO(pwritev(fd, v, 3, 7));
    DO(pwritev(fd, v, 3, -7));
    DO(preadv(fd, w, 3, 1000000));
    DO(lseek(fd, 0, SEEK_CUR));
    DO(syscall(SYS_preadv2, fd, w, 3, -1l, 0l, 0));
    DO(syscall(SYS_preadv2, fd, w, 3, 9l, 0l, 0));
    DO(syscall(SYS_pwritev2, fd, v, 3, -1l, 0l, 0));
    DO(syscall(SYS_pwritev2, fd, v, 3, -2l, 0l, 0));
    DO(syscall(SYS_preadv2, fd, w, 3, 9l, 0l, 0x4000));
    DO(writev(99, v, 1));
    DO(readv(open(".", O_RDONLY), w, 1));
    DO(close(fd + 1));
    whole("data");
    close(fd);
    buffers_free();
}

/* ---- copies ---- */

static void ranges(int in, int out) {
    off_t from = 10, to = 20;
    DO(syscall(SYS_copy_file_range, in, NULL, out, NULL, 1000, 0));
    DO(lseek(in, 0, SEEK_CUR));
    DO(lseek(out, 0, SEEK_CUR));
    DO(syscall(SYS_copy_file_range, in, &from, out, &to, 100000, 0));
    say("  %ld %ld", (long)from, (long)to);
    DO(lseek(in, 0, SEEK_CUR));
    DO(syscall(SYS_copy_file_range, in, &from, out, &to, 10, 1));
    from = 0;
    to = 5;
    DO(syscall(SYS_copy_file_range, out, &from, out, &to, 10, 0));
    DO(syscall(SYS_copy_file_range, out, &from, out, &to, 5, 0));
    DO(syscall(SYS_copy_file_range, out, NULL, in, NULL, 5, 0));
    from = -1;
    DO(syscall(SYS_copy_file_range, in, &from, out, NULL, 5, 0));
    DO(syscall(SYS_copy_file_range, 99, NULL, out, NULL, 5, 0));
    DO(syscall(SYS_copy_file_range, in, NULL, out, NULL, 0, 0));
    int dir = open(".", O_RDONLY);
    DO(syscall(SYS_copy_file_range, dir, NULL, out, NULL, 5, 0));
    DO(fcntl(out, F_SETFL, O_APPEND));
    DO(syscall(SYS_copy_file_range, in, NULL, out, NULL, 5, 0));
    DO(sendfile(out, in, NULL, 5));
    DO(fcntl(out, F_SETFL, 0));
    close(dir);
}

static void allocations(int out, int in) {
    struct stat s;
    DO(fallocate(out, 0, 0, 10));
    DO(fallocate(out, 0, 210000, 1234));
    fstat(out, &s);
    say("  %ld", (long)s.st_size);
    DO(fallocate(out, 0, -1, 10));
    DO(fallocate(out, 0, 0, 0));
    DO(fallocate(in, 0, 0, 10));
    DO(fallocate(99, 0, 0, 10));
    DO(fallocate(99, 0, -1, 10));
    DO(fallocate(out, 0x4000, 0, 10));
    DO(fallocate(out, 0, INT64_MAX - 5, 10));
    DO(posix_fallocate(out, 0, 220000));
}

void copies_run(void) {
    buffers_make();
    off_t at = 100;
    int fd = open("from", O_RDWR | O_CREAT, 0644), out = open("to", O_RDWR | O_CREAT, 0644);
    DO(write(fd, large, 200000));
    int in = open("from", O_RDONLY);
    DO(sendfile(out, in, NULL, 150000));
    DO(lseek(in, 0, SEEK_CUR));
    DO(sendfile(out, in, &at, 70000));
    say("  %ld", (long)at);
    DO(lseek(in, 0, SEEK_CUR));
    DO(sendfile(out, in, NULL, 1000000));
    DO(sendfile(out, in, NULL, 10));
    DO(sendfile(in, out, NULL, 10));
    DO(sendfile(out, 99, NULL, 10));
    DO(sendfile(99, in, NULL, 10));
    at = -1;
    DO(sendfile(out, in, &at, 10));
    whole("to");
    lseek(in, 0, SEEK_SET);
    ranges(in, out);
    whole("to");
    allocations(out, in);
    whole("to");
    close(in);
    close(fd);
    close(out);
    buffers_free();
    tree(".");
}

/* ---- mappings ---- */

static void map_one(const char *what, int fd, size_t length, int protection, int flags, off_t at) {
    char *p = mmap(NULL, length, protection, flags, fd, at);
    tell(what, p == MAP_FAILED ? -1 : 0);
    if (p == MAP_FAILED)
        return;
    if (protection & PROT_READ)
        say("  sum %u", sum(p, length));
    if (protection & PROT_WRITE)
        p[0] = '!';
    munmap(p, length);
}

void mappings_run(void) {
    buffers_make();
    int fd = open("data", O_RDWR | O_CREAT, 0644), writes = open("data", O_WRONLY);
    int dir = open(".", O_RDONLY), path = open("data", O_PATH);
    DO(write(fd, large, 150000));
    map_one("map all", fd, 150000, PROT_READ, MAP_PRIVATE, 0);
    map_one("map to change", fd, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4096);
    map_one("map the middle", fd, 70000, PROT_READ, MAP_PRIVATE, 8192);
    map_one("map the last page", fd, 4096, PROT_READ, MAP_PRIVATE, 147456);
    map_one("map nothing", fd, 0, PROT_READ, MAP_PRIVATE, 0);
    map_one("map between pages", fd, 100, PROT_READ, MAP_PRIVATE, 100);
    map_one("map of no type", fd, 100, PROT_READ, 0, 0);
    map_one("map what is only written", writes, 100, PROT_READ, MAP_PRIVATE, 0);
    map_one("map a directory", dir, 100, PROT_READ, MAP_PRIVATE, 0);
    map_one("map a path", path, 100, PROT_READ, MAP_PRIVATE, 0);
    map_one("map no file", 99, 100, PROT_READ, MAP_PRIVATE, 0);
    map_one("map memory", -1, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);
    map_one("map memory of a file", fd, 5000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, 0);
    whole("data");
    close(fd);
    close(writes);
    close(dir);
    close(path);
    buffers_free();
}
