/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c lib/file/serve.c lib/file/locks.c lib/file/waits.c
   lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c lib/file/answer.c
   lib/file/client.c lib/bare/random.c services/dev/tree.c lib/bare/x86_64/entropy.c
   lib/file/catalog.c */
/* The server of devices that are no hardware, and files that outlive their server. What programs
 * see of it is compared with Linux by tests/posix. */
#include "services/dev/random.c"

#include <stdlib.h>

#include "services/dev/tree.h"
#include "tap.h"
#include "tests/file/host/host.h"

static const uint64_t seed[4] = {1, 2, 3, 4};
const uint64_t *program_seed = seed;

static struct session_cap root;

static void server_begin(void) {
    file_server_start(&host_server, devices_start());
    host_server.lasting = device_lasting;
}

static struct session_cap open_name(const char *name) {
    const struct file_name n = {.path = text_of(name), .flags = FILE_FOR_READ | FILE_FOR_WRITE};
    struct session_cap s = {HANDLE_NONE};
    check(err_ok(file_open(root, &n, &s, NULL)));
    return s;
}

/* ---- the directory ---- */

static const char *const names[] = {"full", "null", "random", "urandom", "zero"};
static const unsigned minors[] = {7, 3, 8, 9, 5};

static void the_directory(void) {
    char buffer[4096];
    struct file_entry e;
    size_t done = 0, count = 0;
    struct session_cap s;
    const struct file_name n = {.flags = FILE_FOR_READ | FILE_DIRECTORY};
    check(err_ok(file_open(root, &n, &s, NULL)));
    check(err_ok(file_entries(s, 2, buffer, sizeof buffer, &done)));
    for (size_t at = 0; at < done; at += e.length, count++) {
        struct file_stat stat;
        memcpy(&e, buffer + at, sizeof e);
        struct file_name name = {.path = {buffer + at + sizeof e, e.name_length}};
        check(count < 5 && !memcmp(names[count], name.path.at, name.path.length));
        check(err_ok(file_stat(root, &name, &stat, NULL)) && stat.id == e.id);
        check(stat.mode == (FILE_TYPE_CHARACTER | 0666) && e.type == stat.mode >> 12);
        check(stat.device == (1ull << 32 | minors[count]));
    }
    check(count == 5);
    /* Whatever cookie a client makes up. */
    for (uint64_t cookie = 7; cookie && cookie < 1ull << 63; cookie *= 3)
        check(err_ok(file_entries(s, cookie, buffer, sizeof buffer, &done)) && !done);
    host_close(NULL, s);
    tap_test("dev: the directory");
}

static void nothing_changes(void) {
    const struct file_name null = {.path = text_of("null")};
    const struct file_name new = {
        .path = text_of("new"), .flags = FILE_CREATE | FILE_FOR_WRITE, .mode = 0644};
    const struct file_name node = {.path = text_of("new"), .mode = FILE_TYPE_REGULAR | 0644};
    const struct file_set set = {.fields = FILE_SET_MODE, .mode = 0};
    struct session_cap s;
    check(err_is(file_remove(root, &null, NULL), ERR_READ_ONLY));
    check(err_is(file_open(root, &new, &s, NULL), ERR_READ_ONLY));
    check(err_is(file_make(root, &node, (struct text){0}, NULL), ERR_READ_ONLY));
    check(err_is(file_rename(root, &null, text_of("none"), NULL), ERR_READ_ONLY));
    check(err_is(file_set(root, &null, &set, NULL), ERR_READ_ONLY));
    tap_test("dev: no name is made, removed or changed");
}

/* ---- another server in the same place ---- */

/* The end of a process: nothing is told to anybody. */
static void server_end(void) {
    for (uint32_t i = 0; i < host_server.open.places; i++)
        free(host_server.open.place[i]);
    free(host_server.open.place);
}

/* Only a file that lasts, with the rights that its session has, and it can be closed. */
static void sessions_last(void) {
    size_t done = 0;
    char byte = 1;
    uint64_t at = 1;
    struct session_cap zero = open_name("zero"), full = open_name("full"), closed;
    struct session_cap weak = host_narrow(NULL, zero, FILE_RIGHT_READ), directory;
    const struct file_name here = {.flags = FILE_FOR_READ};
    check(err_ok(file_open(root, &here, &directory, NULL)));
    closed = open_name("null");
    uint64_t badges[] = {host_file((unsigned)zero.h)->badged.badge,
                         host_file((unsigned)full.h)->badged.badge,
                         host_file((unsigned)directory.h)->badged.badge};
    host_close(NULL, closed);
    server_end();
    server_begin();
    host_server.open.generation = 100; /* as badges_succeed leaves it */
    check(err_is(file_read(zero, FILE_CURRENT, &byte, 1, &done), ERR_REVOKED));
    for (unsigned i = 0; i < 3; i++)
        file_restore(&host_server, badges[i]);
    file_restore(&host_server, badges[0]); /* of two sessions */
    check(host_server.open.count == 2);
    check(err_ok(file_read(zero, FILE_CURRENT, &byte, 1, &done)) && done == 1 && !byte);
    check(err_ok(file_seek(zero, 77, FILE_SEEK_START, &at)) && !at);
    check(err_is(file_write(full, FILE_CURRENT, "x", 1, &done), ERR_NO_SPACE));
    check(err_is(file_write(weak, FILE_CURRENT, "x", 1, &done), ERR_NO_RIGHT));
    check(err_is(file_entries(directory, 0, &byte, 1, &done), ERR_REVOKED));
    struct session_cap more = open_name("null");
    check(host_file((unsigned)more.h)->badged.badge != badges[0] && host_server.open.count == 3);
    host_close(NULL, zero);
    check(host_server.open.count == 3);
    file_closed(&host_server, badges[0]);
    host_close(NULL, weak);
    host_close(NULL, full);
    host_close(NULL, more);
    host_close(NULL, directory);
    check(!host_server.open.count);
    tap_test("dev: what is open outlives the server");
}

/* No server made these. */
static void badges_of_nothing(void) {
    static const uint64_t wrong[] = {
        0, 1, 5ull << 24, 5ull << 24 | 0xffffff, 1ull << 32 | 1, UINT64_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        file_restore(&host_server, wrong[i]);
    check(!host_server.open.count);
    file_restore(&host_server, 1ull << 32 | 5ull << 24 | 0xfffff); /* the last place there is */
    check(host_server.open.count == 1);
    file_closed(&host_server, 1ull << 32 | 5ull << 24 | 0xfffff);
    check(!host_server.open.count);
    tap_test("dev: badges that are no file's");
}

/* ---- random ---- */

#define BLOCK 32u

static char first[WINDOWS_MAX], second[WINDOWS_MAX];

static int block_order(const void *a, const void *b) {
    return memcmp(a, b, BLOCK);
}

static void fill(struct session_cap s, char *to) {
    size_t done = 0;
    check(err_ok(file_read(s, FILE_CURRENT, to, WINDOWS_MAX, &done)) && done == WINDOWS_MAX);
}

/* A piece that is filled again before it is delivered would come twice. */
static void no_block_twice(void) {
    struct session_cap s = open_name("random");
    fill(s, first);
    qsort(first, sizeof first / BLOCK, BLOCK, block_order);
    for (size_t at = BLOCK; at < sizeof first; at += BLOCK)
        check(memcmp(first + at - BLOCK, first + at, BLOCK) != 0);
    for (size_t i = 0; i < sizeof piece; i++)
        check(!(&piece[0][0])[i]);
    host_close(NULL, s);
    tap_test("random: no bytes come twice, and none stay behind");
}

/* All bits are about as often 1 as 0: of 2^19, within 6 standard deviations of 362. */
static void bits_are_even(void) {
    struct session_cap s = open_name("urandom");
    unsigned ones = 0;
    fill(s, first);
    for (size_t i = 0; i < sizeof first; i++)
        ones += (unsigned)__builtin_popcount((uint8_t)first[i]);
    check(ones > (1u << 18) - 6 * 362 && ones < (1u << 18) + 6 * 362);
    host_close(NULL, s);
    tap_test("random: bits");
}

/* The same state goes on differently when something is added, and each byte of it counts. */
static void what_is_written_counts(void) {
    static const char *const written[] = {"",
                                          "a",
                                          "b",
                                          "aa",
                                          "01234567890123456789012345678901x",
                                          "01234567890123456789012345678901y"};
    static uint64_t got[6][4];
    struct session_cap s = open_name("random");
    size_t done = 0;
    for (unsigned i = 0; i < 6; i++) {
        random_begin(seed);
        check(err_ok(file_write(s, 99, written[i], strlen(written[i]), &done)));
        check(done == strlen(written[i]));
        check(err_ok(file_read(s, 0, got[i], sizeof *got, &done)));
        for (unsigned k = 0; k < i; k++)
            check(memcmp(got[i], got[k], sizeof *got) != 0);
    }
    random_begin(seed);
    memset(first, 0, sizeof first);
    check(err_ok(file_write(s, FILE_CURRENT, first, sizeof first, &done)) && done == sizeof first);
    fill(s, second);
    check(memcmp(first, second, BLOCK) != 0);
    host_close(NULL, s);
    tap_test("random: what is written changes what follows");
}

/* After a MiB, and after a minute. */
static void it_is_seeded_again(void) {
    struct session_cap s = open_name("random");
    reseed();
    for (unsigned i = 0; i < RESEED_BYTES / WINDOWS_MAX; i++)
        fill(s, first);
    check(given == RESEED_BYTES);
    fill(s, first);
    check(given == WINDOWS_MAX);
    seeded_at -= RESEED_TIME;
    fill(s, first);
    check(given == WINDOWS_MAX);
    host_close(NULL, s);
    tap_test("random: it is seeded again");
}

/* Twice from the same seed: the times, at least, differ. */
static void starts_differ(void) {
    uint64_t a[4], b[4];
    random_begin(seed);
    generator_start();
    random_fill(a, sizeof a);
    random_begin(seed);
    generator_start();
    random_fill(b, sizeof b);
    check(memcmp(a, b, sizeof a) != 0);
    tap_test("random: two that begin with the same seed");
}

int main(void) {
    server_begin();
    generator_start();
    root = host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT);
    the_directory();
    nothing_changes();
    sessions_last();
    badges_of_nothing();
    no_block_twice();
    bits_are_even();
    what_is_written_counts();
    it_is_seeded_again();
    starts_differ();
    check(host_sessions() == 1);
    tap_test("dev: nothing is left");
    return tap_done();
}
