/* SPDX-License-Identifier: MIT */
/*
 * The Linux side: the operations that only Linux does in its own way, namely what stands in for an
 * exchange of messages there (a pair of pipes, a shared futex), and the program itself. A figure
 * has the name of ours that it is compared with.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "tests/bench/platform.h"

/* A request of one byte and an answer of one byte or of a page, through two pipes. */

static int request[2], answer[2];
static size_t answer_bytes;
static char buffer[PAGE];

static void pipe_partner(void) {
    for (;;) {
        linux_call(SYS_read, request[0], (long)buffer, 1, 0);
        linux_call(SYS_write, answer[1], (long)buffer, (long)answer_bytes, 0);
    }
}

static void pipe_begin(void) {
    if (pipe(request) || pipe(answer))
        platform_fail("pipe");
    partner_process(pipe_partner, 0);
}

static void pipe_begin_byte(void) {
    answer_bytes = 1;
    pipe_begin();
}

static void pipe_begin_page(void) {
    answer_bytes = PAGE;
    pipe_begin();
}

static void pipe_run(unsigned count) {
    while (count--) {
        linux_call(SYS_write, request[1], (long)buffer, 1, 0);
        linux_call(SYS_read, answer[0], (long)buffer, (long)answer_bytes, 0);
    }
}

static void pipe_end(void) {
    partner_stop();
    for (int i = 0; i < 2; i++) {
        close(request[i]);
        close(answer[i]);
    }
}

/* Ping-pong over a word that two processes share. */

static uint32_t *shared;

static void shared_pass(uint32_t mine, uint32_t other) {
    __atomic_store_n(shared, other, __ATOMIC_RELEASE);
    linux_call(SYS_futex, (long)shared, FUTEX_WAKE, 1, 0);
    while (__atomic_load_n(shared, __ATOMIC_ACQUIRE) != mine)
        linux_call(SYS_futex, (long)shared, FUTEX_WAIT, other, 0);
}

static void shared_partner(void) {
    while (__atomic_load_n(shared, __ATOMIC_ACQUIRE) != 1)
        linux_call(SYS_futex, (long)shared, FUTEX_WAIT, 0, 0);
    for (;;)
        shared_pass(1, 0);
}

static void shared_begin(void) {
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        platform_fail("mmap");
    *shared = 0;
    stay_on(0);
    partner_process(shared_partner, platform_cpus() - 1);
}

static void shared_run(unsigned count) {
    while (count--)
        shared_pass(0, 1);
}

/* clang-format off */
static const struct operation linux_operations[] = {
    {.name = "ipc_round_trip", .run = pipe_run, .begin = pipe_begin_byte, .end = pipe_end},
    {.name = "ipc_copy_4k", .run = pipe_run, .begin = pipe_begin_page, .end = pipe_end},
    {.name = "futex_round_trip_processes", .run = shared_run, .begin = shared_begin, .end = partner_stop},
    {.name = "ipc_cross_cpu", .run = shared_run, .begin = shared_begin, .end = partner_stop, .cpus = 2},
};
/* clang-format on */

int main(void) {
    uint64_t start = ticks();
    measure_boot("boot_to_init", start);
    measure_all(common_operations, common_operation_count);
    measure_all(linux_operations, sizeof linux_operations / sizeof *linux_operations);
    platform_print("bench done\n");
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}
