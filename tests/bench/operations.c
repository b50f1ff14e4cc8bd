/* SPDX-License-Identifier: MIT */
/* The operations that both systems have, written once over platform.h. */
#include "tests/bench/platform.h"

#define COPY_BYTES (64u << 20)

static char *area;

static void null_call_run(unsigned count) {
    while (count--)
        null_call();
}

/* First write to each page of new memory. */

static volatile char *touched;

static void touch_before(unsigned count) {
    area = area_map((size_t)count * PAGE);
    touched = area;
}

static void touch_run(unsigned count) {
    for (; count--; touched += PAGE)
        *touched = 1;
}

static void touch_after(unsigned count) {
    area_unmap(area, (size_t)count * PAGE);
}

static void page_life_run(unsigned count) {
    while (count--)
        page_life();
}

static void thread_life_run(unsigned count) {
    while (count--)
        thread_life();
}

static void process_life_run(unsigned count) {
    while (count--)
        process_life();
}

/* Copy of an address space in which 64 MiB were written. */

static void copy_prepare(void) {
    area = area_map(COPY_BYTES);
    for (size_t i = 0; i < COPY_BYTES; i += PAGE)
        area[i] = 1;
}

static void copy_run(unsigned count) {
    (void)count;
    copy_begin();
}

static void copy_after(unsigned count) {
    (void)count;
    copy_end();
}

static void copy_finish(void) {
    area_unmap(area, COPY_BYTES);
}

/* Ping-pong with a thread over one word: 0 is our turn, 1 its. */

static uint32_t turn;

static void turn_pass(uint32_t mine, uint32_t other) {
    __atomic_store_n(&turn, other, __ATOMIC_RELEASE);
    word_wake(&turn);
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine)
        word_wait(&turn, other);
}

static void turn_partner(void) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 1)
        word_wait(&turn, 0);
    for (;;)
        turn_pass(1, 0);
}

static void turn_begin(void) {
    turn = 0;
    partner_thread(turn_partner);
}

static void turn_run(unsigned count) {
    while (count--)
        turn_pass(0, 1);
}

/* Ping-pong with a process: raise one event, wait for the other. */

static void event_partner(void) {
    for (;;) {
        event_wait(0);
        event_raise(1);
    }
}

static void event_begin(void) {
    events_open();
    partner_process(event_partner, 0);
}

static void event_run(unsigned count) {
    while (count--) {
        event_raise(0);
        event_wait(1);
    }
}

static void event_end(void) {
    partner_stop();
    events_close();
}

/* clang-format off */
const struct operation common_operations[] = {
    {.name = "null_call", .run = null_call_run},
    {.name = "page_fault_anonymous", .run = touch_run, .before = touch_before, .after = touch_after},
    {.name = "map_unmap_page", .run = page_life_run},
    {.name = "futex_round_trip_threads", .run = turn_run, .begin = turn_begin, .end = partner_stop},
    {.name = "signal_ping_pong", .run = event_run, .begin = event_begin, .end = event_end},
    {.name = "thread_life", .run = thread_life_run},
    {.name = "process_create_destroy", .run = process_life_run},
    {.name = "address_space_clone_64mb", .run = copy_run, .after = copy_after, .begin = copy_prepare,
     .end = copy_finish, .each = true, .singles = 21},
};
/* clang-format on */
const unsigned common_operation_count = sizeof common_operations / sizeof *common_operations;
