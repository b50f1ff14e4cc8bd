/* SPDX-License-Identifier: MIT */
/*
 * What each of the first servers is and gets. `ns` is started behind those of files, with their
 * roots: so nobody ever sees its first namespace empty. That those others may not answer yet does
 * no harm, since calls wait at their endpoints.
 */
#include "services/init/first.h"

#include <string.h>

#include "abi/audit.h"
#include "abi/auth.h"
#include "abi/census.h"
#include "abi/file.h"
#include "abi/jobs.h"
#include "abi/memory.h"
#include "abi/ns.h"
#include "abi/proc.h"
#include "lib/file/server.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "services/init/device.h"
#include "services/init/notes.h"
#include "services/init/power.h"

#define MIB       (1ull << 20)
#define DISK_MOST (256 * MIB) /* of the disk at /tmp */
#define PROC_MOST (24 * MIB)  /* that `proc` can make use of */
#define SMALL     (96 * MIB)  /* a machine with less: its servers leave room for a session */
#define CORE      "core"      /* the boot module that is the archive */

#define MAPS_BYTES                                                                                 \
    (1 * MIB)                /* of files of `bootfs`: the records, their pages are the archive's   \
                              */
#define PIPES_MOST (8 * MIB) /* of what is in pipes */

static uint64_t disk_bytes, pipe_bytes;

/* The records are in init's memory: the server's can go. */
static err_t give_kept(const struct program_room *room, struct start_page *page) {
    static struct memory_cap kept;
    err_t e = notes_sources();
    if (err_ok(e) && kept.h == HANDLE_NONE)
        e = sys_memory_create(program_pool, AUDIT_KEPT, MEMORY_READ | MEMORY_WRITE, &kept);
    return err_ok(e) ? handle_add(room, page, ANY(kept), RIGHT_MEMORY_READ | RIGHT_MEMORY_WRITE)
                     : e;
}

/* With what to tell `audit`, as one source. */
static err_t give_source(const struct program_room *room, struct start_page *page,
                         enum audit_source source) {
    return handle_add(room, page, ANY(notes_source(source)), RIGHT_SESSION_CALL | FILE_RIGHT_WRITE);
}

/* With a pool for the memory of files that clients map: they run on when the server ends. */
static err_t give_archive(const struct program_room *room, struct start_page *page) {
    static struct pool_cap lasting;
    const struct boot_module_entry *core = module_find(CORE);
    if (!core)
        return ERROR(NOT_FOUND);
    err_t e = number_add(page, core->size);
    if (err_ok(e) && lasting.h == HANDLE_NONE)
        e = sys_pool_create(program_pool, MAPS_BYTES, 0, &lasting);
    if (err_ok(e))
        e = handle_add(room, page, (struct any_cap){core->memory}, FILE_MAP_RIGHTS);
    if (err_ok(e))
        e = handle_add(room, page, ANY(lasting), RIGHT_POOL_BUY);
    return err_ok(e) ? give_source(room, page, AUDIT_BOOTFS) : e;
}

static err_t give_size(const struct program_room *room, struct start_page *page) {
    (void)room;
    return number_add(page, disk_bytes);
}

static err_t give_pipes(const struct program_room *room, struct start_page *page) {
    (void)room;
    return number_add(page, pipe_bytes);
}

/* A session of `proc` that no process has, made once. */
static err_t give_proc(const struct program_room *room, struct start_page *page, uint64_t badge,
                       struct session_cap *session) {
    err_t e = OK;
    if (session->h == HANDLE_NONE)
        e = sys_endpoint_mint(first_servers[FIRST_PROC].endpoint, badge,
                              RIGHT_SESSION_CALL | RIGHT_SEND, HANDLE_NONE, session);
    return err_ok(e) ? handle_add(room, page, ANY(*session), RIGHT_SESSION_CALL) : e;
}

/* The serial line, with what to ask who a caller is, and the screen. */
static err_t give_lines(const struct program_room *room, struct start_page *page) {
    static struct session_cap jobs;
    const struct server *screen = &first_servers[FIRST_SCREEN];
    err_t e = handle_add(room, page, ANY(first_servers[FIRST_SERIAL].session), RIGHTS_ALL);
    if (err_ok(e))
        e = give_proc(room, page, JOBS_BADGE, &jobs);
    return err_ok(e) && !screen->absent ? handle_add(room, page, ANY(screen->session), RIGHTS_ALL)
                                        : e;
}

/* With what to look at processes, and how much memory there is. */
static err_t give_processes(const struct program_room *room, struct start_page *page) {
    static struct session_cap census;
    err_t e = number_add(page, boot_page->cpu_count);
    if (err_ok(e))
        e = give_proc(room, page, CENSUS_BADGE, &census);
    if (err_ok(e))
        e = handle_add(room, page, ANY(program_pool), RIGHT_INFO);
    return err_ok(e) ? give_source(room, page, AUDIT_PROCFS) : e;
}

/* What it reads, whom it tells, and what it grants, in the order of AUTH_*. */
static err_t give_grants(const struct program_room *room, struct start_page *page) {
    err_t e = handle_add(room, page, ANY(first_servers[FIRST_BOOTFS].session),
                         RIGHT_SESSION_CALL | FILE_RIGHT_READ | FILE_RIGHT_WALK);
    if (err_ok(e))
        e = give_source(room, page, AUDIT_AUTH);
    if (err_ok(e))
        e = handle_add(room, page, ANY(power_session()), RIGHTS_ALL);
    return err_ok(e) ? handle_add(room, page, ANY(first_servers[FIRST_NS].session),
                                  RIGHTS_ALL & ~NS_RIGHT_MOUNT)
                     : e;
}

static err_t mounts_add(const struct program_room *room, struct start_page *page, bool reserved) {
    err_t e = OK;
    for (unsigned i = 0; i < FIRST_COUNT && err_ok(e); i++) {
        const struct server *s = &first_servers[i];
        if (!s->place || s->absent || s->reserved != reserved)
            continue;
        if (!argument_add(page, s->name) || !argument_add(page, s->place))
            e = ERROR(LIMIT);
        else
            e = handle_add(room, page, ANY(s->session), RIGHTS_ALL);
    }
    return e;
}

/* The mounts, in the order of their places: outer ones first. Two at one place are a union. */
static err_t give_mounts(const struct program_room *room, struct start_page *page) {
    err_t e = mounts_add(room, page, false);
    if (err_ok(e) && !argument_add(page, "--"))
        e = ERROR(LIMIT);
    return err_ok(e) ? mounts_add(room, page, true) : e;
}

struct server first_servers[FIRST_COUNT] = {
    [FIRST_AUDIT] = {.name = "audit",
                     .place = "/logs",
                     .reserved = true,
                     .bytes = 3 * MIB,
                     .badge = FILE_BADGE_ROOT,
                     .rights = FILE_RIGHT_READ | FILE_RIGHT_WALK,
                     .give = give_kept},
    [FIRST_BOOTFS] = {.name = "bootfs",
                      .place = "/",
                      .bytes = 4 * MIB,
                      .badge = FILE_BADGE_ROOT,
                      .rights = FILE_RIGHTS,
                      .give = give_archive},
    [FIRST_RAMFS] = {.name = "ramfs",
                     .place = "/tmp",
                     .badge = FILE_BADGE_ROOT,
                     .rights = FILE_RIGHTS,
                     .give = give_size},
    [FIRST_PROC] = {.name = "proc", .badge = PROC_FIRST},
    [FIRST_SERIAL] = {.name = "serial",
                      .bytes = 2 * MIB,
                      .badge = FILE_BADGE_ROOT,
                      .rights = FILE_RIGHT_READ | FILE_RIGHT_WRITE,
                      .give = device_serial},
    [FIRST_SCREEN] = {.name = "screen",
                      .bytes = 4 * MIB,
                      .badge = FILE_BADGE_ROOT,
                      .rights = FILE_RIGHT_READ | FILE_RIGHT_WRITE,
                      .give = device_screen},
    [FIRST_TTY] = {.name = "tty",
                   .place = "/dev",
                   .bytes = 8 * MIB,
                   .badge = FILE_BADGE_ROOT,
                   .rights = FILE_RIGHTS,
                   .give = give_lines},
    [FIRST_DEV] = {.name = "dev",
                   .place = "/dev",
                   .bytes = 2 * MIB,
                   .badge = FILE_BADGE_ROOT,
                   .rights = FILE_RIGHTS},
    [FIRST_RTC] = {.name = "rtc",
                   .place = "/dev",
                   .bytes = 1 * MIB,
                   .badge = FILE_BADGE_ROOT,
                   .rights = FILE_RIGHT_READ | FILE_RIGHT_WALK,
                   .give = device_clock},
    [FIRST_KEYBOARD] = {.name = "keyboard",
                        .place = "/dev",
                        .bytes = 2 * MIB,
                        .badge = FILE_BADGE_ROOT,
                        .rights = FILE_RIGHT_READ | FILE_RIGHT_WRITE | FILE_RIGHT_WALK,
                        .give = device_keyboard},
    [FIRST_PIPE] = {.name = "pipe",
                    .badge = FILE_BADGE_ROOT,
                    .rights = FILE_RIGHTS,
                    .give = give_pipes},
    [FIRST_PROCFS] = {.name = "procfs",
                      .place = "/proc",
                      .bytes = 1 * MIB,
                      .badge = FILE_BADGE_ROOT,
                      .rights = FILE_RIGHT_READ | FILE_RIGHT_WALK,
                      .give = give_processes},
    [FIRST_NS] = {.name = "ns",
                  .bytes = 4 * MIB,
                  .badge = NS_FULL,
                  .rights = NS_RIGHT_MOUNT,
                  .give = give_mounts},
    [FIRST_AUTH] = {.name = "auth", .bytes = 10 * MIB, .badge = AUTH_BADGE, .give = give_grants},
};

void first_size(void) {
    bool small = boot_page->memory_total < SMALL;
    uint64_t bytes = boot_page->memory_total / (small ? 16 : 8);
    disk_bytes = bytes < DISK_MOST ? bytes : DISK_MOST;
    pipe_bytes = bytes / 8 < PIPES_MOST ? bytes / 8 : PIPES_MOST;
    first_servers[FIRST_RAMFS].bytes = disk_bytes + 2 * MIB;
    first_servers[FIRST_PIPE].bytes = pipe_bytes / 2 * 3 + (small ? 4 : 8) * MIB;
    if (small) {
        first_servers[FIRST_TTY].bytes = 4 * MIB;
        first_servers[FIRST_AUDIT].bytes = first_servers[FIRST_AUTH].bytes = 1 * MIB;
    }
    first_servers[FIRST_SCREEN].absent = !device_has_screen();
    first_servers[FIRST_KEYBOARD].absent = !device_has_keyboard();
    first_servers[FIRST_PROC].bytes = disk_bytes < PROC_MOST ? disk_bytes : PROC_MOST;
}
