/* SPDX-License-Identifier: MIT */
#include "tests/userland/known.h"

#include <string.h>

#include "abi/proc.h"
#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/servers.h"

#define PAGE_ADDRESS 0x7ff000200000ull /* of the start page, as lib/sys/start.c */

static struct session_cap first;

static err_t ask(struct message *m) {
    err_t e = session_call(first, m);
    return err_ok(e) ? (err_t){.code = (uint16_t)m->op} : e;
}

err_t known_start(void) {
    err_t e = servers_start_proc(&first);
    return err_ok(e) ? ask(&(struct message){.op = PROC_CHILDREN}) : e;
}

static err_t page_give(const struct program_room *room, struct pool_cap pool,
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

err_t known_launch(const struct program_room *room, struct pool_cap pool,
                   const struct start_page *page, uint64_t *number) {
    struct message m = {.op = PROC_FORK | OP_HANDLES(2),
                        .word = {room->entry, room->stack_top, PAGE_ADDRESS, PROC_PAGE_ADDRESS}};
    err_t e = page_give(room, pool, page);
    if (!err_ok(e))
        return e;
    thread_block()->send[0] = (struct handle_send){room->process.h, RIGHTS_ALL, SEND_MOVE, 0};
    thread_block()->send[1] = (struct handle_send){room->thread.h, RIGHTS_ALL, SEND_MOVE, 0};
    e = ask(&m);
    *number = m.word[0];
    return e;
}

err_t known_wait(uint64_t number, uint64_t deadline, uint64_t *how, uint64_t *code) {
    struct message m = {.op = PROC_WAIT | OP_DEADLINE,
                        .word = {PROC_NUMBER, number, PROC_WAIT_ENDED}};
    thread_block()->deadline = deadline;
    err_t e = ask(&m);
    *how = m.word[1];
    *code = m.word[2];
    return e;
}
