/* SPDX-License-Identifier: MIT */
#include "services/init/server.h"

#include <string.h>
#include <sys/random.h>

#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/wall.h"

#define PRIORITY       120u /* below init's own */
#define SESSIONS_BYTES (1ull << 20)
#define DRAIN_MAX      1000u

const struct boot_module_entry *module_find(const char *name) {
    for (uint32_t i = 0; i < boot_page->module_count && i < BOOT_MODULES; i++)
        if (!strcmp(boot_page->modules[i].name, name))
            return &boot_page->modules[i];
    return NULL;
}

bool argument_add(struct start_page *page, const char *text) {
    size_t at = 0, length = strlen(text) + 1;
    for (uint32_t i = 0; i < page->argument_count; i++)
        at += strlen(page->arguments + at) + 1;
    if (length > sizeof page->arguments - at)
        return false;
    memcpy(page->arguments + at, text, length);
    page->argument_count++;
    return true;
}

err_t number_add(struct start_page *page, uint64_t number) {
    char text[24];
    format_text(text, sizeof text, "%lu", number);
    return argument_add(page, text) ? OK : ERROR(LIMIT);
}

err_t handle_add(const struct program_room *room, struct start_page *page, struct any_cap h,
                 uint64_t rights) {
    if (page->handle_count == START_HANDLES)
        return ERROR(LIMIT);
    return sys_process_give(room->process, h, rights, &page->handles[page->handle_count++]);
}

err_t process_bound(struct process_cap process, unsigned priority) {
    struct syscall_filter all = {.priority = priority};
    memset(all.native, 0xff, sizeof all.native);
    memset(all.foreign, 0xff, sizeof all.foreign);
    return sys_process_filter(process, &all);
}

err_t server_prepare(struct server *s) {
    if (s->session.h != HANDLE_NONE)
        return OK;
    err_t e = sys_pool_create(program_pool, s->bytes + SESSIONS_BYTES, 0, &s->pool);
    if (err_ok(e))
        e = sys_endpoint_create(s->pool, &s->endpoint);
    if (err_ok(e))
        e = sys_endpoint_mint(s->endpoint, s->badge, SESSION_USE | s->rights, HANDLE_NONE,
                              &s->session);
    if (!err_ok(e) && s->pool.h != HANDLE_NONE) {
        sys_pool_destroy(s->pool);
        s->pool.h = HANDLE_NONE;
    }
    return e;
}

/* What every program gets, and its endpoint. */
static err_t give_usual(const struct server *s, const struct program_room *room,
                        struct start_page *page) {
    err_t e = sys_process_give(room->process, ANY(s->process_pool), RIGHT_POOL_BUY | RIGHT_INFO,
                               &page->pool);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(program_log), RIGHT_TRACE_LOG, &page->log);
    if (err_ok(e))
        e = sys_process_give(room->process, ANY(s->endpoint),
                             RIGHT_ENDPOINT_RECEIVE | RIGHT_ENDPOINT_MINT, &page->handles[0]);
    page->handle_count = 1;
    return e;
}

/* Makes the process and gives it all that it gets. */
static err_t process_fill(struct server *s, const struct boot_module_entry *module,
                          struct program_room *room, struct start_page *page) {
    err_t e = program_prepare((struct memory_cap){module->memory}, module->size, s->process_pool,
                              PRIORITY, room);
    if (!err_ok(e))
        return e;
    s->process = room->process;
    if (getrandom(page->random_seed, sizeof page->random_seed, 0) != sizeof page->random_seed)
        return ERROR(UNSUPPORTED);
    if (!argument_add(page, s->name))
        return ERROR(LIMIT);
    e = process_bound(room->process, PRIORITY);
    if (err_ok(e))
        e = give_usual(s, room, page);
    return err_ok(e) && s->give ? s->give(room, page) : e;
}

err_t server_start(struct server *s, struct endpoint_cap ends, uint64_t cookie) {
    const struct boot_module_entry *module = module_find(s->name);
    struct start_page page = {.magic = START_PAGE_MAGIC, .wall_offset = wall_offset()};
    struct program_room room;
    if (!module)
        return ERROR(NOT_FOUND);
    err_t e = server_prepare(s);
    if (err_ok(e))
        e = sys_pool_create(s->pool, s->bytes, 0, &s->process_pool);
    if (err_ok(e))
        e = process_fill(s, module, &room, &page);
    if (err_ok(e))
        e = sys_process_bind(room.process, ends, cookie);
    if (err_ok(e))
        e = program_launch_page(&room, s->process_pool, &page);
    if (!err_ok(e)) {
        server_clear(s);
        return e;
    }
    sys_handle_close(ANY(room.thread));
    s->running = true;
    s->started = clock_nanoseconds();
    return OK;
}

/* With the pool goes all that was bought with it, and every handle to that. */
void server_clear(struct server *s) {
    if (s->process_pool.h != HANDLE_NONE)
        sys_pool_destroy(s->process_pool);
    s->process_pool.h = HANDLE_NONE;
    s->process.h = HANDLE_NONE;
    s->running = false;
}

void server_drain(const struct server *s) {
    struct message m = {0};
    enum message_kind kind;
    for (unsigned i = 0; i < DRAIN_MAX; i++) {
        thread_block()->deadline = 1; /* what is there, and no waiting */
        if (!err_ok(endpoint_receive(s->endpoint, OP_DEADLINE, &m, &kind)))
            return;
        if (kind == MESSAGE_CALL)
            sys_handle_close(ANY(m.reply));
    }
}
