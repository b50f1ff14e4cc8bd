/* SPDX-License-Identifier: MIT */
/* Files in memory: a name of three components, and bytes that are there. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

#define DIRECTORY "/tmp/bench"
#define NAME      DIRECTORY "/file"
#define BYTES     4096u

static int file;
static char buffer[BYTES];

static void file_begin(void) {
    mkdir(DIRECTORY, 0755);
    file = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
    must(file >= 0 && write(file, buffer, BYTES) == BYTES, NAME);
}

static void file_end(void) {
    close(file);
    unlink(NAME);
    rmdir(DIRECTORY);
}

static void open_run(unsigned count) {
    while (count--)
        close(open(NAME, O_RDONLY));
}

static void stat_run(unsigned count) {
    struct stat s;
    while (count--)
        stat(NAME, &s);
}

static void read_run(unsigned count, size_t bytes) {
    while (count--)
        must(pread(file, buffer, bytes, 0) == (ssize_t)bytes, "pread");
}

static void read_page_run(unsigned count) {
    read_run(count, BYTES);
}

static void read_byte_run(unsigned count) {
    read_run(count, 1);
}

/* clang-format off */
static const struct operation table[] = {
    {.name = "open_close", .run = open_run, .begin = file_begin, .end = file_end},
    {.name = "stat", .run = stat_run, .begin = file_begin, .end = file_end},
    {.name = "read_4k_cached", .run = read_page_run, .begin = file_begin, .end = file_end},
    {.name = "read_1b_cached", .run = read_byte_run, .begin = file_begin, .end = file_end},
};
/* clang-format on */
const struct operations file_operations = {table, sizeof table / sizeof *table};
