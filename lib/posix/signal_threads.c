/* SPDX-License-Identifier: MIT */
/*
 * Threads as those that signals are for. What one needs of its own, the stack of its upcalls among
 * it, is in a block of the library, that of the first in the program's data.
 */
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/posix/signals.h"
#include "lib/posix/touch.h"
#include "lib/sys/syscall.h"

struct signals_room {
    struct thread_signals signals;
    char stack[(BLOCK_SIZE - sizeof(struct thread_signals)) & ~63ul] __attribute__((aligned(64)));
};

_Static_assert(sizeof(struct signals_room) <= BLOCK_SIZE, "a thread's room fits in a block");

static struct signals_room first;
static struct thread_signals *interrupted; /* the one that `proc` interrupts */

/* What `proc` needs of a thread that it interrupts, and a thread of another. */
#define RIGHTS                                                                                     \
    (RIGHT_THREAD_INTERRUPT | RIGHT_THREAD_RUN | RIGHT_INFO | RIGHT_DUPLICATE | RIGHT_SEND)

static struct signals_room *room_of(struct thread_signals *t) {
    return (struct signals_room *)t;
}

static void room_give(struct thread_signals *t) {
    if (room_of(t) != &first)
        block_give(t);
}

static void block_begin(struct thread_block *block, struct signals_room *room) {
    block->user[USER_SIGNALS] = (uint64_t)&room->signals;
    block->upcall_base = (uint64_t)room->stack;
    block->upcall_top = (uint64_t)room->stack + sizeof room->stack;
}

/* An interrupt that comes first stays pending until the mask ends. */
void signals_begin(void) {
    thread_block()->upcall_mask = 1;
    first.signals.number = bare_gettid();
    first.signals.alternate.ss_flags = SS_DISABLE;
    signal_threads = interrupted = &first.signals;
    block_begin(thread_block(), &first);
    (void)sys_process_upcall(SELF_PROCESS, (uint64_t)signal_upcall_entry, (uint64_t)touch_fixup);
}

/* The handle by which others interrupt the thread. */
static err_t handle_make(struct thread_cap thread, struct thread_signals *t) {
    return sys_handle_duplicate(ANY(thread), RIGHTS, 0, &t->thread.h);
}

err_t signals_reach_caller(void) {
    struct thread_signals *own = signals_own();
    return own->thread.h == HANDLE_NONE ? handle_make(SELF_THREAD, own) : OK;
}

/* lib/bare makes a thread, which has its maker's mask. */
err_t bare_thread_begin(struct thread_block *block, struct thread_cap *thread, long number) {
    const struct thread_signals *own = signals_own();
    err_t e = signals_reach_caller();
    if (!err_ok(e))
        return e;
    struct signals_room *room = block_take();
    if (!room)
        return ERROR(NO_MEMORY);
    struct thread_signals *t = &room->signals;
    *t = (struct thread_signals){
        .number = number, .mask = own->mask, .thread = *thread, .alternate.ss_flags = SS_DISABLE};
    thread->h = HANDLE_NONE;
    block_begin(block, room);
    signals_lock();
    t->next = signal_threads;
    signal_threads = t;
    signals_unlock();
    return OK;
}

/* Out of the list, under the lock. */
static void leave(struct thread_signals *t) {
    struct thread_signals **at = &signal_threads;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
}

static void room_end(struct thread_signals *t) {
    if (t->thread.h != HANDLE_NONE)
        sys_handle_close(ANY(t->thread));
    t->thread.h = HANDLE_NONE;
    room_give(t);
}

/* ... but could not start it. */
void bare_thread_end(const struct thread_block *block) {
    struct thread_signals *t = (struct thread_signals *)block->user[USER_SIGNALS];
    signals_lock();
    leave(t);
    signals_unlock();
    room_end(t);
}

/* `proc` interrupts another one from now on. */
static void interrupts_give(struct thread_signals *to) {
    struct handle_send send = {HANDLE_NONE, RIGHTS_ALL, SEND_MOVE, 0};
    uint64_t word[MESSAGE_WORDS] = {0};
    err_t e = sys_handle_duplicate(ANY(to->thread), RIGHTS, 0, &send.handle);
    if (err_ok(e))
        e = proc_ask_with(PROC_THREAD, word, &send, 1);
    if (!err_ok(e) && send.handle != HANDLE_NONE)
        sys_handle_close((struct any_cap){send.handle});
    interrupted = to;
}

/* What `proc` has marked before it knew of the other one is passed on to it. */
bool signals_thread_end(void) {
    struct thread_block *block = thread_block();
    struct thread_signals *own = signals_own();
    signals_lock();
    bool last = signal_threads == own && !own->next;
    if (!last) {
        leave(own);
        if (interrupted == own)
            interrupts_give(signal_threads);
        signals_look_for_others();
        block->upcall_base = block->upcall_top = 0;
    }
    signals_unlock();
    if (!last)
        room_end(own);
    return !last;
}

/* The others are the parent's, and so is what their handles are of. */
void threads_after_fork(void) {
    struct thread_signals *own = signals_own();
    for (struct thread_signals *t = signal_threads, *next; t; t = next) {
        next = t->next;
        if (t != own)
            room_end(t);
    }
    if (own->thread.h != HANDLE_NONE)
        sys_handle_close(ANY(own->thread));
    own->thread.h = HANDLE_NONE;
    own->next = NULL;
    own->number = bare_gettid();
    own->pending.set = 0;
    signal_threads = interrupted = own;
}

#define KEPT (sizeof((struct signals_kept *)0)->others / sizeof(handle_t))

void threads_keep(struct signals_kept *to) {
    const struct thread_signals *own = signals_own();
    unsigned n = 0;
    to->own = own->thread.h;
    for (const struct thread_signals *t = signal_threads; t && n < KEPT; t = t->next)
        if (t != own)
            to->others[n++] = t->thread.h;
}

void threads_restore(const struct signals_kept *from) {
    signals_own()->thread.h = from->own;
    for (unsigned i = 0; i < KEPT && from->others[i] != HANDLE_NONE; i++)
        sys_handle_close((struct any_cap){from->others[i]});
}

void signals_unmask(void) {
    struct thread_block *block = thread_block();
    __atomic_store_n(&block->upcall_mask, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&block->upcall_pending, __ATOMIC_SEQ_CST))
        sys_thread_yield(); /* at its end the upcall comes */
}

void signal_off_stack(void (*run)(const void *), const void *argument, size_t size) {
    uint64_t at = (thread_block()->upcall_top - size) & -16ul;
    memcpy((void *)at, argument, size);
    signal_leave(at, run, (const void *)at);
}
