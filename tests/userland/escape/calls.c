/* SPDX-License-Identifier: MIT */
/* System calls through handles of others, whose numbers the prisoner knows exactly, or guesses. */
#include "abi/memory.h"
#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/thread.h"
#include "tests/userland/escape/escape.h"

#define ROOM  0x510000000000ull
#define READ  MEMORY_READ
#define WRITE MEMORY_WRITE

static struct any_cap made;
static uint64_t number, other;
static uint8_t buffer[4096];

#define OUT(type) ((struct type *)(void *)&made)
#define TRY(name, call)                                                                            \
    static uint64_t try_##name(void) {                                                             \
        err_t e = call;                                                                            \
        return e.code;                                                                             \
    }

/* name, call */
#define CALLS(X)                                                                                   \
    X(duplicate_pool, sys_handle_duplicate(ANY(scene.pool), RIGHTS_ALL, 0, &made.h))               \
    X(duplicate_process, sys_handle_duplicate(ANY(scene.victim), RIGHTS_ALL, 0, &made.h))          \
    X(duplicate_thread, sys_handle_duplicate(ANY(scene.thread), RIGHTS_ALL, 0, &made.h))           \
    X(duplicate_memory, sys_handle_duplicate(ANY(scene.memory), RIGHTS_ALL, 0, &made.h))           \
    X(duplicate_endpoint, sys_handle_duplicate(ANY(scene.endpoint), RIGHTS_ALL, 0, &made.h))       \
    X(duplicate_session, sys_handle_duplicate(ANY(scene.session), RIGHTS_ALL, 0, &made.h))         \
    X(duplicate_signal, sys_handle_duplicate(ANY(scene.signal), RIGHTS_ALL, 0, &made.h))           \
    X(duplicate_timer, sys_handle_duplicate(ANY(scene.timer), RIGHTS_ALL, 0, &made.h))             \
    X(duplicate_file, sys_handle_duplicate(ANY(scene.file), RIGHTS_ALL, 0, &made.h))               \
    X(duplicate_ports, sys_handle_duplicate(ANY(ports), RIGHTS_ALL, 0, &made.h))                   \
    X(duplicate_irqs, sys_handle_duplicate(ANY(irqs), RIGHTS_ALL, 0, &made.h))                     \
    X(close_pool, sys_handle_close(ANY(scene.pool)))                                               \
    X(close_process, sys_handle_close(ANY(scene.victim)))                                          \
    X(close_file, sys_handle_close(ANY(scene.file)))                                               \
    X(revoke_pool, sys_handle_revoke(ANY(scene.pool)))                                             \
    X(revoke_process, sys_handle_revoke(ANY(scene.victim)))                                        \
    X(revoke_memory, sys_handle_revoke(ANY(scene.memory)))                                         \
    X(revoke_endpoint, sys_handle_revoke(ANY(scene.endpoint)))                                     \
    X(revoke_session, sys_handle_revoke(ANY(scene.session)))                                       \
    X(revoke_file, sys_handle_revoke(ANY(scene.file)))                                             \
    X(look_at_pool, sys_handle_info(ANY(scene.pool), &number, &other))                             \
    X(look_at_process, sys_handle_info(ANY(scene.victim), &number, &other))                        \
    X(look_at_ports, sys_handle_info(ANY(ports), &number, &other))                                 \
    X(keep_process, sys_handle_keep(ANY(scene.victim), 1))                                         \
    X(pool_divide, sys_pool_create(scene.pool, PAGE_SIZE, 0, OUT(pool_cap)))                       \
    X(pool_account, sys_pool_create(scene.pool, PAGE_SIZE, 10000, OUT(pool_cap)))                  \
    X(pool_shrink, sys_pool_limit(scene.pool, 900 << 10))                                          \
    X(pool_grow, sys_pool_limit(scene.pool, 1100 << 10))                                           \
    X(pool_info, sys_pool_info(scene.pool, (void *)buffer))                                        \
    X(pool_bind, sys_pool_bind(scene.pool, scene.signal, 1))                                       \
    X(pool_destroy, sys_pool_destroy(scene.pool))                                                  \
    X(pool_release, sys_pool_release(scene.pool, &number))                                         \
    X(process_create, sys_process_create(scene.pool, OUT(process_cap)))                            \
    X(process_map, sys_process_map(scene.victim, scene.memory, ROOM, 0, PAGE_SIZE, READ))          \
    X(map_here, sys_process_map(SELF_PROCESS, scene.memory, ROOM, 0, PAGE_SIZE, READ | WRITE))     \
    X(process_unmap, sys_process_unmap(scene.victim, VICTIM_PAGE, PAGE_SIZE))                      \
    X(process_protect, sys_process_protect(scene.victim, VICTIM_PAGE, PAGE_SIZE, READ))            \
    X(process_clone, sys_process_clone(scene.victim, scene.pool, OUT(process_cap)))                \
    X(clone_self, sys_process_clone(SELF_PROCESS, scene.pool, OUT(process_cap)))                   \
    X(process_give, sys_process_give(scene.victim, ANY(scene.signal), RIGHTS_ALL, &made.h))        \
    X(process_kill, sys_process_kill(scene.victim, 1))                                             \
    X(process_upcall, sys_process_upcall(scene.victim, ROOM, ROOM))                                \
    X(process_bind, sys_process_bind(scene.victim, scene.endpoint, 1))                             \
    X(process_info, sys_process_info(scene.victim, (void *)buffer))                                \
    X(process_read, sys_process_read(scene.victim, VICTIM_PAGE, buffer, 8, &number))               \
    X(process_write, sys_process_write(scene.victim, VICTIM_PAGE, buffer, 8, &number))             \
    X(thread_create, sys_thread_create(scene.victim, ROOM, 1, OUT(thread_cap)))                    \
    X(thread_start, sys_thread_start(scene.thread, VICTIM_PAGE, 0, 0))                             \
    X(registers_read, sys_thread_registers_read(scene.thread, (void *)buffer))                     \
    X(thread_interrupt, sys_thread_interrupt(scene.thread))                                        \
    X(thread_suspend, sys_thread_suspend(scene.thread))                                            \
    X(thread_resume, sys_thread_resume(scene.thread))                                              \
    X(thread_schedule, sys_thread_schedule(scene.thread, 1, 1))                                    \
    X(thread_info, sys_thread_info(scene.thread, (void *)buffer))                                  \
    X(memory_create, sys_memory_create(scene.pool, PAGE_SIZE, READ, OUT(memory_cap)))              \
    X(memory_pager,                                                                                \
      sys_memory_create_pager(scene.pool, scene.endpoint, 1, PAGE_SIZE, 1, OUT(memory_cap)))       \
    X(memory_clone, sys_memory_clone(scene.memory, scene.pool, 0, PAGE_SIZE, OUT(memory_cap)))     \
    X(memory_resize, sys_memory_resize(scene.memory, 2 * PAGE_SIZE))                               \
    X(memory_discard, sys_memory_discard(scene.memory, 0, PAGE_SIZE))                              \
    X(memory_info, sys_memory_info(scene.memory, (void *)buffer))                                  \
    X(endpoint_create, sys_endpoint_create(scene.pool, OUT(endpoint_cap)))                         \
    X(endpoint_mint,                                                                               \
      sys_endpoint_mint(scene.endpoint, 0, SESSION_USE, HANDLE_NONE, OUT(session_cap)))            \
    X(endpoint_sessions, sys_endpoint_sessions(scene.endpoint, 0, (void *)buffer, 8, &number))     \
    X(endpoint_bind, sys_endpoint_bind(scene.endpoint, scene.signal))                              \
    X(signal_create, sys_signal_create(scene.pool, OUT(signal_cap)))                               \
    X(signal_raise, sys_signal_raise(scene.signal, 1))                                             \
    X(timer_create, sys_timer_create(scene.pool, scene.signal, 1, OUT(timer_cap)))                 \
    X(timer_set, sys_timer_set(scene.timer, UINT64_MAX / 2, 0))                                    \
    X(irq_create, sys_irq_create(irqs, scene.pool, 5, 0, OUT(irq_cap), &number))                   \
    X(ports_slice, sys_ports_slice(ports, scene.pool, 0x70, 1, OUT(ports_cap)))                    \
    X(ports_read, sys_ports_read(ports, 0x71, 1, &number))                                         \
    X(ports_write, sys_ports_write(ports, 0x70, 1, 0))                                             \
    X(trace_log, sys_trace_log(program_log, "# logged\n", 9, &number))

CALLS(TRY)

/* With a past deadline: received or not, it does not wait. */
static err_t receive(void) {
    struct message m = {0};
    enum message_kind kind;
    thread_block()->deadline = 1;
    err_t e = endpoint_receive(scene.endpoint, OP_DEADLINE, &m, &kind);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}

/* Queued and given up: nobody serves there. */
static err_t call(void) {
    struct message m = {.op = OP_DEADLINE | 1};
    thread_block()->deadline = 1;
    err_t e = session_call(scene.session, &m);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}

static err_t wait_signal(void) {
    err_t e = sys_signal_wait(scene.signal, 1, 1, &number);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}

/* A handle that goes along with a call. Both are allowed to go to a server of one's own: none
 * takes it here. */
static err_t send_handle(void) {
    struct message m = {.op = OP_DEADLINE | OP_HANDLES(1) | 1};
    thread_block()->deadline = 1;
    thread_block()->send[0] = (struct handle_send){scene.memory.h, RIGHTS_ALL, 0, 0};
    err_t e = session_call(scene.session, &m);
    return err_is(e, ERR_TIMED_OUT) ? OK : e;
}

TRY(receive, receive())
TRY(call, call())
TRY(wait_signal, wait_signal())
TRY(send_handle, send_handle())

/* Any handle but one's own process and thread, by counting through tables and generations. */
static uint64_t try_guess(void) {
    for (uint64_t generation = 0; generation < 1024; generation++)
        for (uint64_t index = 0; index < 128; index++) {
            handle_t h = generation << HANDLE_INDEX_BITS | index;
            bool own =
                h == HANDLE_NONE || h == HANDLE_PROCESS || h == HANDLE_THREAD || h == scene.space.h;
            if (!own && err_ok(sys_handle_info((struct any_cap){h}, &number, &other)))
                return 0;
        }
    return ERR_BAD_HANDLE;
}

/* The generation behind that of a handle and before it, and the highest. */
static err_t near(int64_t step) {
    struct any_cap h = {scene.memory.h + (uint64_t)(step << HANDLE_INDEX_BITS)};
    return sys_handle_info(h, &number, &other);
}
TRY(generation_same, near(0))
TRY(generation_next, near(1))
TRY(generation_before, near(-1))

/* More than one has. */
TRY(raise_priority, sys_thread_schedule(SELF_THREAD, 255, 1))
TRY(close_self, sys_handle_close(ANY(SELF_PROCESS)))

#define ROW(name, call) {#name, try_##name, false},
const struct attempt call_attempts[] = {
    CALLS(ROW){"receive", try_receive, false},
    {"call", try_call, false},
    {"wait-signal", try_wait_signal, false},
    {"send-handle", try_send_handle, false},
    {"guess", try_guess, false},
    {"generation", try_generation_same, false},
    {"generation-next", try_generation_next, true},
    {"generation-before", try_generation_before, true},
    {"raise-priority", try_raise_priority, false},
    {"close-self", try_close_self, true},
    {0},
};
