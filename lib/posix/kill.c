/* SPDX-License-Identifier: MIT */
/* Signals for other processes go through `proc`; one for the process alone does not leave it. */
#include <errno.h>
#include <signal.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"

/* `code` is Linux's, at most 0. */
static long signal_send(int target, int signal, int code) {
    uint64_t word[MESSAGE_WORDS] = {(uint64_t)(int64_t)target, (uint64_t)signal,
                                    (uint64_t)(int64_t)code};
    if (target > (int)PROC_NUMBER_MAX || target < -(int)PROC_NUMBER_MAX)
        return -ESRCH;
    err_t e = proc_ask(PROC_KILL, word);
    if (err_is(e, ERR_NOT_FOUND))
        return -ESRCH;
    return err_is(e, ERR_NO_RIGHT) ? -EPERM : posix_errno(e);
}

/* Who is not there is found first. */
static long signal_to(int target, int signal, int code) {
    if (signal < 0 || signal > (int)PROC_SIGNALS) {
        long error = signal_to(target, 0, code);
        return error ? error : -EINVAL;
    }
    if (target != proc_number())
        return signal_send(target, signal, code);
    return signal ? signal_own(signal) : 0;
}

long call_kill(const long *a) {
    return signal_to((int)a[0], (int)a[1], SI_USER);
}

/* Of other processes the first thread alone is known, which has their number. */
static long signal_thread(int thread, int signal) {
    if (thread <= 0)
        return -EINVAL;
    return signal_to(thread == bare_gettid() ? (int)proc_number() : thread, signal, SI_TKILL);
}

long call_tkill(const long *a) {
    return signal_thread((int)a[0], (int)a[1]);
}

long call_tgkill(const long *a) {
    bool own = (int)a[0] == proc_number();
    if ((int)a[0] <= 0 || (int)a[1] <= 0)
        return -EINVAL;
    if (a[0] != a[1] && !(own && (int)a[1] == bare_gettid()))
        return -ESRCH;
    return signal_thread((int)a[1], (int)a[2]);
}
