/* SPDX-License-Identifier: MIT */
/*
 * fork(2) and the clone(2) that is one. The caller keeps what a return needs on its stack, of which
 * the child has a copy, and copies the process while it has all locks of the library. The copy gets
 * a thread, whose block is where the caller's is, and both go to `proc`, which starts it. A child
 * whose memory is the parent's until it has become another program (vfork) has a copy as well, and
 * the parent goes on at once.
 */
#include "lib/posix/fork.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/posix/process.h"
#include "lib/sys/mem.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define SETTIDS   (CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)
#define AS_VFORK  (CLONE_VM | CLONE_VFORK)
#define OF_THREAD (CLONE_VM | CLONE_THREAD)

#define USER_WORDS (sizeof((struct thread_block *)0)->user / sizeof(uint64_t))

struct fork {
    struct fork_point point;
    uint64_t flags, stack, entry; /* stack 0: the child returns as the parent does */
    int *parent_number, *child_number;
    uint64_t seed[4];          /* for the child's random numbers */
    uint64_t user[USER_WORDS]; /* of the caller's block, as what follows */
    uint64_t upcall_base, upcall_top;
    uint32_t upcall_mask;
    struct process_cap process;
    struct thread_cap thread;
};

static long fork_errno(err_t e) {
    return err_is(e, ERR_NO_MEMORY) ? -ENOMEM : -EAGAIN;
}

/* ---- the child ---- */

/* A mask that is set first keeps an interrupt pending until there is a stack for it. */
static void block_restore(const struct fork *f) {
    struct thread_block *block = thread_block();
    memcpy(block->user, f->user, sizeof block->user);
    block->upcall_mask = f->upcall_mask;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    block->upcall_base = f->upcall_base;
    block->upcall_top = f->upcall_top;
}

/* What the C library and upcalls have in the block. */
static void block_keep(struct fork *f) {
    const struct thread_block *block = thread_block();
    memcpy(f->user, block->user, sizeof block->user);
    f->upcall_mask = block->upcall_mask;
    f->upcall_base = block->upcall_base;
    f->upcall_top = block->upcall_top;
}

static long child_begin(struct fork *f) {
    block_restore(f);
    proc_begin();
    locks_give();
    signals_after_fork();
    if (program_seed)
        random_begin(f->seed);
    descriptors_after_fork();
    (void)bare_set_tid_address(f->flags & CLONE_CHILD_CLEARTID ? f->child_number : NULL);
    if (f->flags & CLONE_CHILD_SETTID)
        *f->child_number = (int)proc_number();
    if (f->stack) {
        signals_unmask();
        fork_leave(f->entry, f->stack);
    }
    return 0;
}

/* ---- the parent ---- */

static err_t copy_make(struct fork *f) {
    struct thread_info own;
    err_t e = sys_process_clone(SELF_PROCESS, program_pool, &f->process);
    if (!err_ok(e))
        return e;
    e = sys_thread_info(SELF_THREAD, &own);
    if (err_ok(e))
        e = sys_thread_create(f->process, thread_block()->self, (unsigned)own.priority, &f->thread);
    if (!err_ok(e))
        sys_handle_close(ANY(f->process));
    return e;
}

static long copy_hand_over(struct fork *f) {
    uint64_t word[MESSAGE_WORDS] = {(uint64_t)fork_point_go, f->point.sp, (uint64_t)&f->point,
                                    PROC_PAGE_ADDRESS};
    const struct handle_send send[] = {{f->process.h, RIGHTS_ALL, SEND_MOVE, 0},
                                       {f->thread.h, RIGHTS_ALL, SEND_MOVE, 0}};
    err_t e = proc_ask_with(PROC_FORK, word, send, 2);
    if (err_ok(e))
        return (long)word[0];
    sys_handle_close(ANY(f->thread)); /* should they still be here */
    sys_handle_close(ANY(f->process));
    return fork_errno(e);
}

static long parent_do(struct fork *f) {
    err_t e = copy_make(f);
    locks_give();
    long number = err_ok(e) ? copy_hand_over(f) : fork_errno(e);
    if (number > 0 && f->flags & CLONE_PARENT_SETTID)
        *f->parent_number = (int)number;
    return number;
}

/* Its frame lives until the copy was made, and in the copy. */
static long fork_do(struct fork *f) {
    if (!proc_page())
        return -ENOSYS;
    if (program_seed)
        random_fill(f->seed, sizeof f->seed);
    block_keep(f);
    locks_take();
    return fork_point_set(&f->point) ? child_begin(f) : parent_do(f);
}

long call_fork(const long *a) {
    struct fork f = {.flags = 0};
    (void)a;
    return fork_do(&f);
}

long call_vfork(const long *a) {
    return call_fork(a);
}

static bool number_wanted(uint64_t flags, const int *to) {
    return !flags || user_writable((uint64_t)to, sizeof *to);
}

/* clone(flags, stack, parent's number, child's number, ...); the sixth is lib/musl's. */
long call_clone(const long *a) {
    struct fork f = {.flags = (uint64_t)a[0],
                     .stack = (uint64_t)a[1],
                     .entry = (uint64_t)a[5],
                     .parent_number = (int *)a[2],
                     .child_number = (int *)a[3]};
    uint64_t kind = f.flags & ~(uint64_t)(CSIGNAL | SETTIDS);
    if ((f.flags & OF_THREAD) == OF_THREAD)
        return bare_clone(f.flags, f.stack, f.parent_number, f.child_number, f.entry);
    if ((kind && kind != AS_VFORK) || (f.flags & CSIGNAL) != SIGCHLD)
        return -EINVAL;
    if (!number_wanted(f.flags & CLONE_PARENT_SETTID, f.parent_number) ||
        !number_wanted(f.flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID), f.child_number))
        return -EFAULT;
    return fork_do(&f);
}
