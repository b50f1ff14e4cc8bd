/* SPDX-License-Identifier: MIT */
/*
 * Signals and their default actions: all there is as long as nothing sets others. `proc` tells in
 * its page when each was raised last; what is above the number up to which they were taken is
 * pending.
 */
#include <signal.h>

#include "lib/posix/process.h"
#include "lib/sys/program.h"

static uint64_t taken;

void signals_after_fork(void) {
    taken = __atomic_load_n(&proc_page()->sequence, __ATOMIC_ACQUIRE);
}

void signals_keep(struct signals_kept *to) {
    *to = (struct signals_kept){.sequence = __atomic_load_n(&taken, __ATOMIC_RELAXED)};
}

void signals_restore(const struct signals_kept *from) {
    taken = from->sequence;
}

static bool is_ignored(int signal) {
    return signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
}

static bool is_stop(int signal) {
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Who is continued in between does not stop. */
static void stop(int signal, uint64_t sequence) {
    uint64_t word[MESSAGE_WORDS] = {(uint64_t)signal, sequence};
    (void)proc_ask(PROC_STOP, word);
}

static void act(int signal, uint64_t sequence) {
    if (is_ignored(signal))
        return;
    if (is_stop(signal))
        stop(signal, sequence);
    else
        program_exit(PROC_END_BY_SIGNAL + (uint64_t)signal);
}

long signal_own(int signal) {
    const struct proc_page *page = proc_page();
    act(signal, page ? __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE) : 0);
    return 0;
}

bool signal_ignored_or_blocked(int signal) {
    return is_ignored(signal);
}

long signal_group(int signal) {
    uint64_t word[MESSAGE_WORDS] = {0, (uint64_t)signal, (uint64_t)SI_USER};
    err_t e = proc_ask(PROC_KILL, word);
    signals_look();
    return posix_errno(e);
}

static uint64_t raised(const struct proc_page *page, int signal) {
    return __atomic_load_n(&page->raised[signal].sequence, __ATOMIC_ACQUIRE);
}

void signals_look(void) {
    const struct proc_page *page = proc_page();
    uint64_t before = __atomic_load_n(&taken, __ATOMIC_RELAXED);
    uint64_t now = page ? __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE) : before;
    if (now == before ||
        !__atomic_compare_exchange_n(&taken, &before, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    for (int s = 1; s <= (int)PROC_SIGNALS; s++) {
        uint64_t at = raised(page, s);
        bool over = is_stop(s) && raised(page, SIGCONT) > at;
        if (at > before && at <= now && !over)
            act(s, now);
    }
}
