/* SPDX-License-Identifier: MIT */
/* Raising signals: through `proc` for other processes, in memory for the process itself. */
#include <errno.h>

#include "lib/posix/signals.h"

/* ---- other processes ---- */

static long send(int target, int signal, int code, uint64_t value) {
    uint64_t word[MESSAGE_WORDS] = {(uint64_t)(int64_t)target, (uint64_t)signal,
                                    (uint64_t)(int64_t)code, value};
    if (target > (int)PROC_NUMBER_MAX || target < -(int)PROC_NUMBER_MAX)
        return -ESRCH;
    err_t e = proc_ask(PROC_KILL, word);
    if (err_is(e, ERR_NOT_FOUND))
        return -ESRCH;
    return err_is(e, ERR_NO_RIGHT) ? -EPERM : posix_errno(e);
}

/* ---- the process itself ---- */

static void post(struct thread_signals *to, int signal, int code, uint64_t value) {
    const struct signal_note note = {code, (uint32_t)proc_number(), value};
    if (signal == SIGKILL)
        signal_end(signal);
    if (signal)
        signal_post(signals_own(), to, signal, &note);
}

void signal_own(int signal) {
    signals_lock();
    post(signals_own(), signal, SI_USER, 0);
    signals_unlock();
}

/* Who is not there is found first. */
static long to_process(int target, int signal, int code, uint64_t value) {
    if (signal < 0 || signal > SIGNALS) {
        long error = to_process(target, 0, code, value);
        return error ? error : -EINVAL;
    }
    if (target != proc_number())
        return send(target, signal, code, value);
    signals_lock();
    post(NULL, signal, code, value);
    signals_unlock();
    return 0;
}

long call_kill(const long *a) {
    return to_process((int)a[0], (int)a[1], SI_USER, 0);
}

static long to_own_thread(int thread, int signal, int code, uint64_t value) {
    struct thread_signals *t;
    long result = -ESRCH;
    signals_lock();
    for (t = signal_threads; t && t->number != thread; t = t->next)
        ;
    if (t)
        result = signal < 0 || signal > SIGNALS ? -EINVAL : 0;
    if (!result)
        post(t, signal, code, value);
    signals_unlock();
    return result;
}

/* Of other processes the first thread alone is known, which has their number. */
static long to_thread(int process, int thread, int signal, int code, uint64_t value) {
    if (process <= 0 || thread <= 0)
        return -EINVAL;
    long result = process == proc_number() ? to_own_thread(thread, signal, code, value) : -ESRCH;
    if (result != -ESRCH || thread != process || process == proc_number())
        return result;
    return to_process(process, signal, code, value);
}

long call_tgkill(const long *a) {
    return to_thread((int)a[0], (int)a[1], (int)a[2], SI_TKILL, 0);
}

/* The process is that of the thread. */
long call_tkill(const long *a) {
    int thread = (int)a[0], own = (int)proc_number();
    if (thread <= 0)
        return -EINVAL;
    long result = to_own_thread(thread, (int)a[1], SI_TKILL, 0);
    if (result != -ESRCH || thread == own)
        return result;
    return to_process(thread, (int)a[1], SI_TKILL, 0);
}

/* ---- with a value ---- */

/* What is claimed to come from the system may come from the process itself alone. */
static long information_get(long at, int target, int *code, uint64_t *value) {
    const siginfo_t *from = (const siginfo_t *)at;
    if (!user_readable((uint64_t)at, sizeof *from))
        return -EFAULT;
    *code = from->si_code;
    *value = (uint64_t)from->si_value.sival_ptr;
    bool claims = *code >= 0 || *code == SI_TKILL;
    return claims && target != proc_number() ? -EPERM : 0;
}

/* rt_sigqueueinfo(process, signal, information) */
long call_rt_sigqueueinfo(const long *a) {
    int code;
    uint64_t value;
    long error = information_get(a[2], (int)a[0], &code, &value);
    return error ? error : to_process((int)a[0], (int)a[1], code, value);
}

/* rt_tgsigqueueinfo(process, thread, signal, information) */
long call_rt_tgsigqueueinfo(const long *a) {
    int code;
    uint64_t value;
    long error = information_get(a[3], (int)a[0], &code, &value);
    return error ? error : to_thread((int)a[0], (int)a[1], (int)a[2], code, value);
}
