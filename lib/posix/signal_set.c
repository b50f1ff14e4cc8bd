/* SPDX-License-Identifier: MIT */
/*
 * What is pending, and what is set for each signal. `proc` tells in its page when each signal was
 * raised last: what is above the number up to which they were taken is moved from there into
 * memory, where what the process raises itself is marked as well, for one thread or for all.
 */
#include <errno.h>
#include <string.h>

#include "lib/bare/lock.h"
#include "lib/posix/timers.h"
#include "lib/sys/syscall.h"

#define SET_BYTES 8 /* of a set, as the calls are told */

/* Those of faults are first, as on Linux. */
#define FIRST                                                                                      \
    (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) |         \
     SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))

struct thread_signals *signal_threads;
struct signals_pending signals_shared;

static struct signal_action actions[PROC_SIGNALS + 1];
uint64_t signals_taken;   /* sequence of the page */
static uint64_t children; /* PROC_CHILDREN_* as `proc` knows them */
LOCK(lock);

void signals_lock(void) {
    lock_take(&lock);
}

void signals_unlock(void) {
    lock_give(&lock);
}

static bool is_ignored(int signal) {
    uint64_t handler = actions[signal].handler;
    return handler == (uint64_t)SIG_IGN ||
           (handler == (uint64_t)SIG_DFL && SIGNAL_BIT(signal) & SIGNALS_NOTHING);
}

/* ---- marking ---- */

static void clear_all(uint64_t set) {
    signals_shared.set &= ~set;
    for (struct thread_signals *t = signal_threads; t; t = t->next)
        t->pending.set &= ~set;
}

static uint64_t wanted(const struct thread_signals *t) {
    return ~__atomic_load_n(&t->mask, __ATOMIC_RELAXED) | t->awaited;
}

/* One that is held back is marked even if it is ignored: that may change first. */
static bool is_held_back(int signal) {
    bool held = false;
    for (const struct thread_signals *t = signal_threads; t && !held; t = t->next)
        held = t->mask & SIGNAL_BIT(signal);
    return held;
}

static void mark(struct signals_pending *p, int signal, const struct signal_note *note) {
    if (SIGNAL_BIT(signal) & SIGNALS_STOP)
        clear_all(SIGNAL_BIT(SIGCONT));
    if (signal == SIGCONT)
        clear_all(SIGNALS_STOP);
    if (p->set & SIGNAL_BIT(signal) || (is_ignored(signal) && !is_held_back(signal)))
        return;
    p->note[signal] = *note;
    __atomic_store_n(&p->set, p->set | SIGNAL_BIT(signal), __ATOMIC_RELAXED);
}

/* The thread that wants it first, the caller before the others. */
static const struct thread_signals *taker(const struct thread_signals *own, uint64_t signals) {
    if (own && wanted(own) & signals)
        return own;
    const struct thread_signals *t = signal_threads;
    while (t && !(wanted(t) & signals))
        t = t->next;
    return t;
}

static void wake(const struct thread_signals *own, const struct thread_signals *t) {
    if (t && t != own && t->thread.h != HANDLE_NONE)
        (void)sys_thread_interrupt(t->thread);
}

void signal_post(struct thread_signals *own, struct thread_signals *to, int signal,
                 const struct signal_note *note) {
    mark(to ? &to->pending : &signals_shared, signal, note);
    wake(own, to ? to : taker(own, SIGNAL_BIT(signal)));
}

void signals_pass_on(const struct thread_signals *own) {
    for (uint64_t left = signals_shared.set; left; left &= left - 1)
        wake(own, taker(own, left & -left));
}

/* ---- taking ---- */

/* What `proc` said of a signal, if that is not after `now`. */
static void move_one(const struct proc_page *page, int signal, uint64_t now) {
    const struct proc_raised *r = &page->raised[signal];
    struct signal_note note;
    uint64_t at;
    do {
        at = __atomic_load_n(&r->sequence, __ATOMIC_ACQUIRE);
        note = (struct signal_note){r->code, r->process, r->value};
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (at != __atomic_load_n(&r->sequence, __ATOMIC_RELAXED));
    bool over = SIGNAL_BIT(signal) & SIGNALS_STOP &&
                __atomic_load_n(&page->raised[SIGCONT].sequence, __ATOMIC_ACQUIRE) > at;
    if (at > signals_taken && at <= now && !over)
        mark(&signals_shared, signal, &note);
}

/* In the order of their numbers SIGCONT comes before the stops that came after it. */
static __attribute__((noinline)) void page_move_to(uint64_t now, const struct thread_signals *own) {
    const struct proc_page *page = proc_page();
    for (int s = 1; s <= SIGNALS; s++)
        if (__atomic_load_n(&page->raised[s].sequence, __ATOMIC_RELAXED) > signals_taken)
            move_one(page, s, now);
    __atomic_store_n(&signals_taken, now, __ATOMIC_RELAXED);
    signals_pass_on(own);
}

static inline void page_move(const struct thread_signals *own) {
    const struct proc_page *page = proc_page();
    uint64_t now = page ? __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE) : signals_taken;
    if (now != signals_taken)
        page_move_to(now, own);
}

void signals_look_for_others(void) {
    page_move(NULL);
    signals_pass_on(NULL);
}

bool signals_waiting(void) {
    const struct thread_signals *own = signals_own();
    if (!signals_due(own))
        return false;
    signals_lock();
    page_move(own);
    bool waiting = signals_pending_for(own) & ~own->mask;
    signals_unlock();
    return waiting;
}

static int first_of(uint64_t set) {
    set = set & FIRST ? set & FIRST : set;
    return set ? __builtin_ctzll(set) + 1 : 0;
}

static bool take_from(struct signals_pending *p, uint64_t set, struct signal_taken *out) {
    int signal = first_of(p->set & set);
    if (!signal)
        return false;
    __atomic_store_n(&p->set, p->set & ~SIGNAL_BIT(signal), __ATOMIC_RELAXED);
    *out =
        (struct signal_taken){.number = signal, .note = p->note[signal], .sequence = signals_taken};
    return true;
}

bool signal_take(uint64_t set, struct signal_taken *out) {
    struct thread_signals *own = signals_own();
    signals_lock();
    page_move(own);
    bool found = take_from(&own->pending, set, out) || take_from(&signals_shared, set, out);
    signals_unlock();
    return found;
}

struct signal_action signal_action_for(int signal) {
    signals_lock();
    struct signal_action action = actions[signal];
    if (signal_handled(&action) && action.flags & SA_RESETHAND)
        actions[signal].handler = (uint64_t)SIG_DFL;
    signals_unlock();
    return action;
}

/* ---- actions ---- */

static void children_tell(const struct signal_action *a) {
    uint64_t word[MESSAGE_WORDS] = {a->flags & SA_NOCLDSTOP ? PROC_CHILDREN_ENDS : 0};
    if (a->flags & SA_NOCLDWAIT)
        word[0] |= PROC_CHILDREN_REAP;
    if (a->handler == (uint64_t)SIG_IGN)
        word[0] |= PROC_CHILDREN_REAP | PROC_CHILDREN_QUIET;
    uint64_t wanted_now = word[0];
    if (wanted_now != children && err_ok(proc_ask(PROC_CHILDREN, word)))
        children = wanted_now;
}

static void action_set(int signal, const struct signal_action *new) {
    actions[signal] = *new;
    actions[signal].mask &= ~SIGNALS_CERTAIN;
    if (is_ignored(signal))
        clear_all(SIGNAL_BIT(signal));
    if (signal == SIGCHLD)
        children_tell(new);
}

/* rt_sigaction(signal, new, old, size) */
long call_rt_sigaction(const long *a) {
    int signal = (int)a[0];
    const struct signal_action *new = (const struct signal_action *)a[1];
    struct signal_action *old = (struct signal_action *)a[2], wanted_now, before;
    if (a[3] != SET_BYTES)
        return -EINVAL;
    if (!user_readable((uint64_t) new, new ? sizeof *new : 0) ||
        !user_writable((uint64_t)old, old ? sizeof *old : 0))
        return -EFAULT;
    if (signal < 1 || signal > SIGNALS || (new &&SIGNAL_BIT(signal) & SIGNALS_CERTAIN))
        return -EINVAL;
    if (new)
        wanted_now = *new;
    signals_lock();
    page_move(signals_own()); /* what came before is as it was set then */
    before = actions[signal];
    if (new)
        action_set(signal, &wanted_now);
    signals_unlock();
    if (old)
        *old = before;
    return 0;
}

/* ---- masks ---- */

long signal_set_get(long at, long size, uint64_t *set) {
    if (size != SET_BYTES)
        return -EINVAL;
    if (!user_readable((uint64_t)at, SET_BYTES))
        return -EFAULT;
    *set = *(const uint64_t *)at & ~SIGNALS_CERTAIN;
    return 0;
}

void signal_mask_set(uint64_t mask) {
    struct thread_signals *own = signals_own();
    __atomic_store_n(&own->mask, mask, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&signals_shared.set, __ATOMIC_RELAXED))
        return;
    signals_lock();
    signals_pass_on(own);
    signals_unlock();
}

void signal_mask_for_call(uint64_t mask) {
    struct thread_signals *own = signals_own();
    if (!own->keeps_mask)
        own->kept_mask = own->mask;
    own->keeps_mask = true;
    signal_mask_set(mask);
}

/* rt_sigprocmask(how, new, old, size) */
long call_rt_sigprocmask(const long *a) {
    uint64_t before = signals_own()->mask, set = 0;
    long error = a[1] ? signal_set_get(a[1], a[3], &set) : (a[3] == SET_BYTES ? 0 : -EINVAL);
    if (error)
        return error;
    if (!user_writable((uint64_t)a[2], a[2] ? SET_BYTES : 0))
        return -EFAULT;
    if (a[1] && (int)a[0] != SIG_BLOCK && (int)a[0] != SIG_UNBLOCK && (int)a[0] != SIG_SETMASK)
        return -EINVAL;
    if (a[1])
        signal_mask_set((int)a[0] == SIG_SETMASK
                            ? set
                            : ((int)a[0] == SIG_BLOCK ? before | set : before & ~set));
    if (a[2])
        *(uint64_t *)a[2] = before;
    return 0;
}

/* rt_sigpending(set, size) */
long call_rt_sigpending(const long *a) {
    const struct thread_signals *own = signals_own();
    if ((uint64_t)a[1] > SET_BYTES)
        return -EINVAL;
    if (!user_writable((uint64_t)a[0], (uint64_t)a[1]))
        return -EFAULT;
    signals_lock();
    page_move(own);
    uint64_t set = signals_pending_for(own) & own->mask;
    signals_unlock();
    memcpy((void *)a[0], &set, (size_t)a[1]);
    return 0;
}

bool signal_has_handler(int signal) {
    return signal_handled(&actions[signal]);
}

bool signal_ignored_or_blocked(int signal) {
    return signals_own()->mask & SIGNAL_BIT(signal) || actions[signal].handler == (uint64_t)SIG_IGN;
}

/* ---- exec, fork ---- */

void signals_keep(struct signals_kept *to) {
    const struct thread_signals *own = signals_own();
    *to = (struct signals_kept){.mask = own->mask,
                                .sequence = signals_taken,
                                .children = children,
                                .pending = signals_shared};
    for (int s = 1; s <= SIGNALS; s++) {
        if (actions[s].handler == (uint64_t)SIG_IGN)
            to->ignored |= SIGNAL_BIT(s);
        if (own->pending.set & SIGNAL_BIT(s))
            to->pending.note[s] = own->pending.note[s];
    }
    to->pending.set |= own->pending.set;
    threads_keep(to);
    timers_keep(&to->alarm_deadline, &to->alarm_interval);
}

void signals_restore(const struct signals_kept *from) {
    for (int s = 1; s <= SIGNALS; s++)
        if (from->ignored & SIGNAL_BIT(s))
            actions[s].handler = (uint64_t)SIG_IGN;
    signals_own()->mask = from->mask;
    signals_shared = from->pending;
    signals_taken = from->sequence;
    children = from->children;
    children_tell(&actions[SIGCHLD]);
    threads_restore(from);
    timers_restore(from->alarm_deadline, from->alarm_interval);
}

void signals_after_fork(void) {
    signals_shared.set = 0;
    signals_taken = 0;
    threads_after_fork();
    timers_after_fork();
}
