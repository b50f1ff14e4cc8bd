/* SPDX-License-Identifier: MIT */
/*
 * Operations on pages, threads and handles, and the ways into a program from its own faults and
 * from Linux' system calls.
 */
#include <stddef.h>

#include "lib/sys/room.h"
#include "lib/sys/thread.h"
#include "tests/bench/anonymos/local.h"
#include "tests/bench/anonymos/upcall.h"

/* A page that is present is mapped, so that it can be reached at once, and unmapped. */

static struct memory_cap page;
static uint64_t page_at;

static err_t page_map(void) {
    return sys_process_map(SELF_PROCESS, page, page_at, 0, PAGE,
                           MEMORY_READ | MEMORY_WRITE | MAP_PRESENT);
}

static void page_open(void) {
    need(room_allocate(root_pool(), PAGE, MEMORY_READ | MEMORY_WRITE, &page, &page_at), "page");
    *(volatile char *)page_at = 1;
    need(sys_process_unmap(SELF_PROCESS, page_at, PAGE), "page");
    need(page_map(), "process_map");
    need(sys_process_unmap(SELF_PROCESS, page_at, PAGE), "page");
}

void page_life(void) {
    if (!page_at)
        page_open();
    page_map();
    sys_process_unmap(SELF_PROCESS, page_at, PAGE);
}

/* A thread that raises a signal and ends. Its stack is used again, its block has a new address. */

static struct signal_cap lived;
static uint64_t life_stack;

static _Noreturn void life_run(void) {
    sys_signal_raise(lived, 1);
    for (;;)
        sys_thread_exit(0, 0, NULL);
}

static void life_open(void) {
    struct memory_cap stack;
    need(sys_signal_create(root_pool(), &lived), "signal_create");
    need(room_allocate(root_pool(), THREAD_STACK, MEMORY_READ | MEMORY_WRITE, &stack, &life_stack),
         "a thread's stack");
    life_stack += THREAD_STACK - sizeof(uint64_t); /* as after a call */
}

void thread_life(void) {
    struct thread_cap t;
    uint64_t bits;
    if (!life_stack)
        life_open();
    need(sys_thread_create(SELF_PROCESS, room_take(PAGE), PRIORITY, &t), "thread_create");
    need(sys_thread_start(t, (uint64_t)life_run, life_stack, 0), "thread_start");
    sys_signal_wait(lived, 1, DEADLINE_NONE, &bits);
    need(sys_handle_close(ANY(t)), "handle_close");
}

/* Upcalls: upcall.S answers. */

static char upcall_stack[PAGE] __attribute__((aligned(PAGE))); /* a frame is in one page */

_Static_assert(offsetof(struct thread_block, upcall_mask) == BLOCK_UPCALL_MASK, "");
_Static_assert(offsetof(struct upcall_frame, general[0]) == FRAME_RAX, "");
_Static_assert(offsetof(struct upcall_frame, general[2]) == FRAME_RCX, "");
_Static_assert(offsetof(struct upcall_frame, general[4]) == FRAME_RSI, "");
_Static_assert(offsetof(struct upcall_frame, general[5]) == FRAME_RDI, "");
_Static_assert(offsetof(struct upcall_frame, general[10]) == FRAME_R11, "");
_Static_assert(offsetof(struct upcall_frame, ip) == FRAME_IP, "");
_Static_assert(offsetof(struct upcall_frame, flags) == FRAME_FLAGS, "");
_Static_assert(offsetof(struct upcall_frame, sp) == FRAME_SP, "");

static void upcall_begin(void) {
    struct thread_block *b = thread_block();
    for (unsigned i = 0; i < sizeof upcall_stack; i++)
        upcall_stack[i] = 0;
    b->upcall_base = (uint64_t)upcall_stack;
    b->upcall_top = (uint64_t)upcall_stack + sizeof upcall_stack;
    b->upcall_mask = 0;
    need(sys_process_upcall(SELF_PROCESS, (uint64_t)upcall_entry, (uint64_t)upcall_entry),
         "process_upcall");
    if (foreign_call() != FOREIGN_ANSWER)
        platform_fail("a Linux system call was answered by nobody");
}

static void upcall_end(void) {
    need(sys_process_upcall(SELF_PROCESS, 0, 0), "process_upcall");
    thread_block()->upcall_top = 0;
}

static void fault_run(unsigned count) {
    while (count--)
        fault_once();
}

static void foreign_run(unsigned count) {
    while (count--)
        foreign_call();
}

/* Handles derived from one, in four other processes. */

static struct signal_cap ancestor;
static struct process_cap holder[4];

static void revoke_begin(void) {
    need(sys_signal_create(root_pool(), &ancestor), "signal_create");
    for (unsigned i = 0; i < 4; i++)
        need(sys_process_create(root_pool(), &holder[i]), "process_create");
}

static void revoke_end(void) {
    for (unsigned i = 0; i < 4; i++)
        need(sys_handle_close(ANY(holder[i])), "handle_close");
    need(sys_handle_close(ANY(ancestor)), "handle_close");
}

static void give(unsigned count) {
    handle_t there;
    for (unsigned i = 0; i < count; i++)
        need(sys_process_give(holder[i % 4], ANY(ancestor), RIGHT_SIGNAL_RAISE, &there),
             "process_give");
}

static void give_100(unsigned count) {
    (void)count;
    give(100);
}

static void give_1000(unsigned count) {
    (void)count;
    give(1000);
}

static void revoke_run(unsigned count) {
    (void)count;
    need(sys_handle_revoke(ANY(ancestor)), "handle_revoke");
}

/* clang-format off */
const struct operation object_operations[] = {
    {.name = "fault_to_upcall_and_back", .run = fault_run, .begin = upcall_begin,
     .end = upcall_end},
    {.name = "foreign_call_bounce", .run = foreign_run, .begin = upcall_begin, .end = upcall_end},
    {.name = "revoke_100", .run = revoke_run, .before = give_100, .begin = revoke_begin,
     .end = revoke_end, .each = true, .singles = 21},
    {.name = "revoke_1000", .run = revoke_run, .before = give_1000, .begin = revoke_begin,
     .end = revoke_end, .each = true, .singles = 21},
};
/* clang-format on */
const unsigned object_operation_count = sizeof object_operations / sizeof *object_operations;
