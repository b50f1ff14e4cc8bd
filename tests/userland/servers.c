/* SPDX-License-Identifier: MIT */
#include "tests/userland/servers.h"

#include <stdio.h>
#include <string.h>

#include "abi/file.h"
#include "abi/jobs.h"
#include "abi/ns.h"
#include "abi/proc.h"
#include "lib/file/client.h"
#include "lib/file/server.h"
#include "lib/file/space.h"
#include "lib/posix/start.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "tests/file/prepared.h"

#define PROC_PROGRAM "proc"
#define TTY_PROGRAM  "tty"

#define LIBRARY_DIRECTORY "lib" /* as lib/posix/linux_place.h */
#define LIBRARY_FILE      LIBRARY_DIRECTORY "/linux"

struct server {
    const char *name, *argument;
    uint64_t pool_bytes, badge;
    uint16_t rights;
    struct session_cap session;
    struct memory_cap memory; /* that it gets as well, HANDLE_NONE: none */
    struct endpoint_cap endpoint;
};

static struct server servers[GIVEN_SERVERS] = {
    [GIVEN_FILES] =
        {"ramfs", "8388608", 16u << 20, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, {0}, {0}, {0}},
    [GIVEN_SPACE] = {"ns", "", 4u << 20, NS_FIRST, SESSION_USE | NS_RIGHT_MOUNT, {0}, {0}, {0}},
    [GIVEN_TREE] =
        {"bootfs", "", 4u << 20, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, {0}, {0}, {0}},
    [GIVEN_PIPES] =
        {"pipe", "4194304", 10u << 20, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, {0}, {0}, {0}},
    [GIVEN_DEVICES] =
        {"dev", "", 2u << 20, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, {0}, {0}, {0}},
};

static struct server processes = {PROC_PROGRAM, "",  4u << 20, PROC_FIRST,
                                  SESSION_USE,  {0}, {0},      {0}};
/* It has pseudo terminals only: nobody is at its line. */
static struct server terminals = {
    TTY_PROGRAM, "", 4u << 20, FILE_BADGE_ROOT, SESSION_USE | FILE_RIGHTS, {0}, {0}, {0}};

const struct boot_module_entry *module_of(const char *name) {
    for (uint32_t i = 0; i < boot_page->module_count; i++)
        if (!strcmp(boot_page->modules[i].name, name))
            return &boot_page->modules[i];
    return NULL;
}

/* Programs with files: what of the bundle they find in their directory. */
static const struct {
    const char *program, *module, *path;
} given_files[] = {{"posix", "posix", SELF_FILE},
                   {"linux", "record.linux", SELF_FILE},
                   {"linux", "library.linux", LIBRARY_FILE}};
#define GIVEN_FILE_COUNT (sizeof given_files / sizeof *given_files)

bool servers_has(const char *name) {
    for (unsigned i = 0; i < GIVEN_FILE_COUNT; i++)
        if (!strcmp(given_files[i].module, name) && !servers_is_posix(name))
            return true;
    if (!strcmp(name, PROC_PROGRAM) || !strcmp(name, TTY_PROGRAM))
        return true;
    for (unsigned i = 0; i < GIVEN_SERVERS; i++)
        if (!strcmp(servers[i].name, name))
            return true;
    return false;
}

/* A line, at an endpoint that nobody serves, and the session of `proc` for who is in front. */
static err_t give_terminals(const struct program_room *room, struct start_page *page) {
    struct endpoint_cap nobody;
    struct session_cap line, jobs;
    err_t e = sys_endpoint_create(program_pool, &nobody);
    if (err_ok(e))
        e = sys_endpoint_mint(nobody, 0, SESSION_USE, HANDLE_NONE, &line);
    if (err_ok(e))
        e = sys_endpoint_mint(processes.endpoint, JOBS_BADGE, SESSION_USE, HANDLE_NONE, &jobs);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(line), RIGHTS_ALL, &page->handles[1]);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(jobs), RIGHTS_ALL, &page->handles[2]);
    page->handle_count = 3;
    return e;
}

static err_t server_start(struct server *s) {
    const struct boot_module_entry *module = module_of(s->name);
    struct start_page page = {.handle_count = 1, .argument_count = *s->argument ? 2 : 1};
    struct program_room room;
    struct pool_cap pool;
    if (!module)
        return ERROR(NOT_FOUND);
    snprintf(page.arguments, sizeof page.arguments, "%s%c%s", s->name, 0, s->argument);
    err_t e = sys_pool_create(program_pool, s->pool_bytes, 0, &pool);
    if (err_ok(e))
        e = sys_endpoint_create(pool, &s->endpoint);
    if (err_ok(e))
        e = program_begin(module, pool, &room, &page);
    if (err_ok(e))
        e = sys_process_give(room.process, ANY(s->endpoint), RIGHTS_ALL, &page.handles[0]);
    if (err_ok(e) && s->memory.h != HANDLE_NONE)
        e = sys_process_give(room.process, ANY(s->memory), FILE_MAP_RIGHTS,
                             &page.handles[page.handle_count++]);
    if (err_ok(e) && s == &terminals)
        e = give_terminals(&room, &page);
    if (err_ok(e))
        e = program_launch_page(&room, pool, &page);
    return err_ok(e) ? sys_endpoint_mint(s->endpoint, s->badge, s->rights, HANDLE_NONE, &s->session)
                     : e;
}

err_t servers_start_proc(struct session_cap *first) {
    err_t e = server_start(&processes);
    if (err_ok(e))
        e = server_start(&terminals);
    *first = processes.session;
    return e;
}

/* The archive of the prepared tree, for bootfs. */
static err_t archive_make(struct server *s) {
    static char size[24];
    struct newc archive = {.size = PREPARED_ROOM};
    uint64_t address;
    err_t e = room_allocate(program_pool, PREPARED_ROOM, MEMORY_READ | MEMORY_WRITE, &s->memory,
                            &address);
    if (!err_ok(e))
        return e;
    archive.at = (char *)address;
    prepared_archive(&archive);
    snprintf(size, sizeof size, "%zu", archive.length);
    s->argument = size;
    return sys_process_unmap(SELF_PROCESS, address, PREPARED_ROOM);
}

err_t servers_start(void) {
    err_t e = archive_make(&servers[GIVEN_TREE]);
    for (unsigned i = 0; i < GIVEN_SERVERS && err_ok(e); i++) {
        e = server_start(&servers[i]);
        if (!err_ok(e))
            printf("# %s: not started: %s\n", servers[i].name, error_name(e));
    }
    return e;
}

static err_t write_all(struct session_cap file, const char *from, size_t size) {
    size_t done = 0;
    err_t e = OK;
    for (size_t at = 0; at < size && err_ok(e); at += done)
        e = file_write(file, at, from + at, size - at < WINDOWS_MAX ? size - at : WINDOWS_MAX,
                       &done);
    return e;
}

/* Copies a file of the bundle into the directory, for a program to exec. */
static err_t copy_make(const char *module, const char *path) {
    const struct boot_module_entry *m = module_of(module);
    const struct file_name self = {
        .path = text_of(path), .flags = FILE_CREATE | FILE_TRUNCATE | FILE_FOR_WRITE, .mode = 0755};
    struct session_cap file;
    uint64_t at;
    if (!m)
        return ERROR(NOT_FOUND);
    err_t e = room_map((struct memory_cap){m->memory}, 0, m->size, MEMORY_READ, &at);
    if (!err_ok(e))
        return e;
    e = file_open(servers[GIVEN_FILES].session, &self, &file, NULL);
    if (err_ok(e)) {
        e = write_all(file, (const char *)at, m->size);
        sys_handle_close(ANY(file));
    }
    sys_process_unmap(SELF_PROCESS, at, page_round(m->size));
    return e;
}

/* ... and all that are for this one, in the directory that one of them is in. */
static err_t copies_make(const char *program) {
    err_t e = file_make(
        servers[GIVEN_FILES].session,
        &(struct file_name){.path = text_of(LIBRARY_DIRECTORY), .mode = FILE_TYPE_DIRECTORY | 0755},
        (struct text){NULL, 0}, NULL);
    if (err_is(e, ERR_EXISTS))
        e = OK;
    for (unsigned i = 0; i < GIVEN_FILE_COUNT && err_ok(e); i++)
        if (!strcmp(given_files[i].program, program))
            e = copy_make(given_files[i].module, given_files[i].path);
    return e;
}

bool servers_is_posix(const char *name) {
    return !strcmp(name, "posix") || !strcmp(name, "linux");
}

/* Of programs with files. */
static const struct {
    const char *place;
    enum given server;
} mounts[] = {{"/", GIVEN_FILES},
              {"/dev", GIVEN_DEVICES},
              {"/union", GIVEN_TREE},
              {"/union", GIVEN_DEVICES},
              {"/union", GIVEN_TREE}};

/* A namespace of its own. */
static err_t give_posix(const char *name, const struct program_room *room,
                        struct start_page *page) {
    struct session_cap space;
    uint32_t number;
    err_t e = copies_make(name);
    if (err_ok(e))
        e = space_empty(servers[GIVEN_SPACE].session, &space);
    if (!err_ok(e))
        return e;
    for (unsigned i = 0; i < sizeof mounts / sizeof *mounts && err_ok(e); i++) {
        const struct server *s = &servers[mounts[i].server];
        e = space_mount(space, text_of(mounts[i].place), text_of(s->name), s->session, NS_AFTER,
                        &number);
    }
    if (err_ok(e))
        e = space_mount(space, text_of("/dev"), text_of(TTY_PROGRAM), terminals.session, NS_AFTER,
                        &number);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(space), RIGHTS_ALL, &page->handles[START_SPACE]);
    sys_handle_close(ANY(space));
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(servers[GIVEN_PIPES].session), RIGHTS_ALL,
                             &page->handles[START_PIPES]);
    page->handles[START_PROC] = PROC_PAGE_ADDRESS;
    page->handles[START_STATE] = HANDLE_NONE;
    page->handle_count = START_DESCRIPTORS;
    return e;
}

err_t servers_give(const char *name, const struct program_room *room, struct start_page *page) {
    const struct boot_module_entry *proc = module_of(PROC_PROGRAM);
    err_t e = proc ? OK : ERROR(NOT_FOUND);
    if (servers_is_posix(name))
        return give_posix(name, room, page);
    page->handle_count = GIVEN_COUNT;
    for (unsigned i = 0; i < GIVEN_SERVERS && err_ok(e); i++)
        e = sys_process_give(room->process, ANY(servers[i].session), RIGHTS_ALL, &page->handles[i]);
    if (err_ok(e))
        e = sys_process_give(room->process, (struct any_cap){proc->memory}, FILE_MAP_RIGHTS,
                             &page->handles[GIVEN_PROC_PROGRAM]);
    return e;
}
