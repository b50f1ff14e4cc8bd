/* SPDX-License-Identifier: MIT */
/*
 * A hostile program: makes pseudo-random system calls in several threads until it made as many as
 * it was asked for, or ended itself. Started by tests/kernel/hostile.c, which gives it a few
 * handles.
 */
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/kernel/hostile/generate.h"

#define THREADS_AT 0x0a0000000000ull
#define STACK      16384u
#define THREADS    4u
#define REFRESH    64u /* calls */

static struct hostile_control *const control = (struct hostile_control *)HOSTILE_CONTROL;
static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static uint64_t next_thread;

/* Handles are lost all the time: some that still may be good come back. */
static void remember_gifts(struct generator *g) {
    for (unsigned i = 0; i < HOSTILE_GIFTS && control->gift[i]; i++)
        for (unsigned n = 0; n < 3; n++)
            remember_handle(g, control->gift[i]);
}

static void make_calls(void) {
    struct generator g = {.block = thread_block()};
    struct wild_call c;
    g.state = control->seed * 0x9e3779b97f4a7c15ull +
              __atomic_add_fetch(&next_thread, 1, __ATOMIC_RELAXED);
    for (unsigned n = 0; control->made < control->count; n++) {
        if (n % REFRESH == 0)
            remember_gifts(&g);
        generate(&g, &c);
        uint64_t status = message_invoke(c.number, c.a0, &c.m, c.a8);
        __atomic_fetch_add(&control->made, 1, __ATOMIC_RELAXED);
        if (STATUS_CODE(status) == ERR_OK)
            control->succeeded++;
        remember(&g, &c, status);
    }
    sys_process_exit(0);
}

/* Where threads that were started at random begin; the stack may be anything. */
void hostile_thread(void *argument) {
    (void)argument;
    make_calls();
}

static void start_threads(void) {
    struct thread_cap t;
    for (uint64_t i = 0; i + 1 < control->threads && i < THREADS; i++)
        if (err_ok(sys_thread_create(SELF_PROCESS, THREADS_AT + i * 0x10000, HOSTILE_PRIORITY - 1,
                                     &t)))
            sys_thread_start(t, (uint64_t)hostile_thread, (uint64_t)&stacks[i][STACK - 8], 0);
}

uint64_t program_main(void *argument) {
    (void)argument;
    start_threads();
    make_calls();
    return 0;
}
