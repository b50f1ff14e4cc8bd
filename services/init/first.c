/* SPDX-License-Identifier: MIT */
/*
 * What each of the first servers is and gets. `ns` is started behind those of files, with their
 * roots: so nobody ever sees its first namespace empty. That those others may not answer yet does
 * no harm, since calls wait at their endpoints.
 */
#include "services/init/first.h"

#include <string.h>

#include "abi/census.h"
#include "abi/file.h"
#include "abi/jobs.h"
#include "abi/ns.h"
#include "abi/proc.h"
#include "lib/file/server.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

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

static err_t handle_add(const struct program_room *room, struct start_page *page, struct any_cap h,
                        uint64_t rights) {
    if (page->handle_count == START_HANDLES)
        return ERROR(LIMIT);
    return sys_process_give(room->process, h, rights, &page->handles[page->handle_count++]);
}

static err_t number_add(struct start_page *page, uint64_t number) {
    char text[24];
    format_text(text, sizeof text, "%lu", number);
    return argument_add(page, text) ? OK : ERROR(LIMIT);
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
    return err_ok(e) ? handle_add(room, page, ANY(lasting), RIGHT_POOL_BUY) : e;
}

static err_t give_size(const struct program_room *room, struct start_page *page) {
    (void)room;
    return number_add(page, disk_bytes);
}

static err_t give_pipes(const struct program_room *room, struct start_page *page) {
    (void)room;
    return number_add(page, pipe_bytes);
}

/* The first serial port of a PC: ports 0x3f8 to 0x3ff, interrupt 4. Both are made once: a driver
 * that follows another gets the same. */
static err_t serial_make(struct ports_cap *ports, struct irq_cap *irq) {
    uint64_t message;
    err_t e = OK;
    if (ports->h == HANDLE_NONE)
        e = sys_ports_slice((struct ports_cap){boot_page->ports}, program_pool, 0x3f8, 8, ports);
    if (err_ok(e) && irq->h == HANDLE_NONE)
        e = sys_irq_create((struct irq_cap){boot_page->irqs}, program_pool, 4, 0, irq, &message);
    return e;
}

static err_t give_serial(const struct program_room *room, struct start_page *page) {
    static struct ports_cap ports;
    static struct irq_cap irq;
    err_t e = serial_make(&ports, &irq);
    if (err_ok(e))
        e = handle_add(room, page, ANY(ports), RIGHT_PORTS_READ | RIGHT_PORTS_WRITE);
    return err_ok(e) ? handle_add(room, page, ANY(irq), RIGHT_IRQ_BIND) : e;
}

/* The clock of a PC: ports 0x70 and 0x71. */
static err_t give_clock(const struct program_room *room, struct start_page *page) {
    static struct ports_cap ports;
    err_t e = OK;
    if (ports.h == HANDLE_NONE)
        e = sys_ports_slice((struct ports_cap){boot_page->ports}, program_pool, 0x70, 2, &ports);
    return err_ok(e) ? handle_add(room, page, ANY(ports), RIGHT_PORTS_READ | RIGHT_PORTS_WRITE) : e;
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

/* The line, and with what to ask who a caller is. */
static err_t give_line(const struct program_room *room, struct start_page *page) {
    static struct session_cap jobs;
    err_t e = handle_add(room, page, ANY(first_servers[FIRST_SERIAL].session), RIGHTS_ALL);
    return err_ok(e) ? give_proc(room, page, JOBS_BADGE, &jobs) : e;
}

/* With what to look at processes, and how much memory there is. */
static err_t give_processes(const struct program_room *room, struct start_page *page) {
    static struct session_cap census;
    err_t e = number_add(page, boot_page->cpu_count);
    if (err_ok(e))
        e = give_proc(room, page, CENSUS_BADGE, &census);
    return err_ok(e) ? handle_add(room, page, ANY(program_pool), RIGHT_INFO) : e;
}

/* The mounts, in the order of their places: outer ones first. Two at one place are a union. */
static err_t give_mounts(const struct program_room *room, struct start_page *page) {
    err_t e = OK;
    for (unsigned i = 0; i < FIRST_COUNT && err_ok(e); i++) {
        const struct server *s = &first_servers[i];
        if (!s->place)
            continue;
        if (!argument_add(page, s->name) || !argument_add(page, s->place))
            e = ERROR(LIMIT);
        else
            e = handle_add(room, page, ANY(s->session), RIGHTS_ALL);
    }
    return e;
}

struct server first_servers[FIRST_COUNT] = {
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
                      .give = give_serial},
    [FIRST_TTY] = {.name = "tty",
                   .place = "/dev",
                   .bytes = 8 * MIB,
                   .badge = FILE_BADGE_ROOT,
                   .rights = FILE_RIGHTS,
                   .give = give_line},
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
                   .give = give_clock},
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
                  .badge = NS_FIRST,
                  .rights = NS_RIGHT_MOUNT,
                  .give = give_mounts},
};

void first_size(void) {
    bool small = boot_page->memory_total < SMALL;
    uint64_t bytes = boot_page->memory_total / (small ? 16 : 8);
    disk_bytes = bytes < DISK_MOST ? bytes : DISK_MOST;
    pipe_bytes = bytes / 8 < PIPES_MOST ? bytes / 8 : PIPES_MOST;
    first_servers[FIRST_RAMFS].bytes = disk_bytes + 2 * MIB;
    first_servers[FIRST_PIPE].bytes = pipe_bytes / 2 * 3 + (small ? 4 : 8) * MIB;
    if (small)
        first_servers[FIRST_TTY].bytes = 4 * MIB;
    first_servers[FIRST_PROC].bytes = disk_bytes < PROC_MOST ? disk_bytes : PROC_MOST;
}
