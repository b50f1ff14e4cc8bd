/* SPDX-License-Identifier: MIT */
/* Waiting for children. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/posix/linux.h"
#include "lib/posix/process.h"

#define MICROSECOND 1000u
#define SECOND      1000000000u

_Static_assert(PROC_EXITED == CLD_EXITED && PROC_KILLED == CLD_KILLED &&
                   PROC_DUMPED == CLD_DUMPED && PROC_STOPPED == CLD_STOPPED &&
                   PROC_CONTINUED == CLD_CONTINUED,
               "how is Linux's code");

struct waited {
    long number; /* 0: nobody yet */
    enum proc_how how;
    int code; /* exit code or signal */
    uint64_t time;
};

/* What is there to tell comes before the signal, which the end of a child raises as well. */
static err_t wait_once(uint64_t word[MESSAGE_WORDS]) {
    const uint64_t who = word[0], number = word[1], options = word[2];
    err_t e = signals_waiting() ? ERROR(INTERRUPTED) : proc_ask_once(PROC_WAIT, word);
    if (!err_is(e, ERR_INTERRUPTED))
        return e;
    word[0] = who, word[1] = number, word[2] = options | PROC_WAIT_NOW;
    e = proc_ask(PROC_WAIT, word);
    return err_ok(e) && !word[0] ? ERROR(INTERRUPTED) : e;
}

/* 0 or -errno. */
static long wait_ask(enum proc_who who, uint64_t number, uint64_t options, struct waited *out) {
    uint64_t word[MESSAGE_WORDS] = {who, number, options};
    if (number > PROC_NUMBER_MAX)
        return -ECHILD;
    err_t e = options & PROC_WAIT_NOW ? proc_ask(PROC_WAIT, word) : wait_once(word);
    if (!err_ok(e))
        return err_is(e, ERR_NOT_FOUND) ? -ECHILD : posix_errno(e);
    *out = (struct waited){(long)word[0], (enum proc_how)word[1], (int)word[2], word[3]};
    return 0;
}

/* The children's time is not told apart into their own and the kernel's. */
static void usage_put(struct rusage *to, uint64_t time) {
    memset(to, 0, USAGE_BYTES);
    to->ru_utime.tv_sec = (time_t)(time / SECOND);
    to->ru_utime.tv_usec = (suseconds_t)(time % SECOND / MICROSECOND);
}

static int status_of(const struct waited *w) {
    switch (w->how) {
    case PROC_EXITED:
        return (w->code & 0xff) << 8;
    case PROC_STOPPED:
        return w->code << 8 | 0x7f;
    case PROC_CONTINUED:
        return 0xffff;
    default:
        return w->code;
    }
}

static uint64_t options_of(long options) {
    return (options & WNOHANG ? PROC_WAIT_NOW : 0) | (options & WUNTRACED ? PROC_WAIT_STOPPED : 0) |
           (options & WCONTINUED ? PROC_WAIT_CONTINUED : 0);
}

/* There are no children of another kind, and threads wait for all that the process has. */
#define WAIT_KINDS (WAIT_ALL_KINDS | WAIT_CLONES | WAIT_OWN)

static long wait_by_number(int number, uint64_t options, struct waited *out) {
    if (number == INT_MIN)
        return -ESRCH;
    if (number > 0)
        return wait_ask(PROC_NUMBER, (uint64_t)number, options, out);
    if (number == -1)
        return wait_ask(PROC_ANY, 0, options, out);
    return wait_ask(PROC_IN_GROUP, (uint64_t)-number, options, out);
}

/* wait4(number, status, options, usage) */
long call_wait4(const long *a) {
    struct waited w = {0};
    if ((uint32_t)a[2] & ~(WNOHANG | WUNTRACED | WCONTINUED | WAIT_KINDS))
        return -EINVAL;
    long error = wait_by_number((int)a[0], options_of(a[2]) | PROC_WAIT_ENDED, &w);
    if (error || !w.number)
        return error;
    if (!user_writable((uint64_t)a[1], a[1] ? sizeof(int) : 0) ||
        !user_writable((uint64_t)a[3], a[3] ? USAGE_BYTES : 0))
        return -EFAULT; /* the child is forgotten all the same, as on Linux */
    if (a[1])
        *(int *)a[1] = status_of(&w);
    if (a[3])
        usage_put((struct rusage *)a[3], w.time);
    return w.number;
}

static void information_put(siginfo_t *to, const struct waited *w) {
    memset(to, 0, sizeof *to);
    if (!w->number)
        return;
    to->si_signo = SIGCHLD;
    to->si_code = (int)w->how;
    to->si_pid = (pid_t)w->number;
    to->si_status = w->how == PROC_EXITED ? w->code & 0xff : w->code;
}

static long wait_by_kind(const long *a, uint64_t options, struct waited *out) {
    switch ((int)a[0]) {
    case P_ALL:
        return wait_ask(PROC_ANY, 0, options, out);
    case P_PID:
        return (int)a[1] > 0 ? wait_ask(PROC_NUMBER, (uint32_t)a[1], options, out) : -EINVAL;
    case P_PGID:
        return (int)a[1] >= 0 ? wait_ask(PROC_IN_GROUP, (uint32_t)a[1], options, out) : -EINVAL;
    default:
        return -EINVAL;
    }
}

/* waitid(kind, number, information, options, usage) */
long call_waitid(const long *a) {
    const uint32_t told = WEXITED | WSTOPPED | WCONTINUED;
    struct waited w = {0};
    if ((uint32_t)a[3] & ~(told | WNOHANG | WNOWAIT | WAIT_KINDS) || !(a[3] & told))
        return -EINVAL;
    if (!user_writable((uint64_t)a[2], a[2] ? sizeof(siginfo_t) : 0) ||
        !user_writable((uint64_t)a[4], a[4] ? USAGE_BYTES : 0))
        return -EFAULT;
    uint64_t options = options_of(a[3]) | (a[3] & WEXITED ? PROC_WAIT_ENDED : 0) |
                       (a[3] & WNOWAIT ? PROC_WAIT_KEEP : 0);
    long error = wait_by_kind(a, options, &w);
    if (error)
        return error;
    if (a[2])
        information_put((siginfo_t *)a[2], &w);
    if (a[4] && w.number)
        usage_put((struct rusage *)a[4], w.time);
    return 0;
}
