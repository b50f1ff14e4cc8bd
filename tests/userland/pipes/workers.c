/* SPDX-License-Identifier: MIT */
#include "tests/userland/pipes/workers.h"

#include "abi/memory.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define PRIORITY 100u

static struct worker {
    struct thread_room room;
    uint32_t turn; /* odd: has something to do; futex word */
    struct later *later;
    void (*run)(void);
} workers[WORKERS];

static void wait_while(uint32_t *word, uint32_t value) {
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
        sys_futex_wait(word, value, DEADLINE_NONE, FUTEX_ALL);
}

static void advance(uint32_t *word) {
    uint64_t woken;
    __atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
    sys_futex_wake(word, 1, FUTEX_ALL, &woken);
}

static void work(void *argument) {
    struct worker *w = argument;
    for (uint32_t turn = 0;; turn += 2) {
        wait_while(&w->turn, turn);
        if (w->run)
            w->run();
        else
            w->later->error = file_call(w->later->session, &w->later->call);
        advance(&w->turn);
    }
}

err_t workers_start(void) {
    err_t e = OK;
    for (struct worker *w = workers; w < workers + WORKERS && err_ok(e); w++)
        e = thread_spawn(program_pool, PRIORITY, work, w, &w->room);
    return e;
}

static void start(struct later *l, void (*run)(void)) {
    struct worker *w = workers;
    while (w < workers + WORKERS && w->later)
        w++;
    if (w == workers + WORKERS)
        program_fail("no worker is left");
    w->later = l;
    w->run = run;
    l->own = w;
    advance(&w->turn);
}

void worker_begin(struct later *l) {
    start(l, NULL);
}

void worker_run(struct later *l, void (*run)(void)) {
    start(l, run);
}

void worker_finish(struct later *l) {
    struct worker *w = l->own;
    uint32_t turn = __atomic_load_n(&w->turn, __ATOMIC_ACQUIRE);
    if (turn % 2)
        wait_while(&w->turn, turn);
    w->later = NULL;
}

void worker_interrupt(struct later *l) {
    const struct worker *w = l->own;
    sys_thread_interrupt(w->room.thread);
}

/* ---- a child ---- */

static char child_stack[16384] __attribute__((aligned(16)));

err_t child_start(struct child *c, void (*run)(void *argument)) {
    static struct thread_entry entry;
    uint64_t block = room_take(THREAD_BLOCK_SIZE);
    entry = (struct thread_entry){.run = run};
    err_t e = sys_process_clone(SELF_PROCESS, program_pool, &c->process);
    if (err_ok(e))
        e = sys_thread_create(c->process, block, PRIORITY, &c->thread);
    if (err_ok(e))
        e = sys_thread_start(c->thread, (uint64_t)thread_start_up,
                             (uint64_t)(child_stack + sizeof child_stack), (uint64_t)&entry);
    return e;
}

void child_kill(struct child *c) {
    sys_process_kill(c->process, 0);
    sys_handle_close(ANY(c->thread));
    sys_handle_close(ANY(c->process));
}
