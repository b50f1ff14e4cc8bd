/* SPDX-License-Identifier: MIT */
/* Numbers of processes, groups and sessions, and the end. */
#include <errno.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

/* What `proc` says of a process, or who may not be one. */
static long family_errno(err_t e) {
    switch (e.code) {
    case ERR_NOT_FOUND:
        return -ESRCH;
    case ERR_NO_RIGHT:
        return -EPERM;
    case ERR_CHANGED:
        return -EACCES;
    default:
        return posix_errno(e);
    }
}

long call_getpid(const long *a) {
    (void)a;
    return proc_number();
}

long call_getppid(const long *a) {
    const struct proc_page *page = proc_page();
    (void)a;
    return page ? (long)__atomic_load_n(&page->parent, __ATOMIC_RELAXED) : 0;
}

/* Group (2) or session (3) of a process; words as PROC_GET answers. */
static long number_of(long process, unsigned which) {
    const struct proc_page *page = proc_page();
    uint64_t word[MESSAGE_WORDS] = {(uint32_t)process};
    if (!page)
        return (uint32_t)process <= 1 ? 1 : -ESRCH;
    if (!(int)process || (int)process == proc_number())
        return (long)__atomic_load_n(which == 2 ? &page->group : &page->session_number,
                                     __ATOMIC_RELAXED);
    if ((int)process < 0 || (uint32_t)process > PROC_NUMBER_MAX)
        return -ESRCH;
    err_t e = proc_ask(PROC_GET, word);
    return err_ok(e) ? (long)word[which] : family_errno(e);
}

long call_getpgid(const long *a) {
    return number_of(a[0], 2);
}

long call_getpgrp(const long *a) {
    (void)a;
    return number_of(0, 2);
}

long call_getsid(const long *a) {
    return number_of(a[0], 3);
}

long call_setpgid(const long *a) {
    int process = (int)a[0], group = (int)a[1] ? (int)a[1] : process;
    uint64_t word[MESSAGE_WORDS] = {(uint32_t)process, (uint32_t)group};
    if (group < 0)
        return -EINVAL;
    if (process < 0 || process > (int)PROC_NUMBER_MAX)
        return -ESRCH;
    if (group > (int)PROC_NUMBER_MAX)
        return -EPERM;
    return family_errno(proc_ask(PROC_GROUP, word));
}

long call_setsid(const long *a) {
    uint64_t word[MESSAGE_WORDS] = {0};
    (void)a;
    err_t e = proc_ask(PROC_SESSION, word);
    return err_ok(e) ? (long)word[0] : (proc_page() ? family_errno(e) : -EPERM);
}

/* The last thread's end is the process's, with its code. */
long call_exit(const long *a) {
    if (!signals_thread_end())
        program_exit((uint32_t)a[0]);
    bare_exit((uint64_t)a[1], (uint64_t)a[2]);
}

/* Of the code the low 8 bits count, which `proc` knows. */
long call_exit_group(const long *a) {
    program_exit((uint32_t)a[0]);
}
