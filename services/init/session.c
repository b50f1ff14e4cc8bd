/* SPDX-License-Identifier: MIT */
/* See the header. `init` is process 1 of those that `proc` knows, and starts this one as its child.
 */
#include "services/init/session.h"

#include <sys/random.h>

#include "abi/proc.h"
#include "lib/posix/start.h"
#include "lib/sys/mem.h"
#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"
#include "services/init/power.h"
#include "services/init/wall.h"

#define PROGRAM      "ttyshelly"
#define PRIORITY     100u              /* below the servers */
#define PAGE_ADDRESS 0x7ff000200000ull /* of the start page, as lib/sys/start.c has it */

static err_t ask(struct message *m) {
    return session_ask(first_servers[FIRST_PROC].session, m);
}

static err_t give(const struct program_room *room, struct any_cap h, uint64_t rights,
                  handle_t *out) {
    return sys_process_give(room->process, h, rights, out);
}

static err_t give_all(const struct program_room *room, struct pool_cap pool,
                      struct start_page *page) {
    err_t e = give(room, ANY(pool), RIGHT_POOL_BUY | RIGHT_INFO, &page->pool);
    if (err_ok(e))
        e = give(room, ANY(program_log), RIGHT_TRACE_LOG, &page->log);
    if (err_ok(e))
        e = give(room, ANY(first_servers[FIRST_NS].session), RIGHTS_ALL,
                 &page->handles[START_SPACE]);
    if (err_ok(e))
        e = give(room, ANY(first_servers[FIRST_PIPE].session), RIGHTS_ALL,
                 &page->handles[START_PIPES]);
    if (err_ok(e) && power_session().h != HANDLE_NONE)
        e = give(room, ANY(power_session()), RIGHTS_ALL, &page->handles[START_POWER]);
    page->handles[START_PROC] = PROC_PAGE_ADDRESS;
    page->handles[START_STATE] = HANDLE_NONE;
    page->handle_count = START_DESCRIPTORS;
    return e;
}

static err_t page_put(const struct program_room *room, struct pool_cap pool,
                      const struct start_page *page) {
    struct memory_cap memory;
    uint64_t here;
    err_t e = room_allocate(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &memory, &here);
    if (!err_ok(e))
        return e;
    memcpy((void *)here, page, sizeof *page);
    sys_process_unmap(SELF_PROCESS, here, PAGE_SIZE);
    e = sys_process_map(room->process, memory, PAGE_ADDRESS, 0, PAGE_SIZE,
                        MEMORY_READ | MAP_PRIVATE_COPY);
    sys_handle_close(ANY(memory));
    return e;
}

bool session_possible(void) {
    return module_find(PROGRAM) != NULL;
}

/* Hands the process and its thread to `proc`, which starts it. */
static err_t launch(const struct program_room *room, uint64_t *number) {
    struct message m = {.op = PROC_FORK | OP_HANDLES(2),
                        .word = {room->entry, room->stack_top, PAGE_ADDRESS, PROC_PAGE_ADDRESS}};
    thread_block()->send[0] = (struct handle_send){room->process.h, RIGHTS_ALL, SEND_MOVE, 0};
    thread_block()->send[1] = (struct handle_send){room->thread.h, RIGHTS_ALL, SEND_MOVE, 0};
    err_t e = ask(&m);
    *number = m.word[0];
    return e;
}

/* The program's name, and a user to be let in unasked, from `autologin=` on the command line; the
 * program knows whether the image allows that. */
static bool arguments_put(struct start_page *page) {
    char name[64];
    size_t n = 0;
    const char *option = option_find(boot_page->command_line, "autologin=");
    if (!argument_add(page, PROGRAM))
        return false;
    if (!option)
        return true;
    for (; option[n] && option[n] != ' ' && n + 1 < sizeof name; n++)
        name[n] = option[n];
    name[n] = 0;
    return argument_add(page, "-f") && argument_add(page, name);
}

static err_t start(struct pool_cap pool, uint64_t *number) {
    const struct boot_module_entry *module = module_find(PROGRAM);
    struct start_page page = {.magic = START_PAGE_MAGIC};
    struct program_room room;
    if (!module)
        return ERROR(NOT_FOUND);
    err_t e =
        program_prepare((struct memory_cap){module->memory}, module->size, pool, PRIORITY, &room);
    if (!err_ok(e))
        return e;
    if (getrandom(page.random_seed, sizeof page.random_seed, 0) != sizeof page.random_seed)
        return ERROR(UNSUPPORTED);
    if (!arguments_put(&page))
        return ERROR(LIMIT);
    (void)wall_ask(); /* without it times count from 1970 */
    page.wall_offset = wall_offset();
    e = give_all(&room, pool, &page);
    if (err_ok(e))
        e = page_put(&room, pool, &page);
    return err_ok(e) ? launch(&room, number) : e;
}

/* Waits for it; on the way for those whose parents have ended before them. */
static err_t await(uint64_t number, struct session_end *end) {
    for (;;) {
        struct message m = {.op = PROC_WAIT, .word = {PROC_ANY, 0, PROC_WAIT_ENDED}};
        err_t e = ask(&m);
        if (!err_ok(e))
            return e;
        if (m.word[0] != number)
            continue;
        *end = (struct session_end){(unsigned)m.word[1], (unsigned)m.word[2]};
        return OK;
    }
}

/* Half of the memory, or most of what is left of it. */
static uint64_t session_bytes(void) {
    struct pool_info info;
    uint64_t half = boot_page->memory_total / 2;
    if (!err_ok(sys_pool_info(program_pool, &info)))
        return half;
    uint64_t most = (info.limit - info.used) / 8 * 7;
    return half < most ? half : most;
}

/* Ends who stayed behind: `proc` hears nothing of what goes with a pool. When the machine goes off
 * they have their time to end. */
static void session_clear(struct pool_cap pool) {
    if (power_going())
        return;
    programs_kill();
    sys_pool_destroy(pool);
}

err_t session_run(struct session_end *end) {
    struct pool_cap pool;
    uint64_t number = 0;
    err_t e = sys_pool_create(program_pool, session_bytes(), 0, &pool);
    if (!err_ok(e))
        return e;
    e = ask(&(struct message){.op = PROC_CHILDREN});
    if (err_ok(e))
        e = start(pool, &number);
    if (err_ok(e))
        e = await(number, end);
    session_clear(pool);
    return e;
}
