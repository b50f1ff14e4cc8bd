/* SPDX-License-Identifier: MIT */
/*
 * Threads of a program; see the header. The entry record stands at the top of the new stack, so
 * that it needs no lifetime of its own.
 */
#include "lib/sys/thread.h"

#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

err_t thread_make(struct pool_cap pool, unsigned priority, struct thread_room *out) {
    struct thread_room r;
    err_t e = room_allocate(pool, THREAD_STACK, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY,
                            &r.stack, &r.stack_address);
    if (!err_ok(e))
        return e;
    r.block_address = room_take(THREAD_BLOCK_SIZE);
    e = sys_thread_create(SELF_PROCESS, r.block_address, priority, &r.thread);
    if (err_ok(e)) {
        *out = r;
    } else {
        sys_process_unmap(SELF_PROCESS, r.stack_address, THREAD_STACK);
        sys_handle_close(ANY(r.stack));
    }
    return e;
}

err_t thread_run(const struct thread_room *room, void (*run)(void *), void *argument) {
    struct thread_entry *entry = (void *)(room->stack_address + THREAD_STACK - sizeof *entry);
    entry->run = run;
    entry->argument = argument;
    return sys_thread_start(room->thread, (uint64_t)thread_start_up, (uint64_t)entry,
                            (uint64_t)entry);
}

err_t thread_spawn(struct pool_cap pool, unsigned priority, void (*run)(void *), void *argument,
                   struct thread_room *out) {
    err_t e = thread_make(pool, priority, out);
    return err_ok(e) ? thread_run(out, run, argument) : e;
}

void thread_free(const struct thread_room *room) {
    sys_handle_close(ANY(room->thread));
    sys_process_unmap(SELF_PROCESS, room->stack_address, THREAD_STACK);
    sys_handle_close(ANY(room->stack));
}

_Noreturn void thread_main(struct thread_entry *entry) {
    entry->run(entry->argument);
    for (;;)
        sys_thread_exit(0, 0, NULL);
}
