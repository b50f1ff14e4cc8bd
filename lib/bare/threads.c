/* SPDX-License-Identifier: MIT */
/*
 * Threads. musl makes stack and thread area; here they get a kernel thread and its block, in which
 * the thread's number and the word to clear at its end are kept. A started thread needs no handle.
 */
#include <errno.h>
#include <sched.h>

#include "lib/bare/bare.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

/* Places in thread_block.user. */
enum { USER_TID, USER_CLEAR };

#define THREAD_FLAGS (CLONE_VM | CLONE_THREAD)

static int last_tid;

void bare_first_thread(void) {
    thread_block()->user[USER_TID] = (uint64_t)__atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
}

long bare_gettid(void) {
    return (long)thread_block()->user[USER_TID];
}

long bare_set_tid_address(int *clear) {
    thread_block()->user[USER_CLEAR] = (uint64_t)clear;
    return bare_gettid();
}

/* Makes a thread with the priority of this one; *block is the address of its block. */
static err_t thread_anywhere(struct thread_cap *thread, uint64_t *block) {
    struct thread_info self;
    uint64_t address, taken = THREAD_BLOCK_SIZE;
    err_t e = sys_thread_info(SELF_THREAD, &self);
    if (!err_ok(e))
        return e;
    for (;; taken *= 2) {
        address = range_take(taken);
        if (!address)
            return ERROR(NO_MEMORY);
        e = sys_thread_create(SELF_PROCESS, address, self.priority, thread);
        if (!err_is(e, ERR_OVERLAP))
            break;
    }
    uint64_t used = err_ok(e) ? THREAD_BLOCK_SIZE : 0;
    range_give(address + used, taken - used);
    if (err_ok(e))
        *block = address;
    return e;
}

long bare_clone(uint64_t flags, uint64_t stack, int *parent_tid, int *clear_tid, uint64_t entry) {
    struct thread_cap thread = {HANDLE_NONE};
    uint64_t address = 0;
    if ((flags & THREAD_FLAGS) != THREAD_FLAGS)
        return -ENOSYS;
    err_t e = thread_anywhere(&thread, &address);
    if (!err_ok(e))
        return bare_errno(e);
    struct thread_block *block = (struct thread_block *)address;
    int tid = __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
    block->user[USER_TID] = (uint64_t)tid;
    if (flags & CLONE_CHILD_CLEARTID)
        block->user[USER_CLEAR] = (uint64_t)clear_tid;
    if (flags & CLONE_PARENT_SETTID)
        *parent_tid = tid;
    e = sys_thread_start(thread, entry, stack, 0);
    sys_handle_close(ANY(thread));
    return err_ok(e) ? tid : bare_errno(e);
}

/* The block's address may be tried by others from here on; it is refused until the block is gone.
 */
_Noreturn void bare_exit(uint64_t unmap, uint64_t length) {
    const struct thread_block *block = thread_block();
    const void *clear = (const void *)block->user[USER_CLEAR];
    range_give(block->self, THREAD_BLOCK_SIZE);
    for (;;)
        sys_thread_exit(unmap, length, clear);
}
