/* SPDX-License-Identifier: MIT */
#include "tests/userland/restart.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "abi/ns.h"
#include "lib/file/client.h"
#include "lib/file/lookup.h"
#include "lib/file/server.h"
#include "lib/file/space.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/userland/servers.h"

#define POOL_BYTES (8ull << 20)

static bool failed;

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            failed = true;                                                                         \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #x);                                       \
        }                                                                                          \
    } while (0)

static void done(const char *name) {
    printf("%s - restart: %s\n", failed ? "not ok" : "ok", name);
    failed = false;
}

static struct endpoint_cap disk_end, space_end;
static struct session_cap disk, space;

/* A process with a pool of its own that serves at an endpoint; *pool HANDLE_NONE if it fails. */
static void start(struct endpoint_cap end, const char *name, const char *arguments, size_t length,
                  struct pool_cap *pool) {
    struct start_page page = {.handle_count = 1};
    struct program_room room;
    memcpy(page.arguments, arguments, length);
    for (size_t i = 0; i < length; i++)
        page.argument_count += !arguments[i];
    err_t e = sys_pool_create(program_pool, POOL_BYTES, 0, pool);
    if (err_ok(e))
        e = program_begin(module_of(name), *pool, &room, &page);
    if (err_ok(e))
        e = sys_process_give(room.process, ANY(end), RIGHTS_ALL, &page.handles[0]);
    if (err_ok(e) && page.argument_count == 3) {
        page.handle_count = 2;
        e = sys_process_give(room.process, ANY(disk), RIGHTS_ALL, &page.handles[1]);
    }
    if (err_ok(e))
        e = program_launch_page(&room, *pool, &page);
    CHECK(err_ok(e));
}

static void start_disk(struct pool_cap *pool) {
    static const char arguments[] = "ramfs\0"
                                    "1048576";
    start(disk_end, "ramfs", arguments, sizeof arguments, pool);
}

static void start_space(struct pool_cap *pool) {
    static const char arguments[] = "ns\0disk\0/";
    start(space_end, "ns", arguments, sizeof arguments, pool);
}

static err_t open_file(struct session_cap from, const char *name, struct session_cap *out) {
    struct file_name n = {
        .path = text_of(name), .flags = FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE, .mode = 0644};
    return file_open(from, &n, out, NULL);
}

/* As many as were open before, so that each place in the server's table is used again. */
static void disk_again(struct pool_cap *pool) {
    struct session_cap old[3], new[3];
    size_t n = 0;
    char byte = 0;
    for (unsigned i = 0; i < 3; i++) {
        CHECK(err_ok(open_file(disk, "old", &old[i])));
        CHECK(err_ok(file_write(old[i], 0, "o", 1, &n)));
    }
    CHECK(err_ok(sys_pool_destroy(*pool)));
    start_disk(pool);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(err_ok(open_file(disk, "new", &new[i])));
        CHECK(err_ok(file_write(new[i], 0, "n", 1, &n)));
    }
    for (unsigned i = 0; i < 3; i++) {
        CHECK(err_is(file_read(old[i], 0, &byte, 1, &n), ERR_REVOKED));
        CHECK(err_is(file_write(old[i], 0, "x", 1, &n), ERR_REVOKED));
        sys_handle_close(ANY(old[i]));
        CHECK(err_ok(file_read(new[i], 0, &byte, 1, &n)) && byte == 'n');
        sys_handle_close(ANY(new[i]));
    }
    done("open files are not taken for others");
}

/* The first namespace is there at once, with its mounts; others are gone. */
static void space_again(struct pool_cap *pool) {
    struct session_cap old, new, s;
    struct session_cap none = {HANDLE_NONE};
    CHECK(err_ok(open_file(space, "/in-space", &s)));
    sys_handle_close(ANY(s));
    CHECK(err_ok(space_empty(space, &old)));
    CHECK(err_ok(sys_pool_destroy(*pool)));
    start_space(pool);
    CHECK(err_ok(open_file(space, "/in-space", &s)));
    sys_handle_close(ANY(s));
    CHECK(err_ok(space_copy(space, &new)));
    CHECK(err_is(open_file(old, "/in-space", &none), ERR_REVOKED));
    CHECK(err_ok(open_file(new, "/in-space", &s)));
    sys_handle_close(ANY(s));
    sys_handle_close(ANY(old));
    sys_handle_close(ANY(new));
    done("the first namespace comes back with its mounts, copies do not");
}

/* What is open on a device goes on, with the rights that it had, and can be closed. */
static void devices_again(void) {
    struct endpoint_cap end = {HANDLE_NONE};
    struct session_cap root = {HANDLE_NONE}, zero, weak, more[2];
    struct any_cap child = {HANDLE_NONE};
    struct pool_cap pool = {HANDLE_NONE};
    char byte = 1;
    size_t n = 0;
    CHECK(err_ok(sys_endpoint_create(program_pool, &end)));
    CHECK(err_ok(
        sys_endpoint_mint(end, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, HANDLE_NONE, &root)));
    start(end, "dev", "dev", sizeof "dev", &pool);
    CHECK(err_ok(open_file(root, "zero", &zero)));
    CHECK(err_ok(
        sys_handle_duplicate(ANY(zero), RIGHTS_ALL & ~(uint64_t)FILE_RIGHT_WRITE, 0, &child.h)));
    weak.h = child.h;
    for (unsigned i = 0; i < 2; i++) {
        CHECK(err_ok(open_file(root, "full", &more[i])));
        CHECK(err_ok(sys_pool_destroy(pool)));
        start(end, "dev", "dev", sizeof "dev", &pool);
        CHECK(err_ok(file_read(zero, FILE_CURRENT, &byte, 1, &n)) && n == 1 && !byte);
        CHECK(err_ok(file_write(zero, FILE_CURRENT, "x", 1, &n)) && n == 1);
        CHECK(err_is(file_write(weak, FILE_CURRENT, "x", 1, &n), ERR_NO_RIGHT));
        for (unsigned k = 0; k <= i; k++)
            CHECK(err_is(file_write(more[k], FILE_CURRENT, "x", 1, &n), ERR_NO_SPACE));
    }
    sys_handle_close(ANY(weak));
    sys_handle_close(ANY(zero));
    sys_handle_close(ANY(more[0]));
    sys_handle_close(ANY(more[1]));
    CHECK(err_ok(open_file(root, "null", &zero)));
    sys_handle_close(ANY(zero));
    sys_handle_close(ANY(root));
    sys_pool_destroy(pool);
    sys_handle_close(ANY(end));
    done("what is open on devices goes on");
}

unsigned restart_run(void) {
    struct pool_cap disk_pool = {HANDLE_NONE}, space_pool = {HANDLE_NONE};
    CHECK(err_ok(sys_endpoint_create(program_pool, &disk_end)));
    CHECK(err_ok(sys_endpoint_create(program_pool, &space_end)));
    CHECK(err_ok(sys_endpoint_mint(disk_end, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS,
                                   HANDLE_NONE, &disk)));
    CHECK(err_ok(
        sys_endpoint_mint(space_end, NS_FIRST, SESSION_USE | NS_RIGHT_MOUNT, HANDLE_NONE, &space)));
    start_disk(&disk_pool);
    start_space(&space_pool);
    disk_again(&disk_pool);
    space_again(&space_pool);
    devices_again();
    sys_pool_destroy(disk_pool);
    sys_pool_destroy(space_pool);
    sys_handle_close(ANY(disk));
    sys_handle_close(ANY(space));
    sys_handle_close(ANY(disk_end));
    sys_handle_close(ANY(space_end));
    return 3;
}
