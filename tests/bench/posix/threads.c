/* SPDX-License-Identifier: MIT */
/* Threads: their lives, and turns that two of them give each other. */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

/* Operations of futex(2), from Linux' own linux/futex.h, which musl does not bring. */
#define FUTEX_WAIT    0
#define FUTEX_WAKE    1
#define FUTEX_PRIVATE 128

static void *nothing(void *argument) {
    return argument;
}

static void create_run(unsigned count) {
    while (count--) {
        pthread_t t;
        must(!pthread_create(&t, NULL, nothing, NULL) && !pthread_join(t, NULL), "pthread");
    }
}

static uint32_t turn;
static pthread_t other;

enum turn { MINE, THEIRS, NOBODYS };

static void turn_await(uint32_t wanted, uint32_t until_then) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != wanted)
        syscall(SYS_futex, &turn, FUTEX_WAIT | FUTEX_PRIVATE, until_then, NULL);
}

static void turn_give(uint32_t to) {
    __atomic_store_n(&turn, to, __ATOMIC_RELEASE);
    syscall(SYS_futex, &turn, FUTEX_WAKE | FUTEX_PRIVATE, 1);
}

/* Ends when it is nobody's turn. */
static void *partner(void *argument) {
    for (;;) {
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == MINE)
            syscall(SYS_futex, &turn, FUTEX_WAIT | FUTEX_PRIVATE, MINE, NULL);
        if (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == NOBODYS)
            return argument;
        turn_give(MINE);
    }
}

static void turn_begin(void) {
    turn = MINE;
    must(!pthread_create(&other, NULL, partner, NULL), "pthread_create");
}

static void turn_run(unsigned count) {
    while (count--) {
        turn_give(THEIRS);
        turn_await(MINE, THEIRS);
    }
}

static void turn_end(void) {
    turn_give(NOBODYS);
    must(!pthread_join(other, NULL), "pthread_join");
}

/* clang-format off */
static const struct operation table[] = {
    {.name = "pthread_create_join", .run = create_run},
    {.name = "futex_round_trip", .run = turn_run, .begin = turn_begin, .end = turn_end},
};
/* clang-format on */
const struct operations thread_operations = {table, sizeof table / sizeof *table};
