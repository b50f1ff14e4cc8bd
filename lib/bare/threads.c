/* SPDX-License-Identifier: MIT */
/*
 * Threads. musl makes stack and thread area; here they get a kernel thread and its block, in which
 * the thread's number and the word to clear at its end are kept. A started thread needs no handle.
 */
#include <errno.h>
#include <sched.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

/* Places in thread_block.user. */
enum { USER_TID, USER_CLEAR };

#define THREAD_FLAGS (CLONE_VM | CLONE_THREAD)

/* Above the numbers that processes, and so their first threads, can have (abi/proc.h). */
#define NUMBER_BASE 0x3fffff

static int last_tid = NUMBER_BASE;

/*
 * Addresses of threads that are about to end: the block, and the stack if they unmap it. They are
 * used again when a thread can be made at the block, since a block goes last. If there are more
 * than the table has room for, their addresses are lost.
 */
#define GRAVES 64

static struct grave { uint64_t block, stack, length; } graves[GRAVES];
static unsigned grave_count;
LOCK(lock);

static void grave_put(struct grave g) {
    lock_take(&lock);
    if (grave_count < GRAVES)
        graves[grave_count++] = g;
    lock_give(&lock);
}

/* Makes a thread whose block is where that of an ended one was; OVERLAP: there is no such place. */
static err_t thread_at_grave(struct thread_cap *thread, uint64_t priority, uint64_t *block) {
    err_t e = ERROR(OVERLAP);
    lock_take(&lock);
    for (unsigned i = 0; i < grave_count && err_is(e, ERR_OVERLAP); i++) {
        struct grave g = graves[i];
        *block = g.block;
        e = sys_thread_create(SELF_PROCESS, g.block, priority, thread);
        if (!err_ok(e))
            continue;
        range_give(g.stack, g.length);
        graves[i] = graves[--grave_count];
    }
    lock_give(&lock);
    return e;
}

void bare_first_thread(void) {
    bare_renumber(1);
}

void bare_renumber(long number) {
    thread_block()->user[USER_TID] = (uint64_t)number;
}

long bare_gettid(void) {
    return (long)thread_block()->user[USER_TID];
}

long bare_set_tid_address(int *clear) {
    thread_block()->user[USER_CLEAR] = (uint64_t)clear;
    return bare_gettid();
}

/* That of this thread, and so of all: nothing here changes it. */
static err_t priority_find(uint64_t *priority) {
    static uint64_t known = UINT64_MAX;
    struct thread_info self;
    err_t e = OK;
    if (__atomic_load_n(&known, __ATOMIC_RELAXED) == UINT64_MAX) {
        e = sys_thread_info(SELF_THREAD, &self);
        if (err_ok(e))
            __atomic_store_n(&known, self.priority, __ATOMIC_RELAXED);
    }
    *priority = __atomic_load_n(&known, __ATOMIC_RELAXED);
    return e;
}

/* Makes a thread with the priority of this one; *block is the address of its block; 0: there
   is no address left. */
static err_t thread_anywhere(struct thread_cap *thread, uint64_t *block) {
    uint64_t taken = THREAD_BLOCK_SIZE, priority;
    err_t e = priority_find(&priority);
    if (err_ok(e))
        e = thread_at_grave(thread, priority, block);
    if (!err_is(e, ERR_OVERLAP))
        return e;
    for (;; taken *= 2) {
        *block = range_take(taken);
        if (!*block)
            return OK;
        e = sys_thread_create(SELF_PROCESS, *block, priority, thread);
        if (!err_is(e, ERR_OVERLAP))
            break;
    }
    uint64_t used = err_ok(e) ? THREAD_BLOCK_SIZE : 0;
    range_give(*block + used, taken - used);
    return e;
}

__attribute__((weak)) err_t bare_thread_begin(struct thread_block *block, struct thread_cap *thread,
                                              long number) {
    (void)block, (void)thread, (void)number;
    return OK;
}

__attribute__((weak)) void bare_thread_end(const struct thread_block *block) {
    (void)block;
}

static err_t thread_begin(struct thread_cap *thread, struct thread_block *block, long number,
                          uint64_t entry, uint64_t stack) {
    const struct thread_cap started = *thread;
    err_t e = bare_thread_begin(block, thread, number);
    if (!err_ok(e))
        return e;
    e = sys_thread_start(started, entry, stack, 0);
    if (!err_ok(e))
        bare_thread_end(block);
    return e;
}

long bare_clone(uint64_t flags, uint64_t stack, int *parent_tid, int *clear_tid, uint64_t entry) {
    struct thread_cap thread = {HANDLE_NONE};
    uint64_t address = 0;
    if ((flags & THREAD_FLAGS) != THREAD_FLAGS)
        return -ENOSYS;
    err_t e = thread_anywhere(&thread, &address);
    if (!err_ok(e) || !address)
        return err_ok(e) ? -ENOMEM : bare_errno(e);
    struct thread_block *block = (struct thread_block *)address;
    int tid = __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
    block->user[USER_TID] = (uint64_t)tid;
    if (flags & CLONE_CHILD_CLEARTID)
        block->user[USER_CLEAR] = (uint64_t)clear_tid;
    if (flags & CLONE_PARENT_SETTID)
        *parent_tid = tid;
    e = thread_begin(&thread, block, tid, entry, stack);
    if (thread.h != HANDLE_NONE)
        sys_handle_close(ANY(thread));
    return err_ok(e) ? tid : bare_errno(e);
}

_Noreturn void bare_exit(uint64_t unmap, uint64_t length) {
    const struct thread_block *block = thread_block();
    const void *clear = (const void *)block->user[USER_CLEAR];
    grave_put((struct grave){block->self, unmap, length});
    for (;;)
        sys_thread_exit(unmap, length, clear);
}
