/* SPDX-License-Identifier: MIT */
/* See the header. `init` is process 1 of those that `proc` knows, and starts this one as its child.
 */
#include "services/init/session.h"

#include <sys/random.h>

#include "abi/auth.h"
#include "abi/ns.h"
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
#define PRIORITY     100u              /* below the servers, and there it stays */
#define PAGE_ADDRESS 0x7ff000200000ull /* of the start page, as lib/sys/start.c has it */

const struct seat seat_serial = {"cons", "vt100"};
const struct seat seat_screen = {"tty1", "linux"};

static err_t ask(struct message *m) {
    return session_ask(first_servers[FIRST_PROC].session, m);
}

static err_t give(const struct program_room *room, struct any_cap h, uint64_t rights,
                  handle_t *out) {
    return sys_process_give(room->process, h, rights, out);
}

/* A session of a server with a badge that is not its first session's. */
static err_t give_minted(const struct program_room *room, enum first server, uint64_t badge,
                         handle_t *out) {
    struct session_cap session;
    err_t e = sys_endpoint_mint(first_servers[server].endpoint, badge, SESSION_USE, HANDLE_NONE,
                                &session);
    if (!err_ok(e))
        return e;
    e = give(room, ANY(session), RIGHTS_ALL, out);
    sys_handle_close(ANY(session));
    return e;
}

/* Neither more of the namespace nor power: those are for `auth` to grant. */
static err_t give_all(const struct program_room *room, struct pool_cap pool,
                      struct start_page *page) {
    err_t e = process_bound(room->process, PRIORITY);
    if (err_ok(e))
        e = give(room, ANY(pool), RIGHT_POOL_BUY | RIGHT_INFO, &page->pool);
    if (err_ok(e))
        e = give(room, ANY(program_log), RIGHT_TRACE_LOG, &page->log);
    if (err_ok(e))
        e = give_minted(room, FIRST_NS, NS_FIRST, &page->handles[START_SPACE]);
    if (err_ok(e))
        e = give(room, ANY(first_servers[FIRST_PIPE].session), RIGHTS_ALL,
                 &page->handles[START_PIPES]);
    if (err_ok(e))
        e = give_minted(room, FIRST_AUTH, AUTH_BADGE, &page->handles[START_AUTHORITY]);
    page->handles[START_POWER] = HANDLE_NONE;
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

/* The program's name, the terminal, and a user to be let in unasked, from `autologin=` on the
 * command line; the program knows whether the image allows that. */
static bool arguments_put(struct start_page *page, const struct seat *seat) {
    char name[64];
    size_t n = 0;
    const char *option = option_find(boot_page->command_line, "autologin=");
    if (!argument_add(page, PROGRAM) || !argument_add(page, "-t") ||
        !argument_add(page, seat->terminal) || !argument_add(page, "-k") ||
        !argument_add(page, seat->kind))
        return false;
    if (!option)
        return true;
    for (; option[n] && option[n] != ' ' && n + 1 < sizeof name; n++)
        name[n] = option[n];
    name[n] = 0;
    return argument_add(page, "-f") && argument_add(page, name);
}

static err_t start(const struct seat *seat, struct pool_cap pool, uint64_t *number) {
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
    if (!arguments_put(&page, seat))
        return ERROR(LIMIT);
    (void)wall_ask(); /* without it times count from 1970 */
    page.wall_offset = wall_offset();
    e = give_all(&room, pool, &page);
    if (err_ok(e))
        e = page_put(&room, pool, &page);
    return err_ok(e) ? child_begin(&room, PAGE_ADDRESS, number) : e;
}

/* Half of the memory, where there is one seat, a third where there are two, or most of what is
 * left.
 */
static uint64_t session_bytes(void) {
    struct pool_info info;
    uint64_t part = boot_page->memory_total / (first_servers[FIRST_SCREEN].absent ? 2 : 3);
    if (!err_ok(sys_pool_info(program_pool, &info)))
        return part;
    uint64_t most = (info.limit - info.used) / 8 * 7;
    return part < most ? part : most;
}

/* Ends who stayed behind: `proc` hears nothing of what goes with a pool, so it is told to look.
 * When the machine goes off they have their time to end. */
static void session_clear(struct pool_cap pool) {
    if (power_going())
        return;
    sys_pool_destroy(pool);
    (void)ask(&(struct message){.op = PROC_SWEEP});
}

err_t session_run(const struct seat *seat, struct session_end *end) {
    struct pool_cap pool;
    uint64_t number = 0;
    err_t e = sys_pool_create(program_pool, session_bytes(), 0, &pool);
    if (!err_ok(e))
        return e;
    e = start(seat, pool, &number);
    if (err_ok(e))
        e = child_await(number, end);
    session_clear(pool);
    return e;
}
