/* SPDX-License-Identifier: MIT */
/*
 * fork(2) and clone(2). A child has all registers of its maker, and the extended state: that is
 * kept on the maker's stack, below what is the program's. A thread begins with a copy of its
 * maker's frame, which a block brings it.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/linux/linux.h"

#define OF_THREAD (CLONE_VM | CLONE_THREAD)

/* Operations of arch_prctl: arch/x86/include/uapi/asm/prctl.h. */
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003

/* ---- processes ---- */

/* The child comes back to here as well, on its copy of this stack. */
static long fork_with(struct upcall_frame *frame, long (*make)(const long *), const long *a) {
    uint64_t state = signal_state_below(frame->sp);
    if (!state)
        return -EFAULT;
    long result = make(a);
    if (!result)
        signal_state_load((const void *)state);
    return result;
}

long linux_fork(struct upcall_frame *frame, const long *a) {
    return fork_with(frame, call_fork, a);
}

long linux_vfork(struct upcall_frame *frame, const long *a) {
    return fork_with(frame, call_vfork, a);
}

/* ---- threads ---- */

/* What a thread begins with, in the upper half of a block whose lower half is its stack meanwhile.
 */
struct beginning {
    void *block;
    struct upcall_frame frame;
    uint64_t fs, mask;
    int *number; /* where its number goes; NULL: nowhere */
    uint32_t mxcsr;
    uint16_t x87;
};

#define BEGINNING_AT (BLOCK_SIZE / 2 & ~15u)

/* Of the extended state a new thread has its maker's control words. */
static void control_words_keep(struct beginning *b) {
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(b->mxcsr), "=m"(b->x87));
}

static void go_on(const void *frame) {
    struct upcall_frame context = *(const struct upcall_frame *)frame;
    signals_deliver(&context);
    signal_resume(&context);
}

/* The new thread, on the block: no signal comes until it has its mask. */
_Noreturn void linux_thread_begin(struct beginning *b);
_Noreturn void linux_thread_begin(struct beginning *b) {
    struct upcall_frame frame = b->frame;
    thread_block()->upcall_mask = 1;
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(b->mxcsr), "m"(b->x87));
    linux_fs_set(b->fs);
    if (b->number && user_writable((uint64_t)b->number, sizeof *b->number))
        *b->number = (int)bare_gettid();
    signal_mask_set(b->mask);
    block_give(b->block);
    signal_off_stack(go_on, &frame, sizeof frame);
}

static bool numbers_wanted(const long *a) {
    uint64_t flags = (uint64_t)a[0];
    return (!(flags & CLONE_PARENT_SETTID) || user_writable((uint64_t)a[2], sizeof(int))) &&
           (!(flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) ||
            user_writable((uint64_t)a[3], sizeof(int)));
}

/* What the thread inherits is that nothing may come to it; it has the mask that counts with it. */
static long clone_thread(const struct upcall_frame *frame, const long *a) {
    uint64_t flags = (uint64_t)a[0], mask = signals_own()->mask;
    char *block = block_take();
    if (!block)
        return -ENOMEM;
    struct beginning *b = (struct beginning *)(block + BEGINNING_AT);
    *b = (struct beginning){.block = block, .frame = *frame, .mask = mask};
    b->frame.general[GENERAL_RAX] = 0;
    b->frame.sp = a[1] ? (uint64_t)a[1] : frame->sp;
    b->fs = flags & CLONE_SETTLS ? (uint64_t)a[4] : linux_fs();
    b->number = flags & CLONE_CHILD_SETTID ? (int *)a[3] : NULL;
    control_words_keep(b);
    signal_mask_set(~SIGNALS_CERTAIN);
    long number =
        bare_clone(flags, (uint64_t)b, (int *)a[2], (int *)a[3], (uint64_t)linux_thread_entry);
    signal_mask_set(mask);
    if (number < 0)
        block_give(block);
    return number;
}

/* clone(flags, stack, parent's number, child's number, thread pointer) */
long linux_clone(struct upcall_frame *frame, const long *a) {
    const long same_stack[6] = {a[0] & ~(long)CLONE_SETTLS, 0, a[2], a[3]};
    if ((a[0] & CLONE_SETTLS && (uint64_t)a[4] >= USER_END) || !numbers_wanted(a))
        return (a[0] & CLONE_SETTLS && (uint64_t)a[4] >= USER_END) ? -EPERM : -EFAULT;
    if ((a[0] & OF_THREAD) == OF_THREAD)
        return clone_thread(frame, a);
    long result = fork_with(frame, call_clone, same_stack);
    if (!result && a[1])
        frame->sp = (uint64_t)a[1];
    if (!result && a[0] & CLONE_SETTLS)
        linux_fs_set((uint64_t)a[4]);
    return result;
}

/* Nothing is unmapped by it, as lib/musl has it. */
long linux_exit(struct upcall_frame *frame, const long *a) {
    const long plain[] = {a[0], 0, 0};
    (void)frame;
    return call_exit(plain);
}

/* arch_prctl(operation, address): GS is the thread block's, and not the program's to set. */
long linux_arch_prctl(struct upcall_frame *frame, const long *a) {
    (void)frame;
    if (a[0] == ARCH_SET_FS) {
        if ((uint64_t)a[1] >= USER_END)
            return -EPERM;
        linux_fs_set((uint64_t)a[1]);
        return 0;
    }
    if (a[0] != ARCH_GET_FS)
        return -EINVAL;
    if (!user_writable((uint64_t)a[1], sizeof(uint64_t)))
        return -EFAULT;
    *(uint64_t *)a[1] = linux_fs();
    return 0;
}
