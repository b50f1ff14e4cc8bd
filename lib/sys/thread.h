/* SPDX-License-Identifier: MIT */
/*
 * Threads of a program, and the clock. A thread's block (abi/ipc.h) is found through the GS base. A
 * thread is made with a stack of its own, both taken from lib/sys/room.h.
 */
#pragma once
#include "abi/ipc.h"
#include "lib/sys/cap.h"
#include "lib/sys/invoke.h"

struct thread_entry {
    void (*run)(void *argument);
    void *argument;
};

/* The calling thread's block. */
static inline struct thread_block *thread_block(void) {
    struct thread_block *b;
    __asm__("movq %%gs:0, %0" : "=r"(b));
    return b;
}

static inline uint64_t ticks_read(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* Nanoseconds of the kernel's monotonic clock, without a system call. */
static inline uint64_t clock_nanoseconds(void) {
    const struct thread_block *b = thread_block();
    return (uint64_t)((unsigned __int128)(ticks_read() - b->tsc_base) * b->tsc_mult >> 32);
}

struct thread_room {
    struct thread_cap thread;
    struct memory_cap stack;
    uint64_t stack_address, block_address;
};

#define THREAD_STACK (32u << 10) /* bytes, with no guard page below other than an unmapped one */

/* Makes a thread of this process that runs run(argument), not yet started. */
err_t thread_make(struct pool_cap pool, unsigned priority, struct thread_room *out);
err_t thread_run(const struct thread_room *room, void (*run)(void *), void *argument);
/* Both. */
err_t thread_spawn(struct pool_cap pool, unsigned priority, void (*run)(void *), void *argument,
                   struct thread_room *out);
/* Gives back stack and handles of a thread that has ended. */
void thread_free(const struct thread_room *room);

_Noreturn void thread_main(struct thread_entry *entry);
void thread_start_up(void);
