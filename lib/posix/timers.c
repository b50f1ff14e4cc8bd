/* SPDX-License-Identifier: MIT */
#include "lib/posix/timers.h"

#include <errno.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

static struct timer timers[TIMERS] = {
    [TIMER_REAL] = {.used = true, .signal = SIGALRM, .note = {.code = SI_KERNEL}},
};
static uint32_t changes; /* the thread waits for the next, or for an end */
static uint64_t stack;   /* of the thread; 0: it is not there */
static bool in_use;      /* one was set or made: a fork's child has something to forget */
LOCK(lock);

/* ---- the thread ---- */

static void raise_for(const struct timer *t) {
    struct thread_signals *to = NULL;
    signals_lock();
    for (to = t->thread ? signal_threads : NULL; to && to->number != t->thread; to = to->next)
        ;
    if (t->signal && (to || !t->thread))
        signal_post(NULL, to, t->signal, &t->note);
    signals_unlock();
}

/* Ends that were missed are one end. */
static void end(struct timer *t, uint64_t now) {
    uint64_t missed = t->interval ? (now - t->deadline) / t->interval + 1 : 0;
    t->deadline = missed ? t->deadline + missed * t->interval : 0;
    raise_for(t);
}

/* Acts on those that are over; when the next one is. */
static uint64_t look(uint64_t now) {
    uint64_t next = DEADLINE_NONE;
    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *t = &timers[i];
        if (t->deadline && t->deadline <= now)
            end(t, now);
        if (t->deadline && t->deadline < next)
            next = t->deadline;
    }
    return next;
}

static void run(void *unused) {
    (void)unused;
    for (;;) {
        lock_take(&lock);
        uint32_t seen = changes;
        uint64_t next = look(clock_nanoseconds());
        lock_give(&lock);
        (void)sys_futex_wait(&changes, seen, next, FUTEX_ALL);
    }
}

/* With the lock. The caller must be one that the thread can interrupt. */
static err_t thread_need(void) {
    struct thread_info own;
    struct thread_room room;
    err_t e = stack ? OK : signals_reach_caller();
    if (stack || !err_ok(e))
        return e;
    e = sys_thread_info(SELF_THREAD, &own);
    if (err_ok(e))
        e = thread_spawn(program_pool, (unsigned)own.priority, run, NULL, &room);
    if (!err_ok(e))
        return e;
    stack = room.stack_address;
    sys_handle_close(ANY(room.thread));
    sys_handle_close(ANY(room.stack));
    return OK;
}

/* ---- the table ---- */

long timer_take(const struct timer *with) {
    long number = -EAGAIN;
    lock_take(&lock);
    in_use = true;
    for (unsigned i = 0; i < TIMERS && number < 0; i++) {
        if (timers[i].used)
            continue;
        timers[i] = *with;
        timers[i].used = true;
        timers[i].note.process = i; /* where the receiver looks for its number */
        if (with->own_value)
            timers[i].note.value = i;
        number = i;
    }
    lock_give(&lock);
    return number;
}

static struct timer *used(unsigned number) {
    return number < TIMERS && timers[number].used ? &timers[number] : NULL;
}

bool timer_give(unsigned number) {
    lock_take(&lock);
    struct timer *t = used(number);
    if (t)
        *t = (struct timer){.used = false};
    lock_give(&lock);
    return t;
}

bool timer_get(unsigned number, struct timer *out) {
    lock_take(&lock);
    const struct timer *t = used(number);
    if (t)
        *out = *t;
    lock_give(&lock);
    return t;
}

long timer_set(unsigned number, uint64_t deadline, uint64_t interval, struct timer *before) {
    uint64_t woken;
    lock_take(&lock);
    struct timer *t = used(number);
    long error = t ? 0 : -EINVAL;
    if (t && deadline && !err_ok(thread_need()))
        error = -EAGAIN;
    if (!error) {
        *before = *t;
        t->deadline = deadline;
        t->interval = interval;
        in_use |= deadline != 0;
        changes++;
    }
    lock_give(&lock);
    if (!error && deadline)
        sys_futex_wake(&changes, 1, FUTEX_ALL, &woken);
    return error;
}

/* ---- exec, fork ---- */

void timers_keep(uint64_t *deadline, uint64_t *interval) {
    *deadline = timers[TIMER_REAL].deadline;
    *interval = timers[TIMER_REAL].interval;
}

void timers_restore(uint64_t deadline, uint64_t interval) {
    struct timer before;
    if (deadline)
        (void)timer_set(TIMER_REAL, deadline, interval, &before);
}

/* The stack is a copy of one that nobody uses here. */
void timers_after_fork(void) {
    if (!in_use)
        return;
    timers[TIMER_REAL].deadline = timers[TIMER_REAL].interval = 0;
    for (unsigned i = TIMER_REAL + 1; i < TIMERS; i++)
        timers[i] = (struct timer){.used = false};
    if (stack)
        sys_process_unmap(SELF_PROCESS, stack, THREAD_STACK);
    stack = 0;
    in_use = false;
}
