/* SPDX-License-Identifier: MIT */
/* Who the user is, 0, what the process may have, and what it runs on. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "lib/bare/lock.h"
#include "lib/posix/process.h"
#include "lib/posix/state.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

long call_getuid(const long *a) {
    (void)a;
    return 0;
}

long call_geteuid(const long *a) {
    (void)a;
    return 0;
}

long call_getgid(const long *a) {
    (void)a;
    return 0;
}

long call_getegid(const long *a) {
    (void)a;
    return 0;
}

/* ... and stays: nobody else can be one. -1 means no change. */
static long stay(const long *a, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if ((int)a[i] && (int)a[i] != -1)
            return -EPERM;
    return 0;
}

long call_setuid(const long *a) {
    return (int)a[0] == -1 ? -EINVAL : stay(a, 1);
}

long call_setgid(const long *a) {
    return call_setuid(a);
}

long call_setreuid(const long *a) {
    return stay(a, 2);
}

long call_setregid(const long *a) {
    return stay(a, 2);
}

long call_setresuid(const long *a) {
    return stay(a, 3);
}

long call_setresgid(const long *a) {
    return stay(a, 3);
}

static long three_zeros(const long *a) {
    for (unsigned i = 0; i < 3; i++)
        if (!user_range((uint64_t)a[i], sizeof(uint32_t)))
            return -EFAULT;
    for (unsigned i = 0; i < 3; i++)
        *(uint32_t *)a[i] = 0;
    return 0;
}

long call_getresuid(const long *a) {
    return three_zeros(a);
}

long call_getresgid(const long *a) {
    return three_zeros(a);
}

/* There are none beside the group itself. */
long call_getgroups(const long *a) {
    return (int)a[0] < 0 ? -EINVAL : 0;
}

/* ---- limits ---- */

#define NO_LIMIT                                                                                   \
    { RLIM_INFINITY, RLIM_INFINITY }

/* Only that of descriptors holds; the others are kept. */
static struct rlimit limits[RLIM_NLIMITS] = {
    [0 ... RLIMIT_STACK - 1] = NO_LIMIT,
    [RLIMIT_STACK] = {EXEC_STACK, RLIM_INFINITY},
    [RLIMIT_CORE] = {0, RLIM_INFINITY},
    [RLIMIT_CORE + 1 ... RLIMIT_NOFILE - 1] = NO_LIMIT,
    [RLIMIT_NOFILE] = {DESCRIPTORS_MAX, DESCRIPTORS_MAX},
    [RLIMIT_NOFILE + 1 ... RLIM_NLIMITS - 1] = NO_LIMIT,
};
LOCK(lock);

static long limit_check(uint32_t which, const struct rlimit *new) {
    if (new->rlim_cur > new->rlim_max)
        return -EINVAL;
    return which == RLIMIT_NOFILE && new->rlim_max > DESCRIPTORS_MAX ? -EPERM : 0;
}

static long limit_change(uint32_t which, const struct rlimit *new, struct rlimit *old) {
    struct rlimit wanted, before;
    if (which >= RLIM_NLIMITS)
        return -EINVAL;
    if (!user_range((uint64_t) new, new ? sizeof *new : 0) ||
        !user_range((uint64_t)old, old ? sizeof *old : 0))
        return -EFAULT;
    if (new)
        wanted = *new;
    long error = new ? limit_check(which, &wanted) : 0;
    if (error)
        return error;
    lock_take(&lock);
    before = limits[which];
    if (new)
        limits[which] = wanted;
    __atomic_store_n(&descriptors_limit, (uint32_t)limits[RLIMIT_NOFILE].rlim_cur,
                     __ATOMIC_RELAXED);
    lock_give(&lock);
    if (old)
        *old = before;
    return 0;
}

void limits_keep(struct rlimit to[RLIM_NLIMITS]) {
    memcpy(to, limits, sizeof limits);
}

void limits_restore(const struct rlimit from[RLIM_NLIMITS]) {
    memcpy(limits, from, sizeof limits);
    descriptors_limit = (uint32_t)limits[RLIMIT_NOFILE].rlim_cur;
}

long call_getrlimit(const long *a) {
    return a[1] ? limit_change((uint32_t)a[0], NULL, (struct rlimit *)a[1]) : -EFAULT;
}

long call_setrlimit(const long *a) {
    return a[1] ? limit_change((uint32_t)a[0], (const struct rlimit *)a[1], NULL) : -EFAULT;
}

long call_prlimit64(const long *a) {
    if ((int)a[0] && (int)a[0] != proc_number())
        return -ESRCH;
    return limit_change((uint32_t)a[1], (const struct rlimit *)a[2], (struct rlimit *)a[3]);
}

/* ---- the machine ---- */

long call_uname(const long *a) {
    /* The release is that of the Linux whose calls these are: programs compare it. */
    static const struct utsname name = {.sysname = "anonymOS",
                                        .nodename = "anonymos",
                                        .release = "6.1.0",
                                        .version = "lib/posix",
                                        .machine = "x86_64",
                                        .domainname = "(none)"};
    if (!user_range((uint64_t)a[0], sizeof name))
        return -EFAULT;
    memcpy((void *)a[0], &name, sizeof name);
    return 0;
}

/* What the process's pool has, which is all the memory that it can get. */
long call_sysinfo(const long *a) {
    struct pool_info pool = {0};
    if (!user_range((uint64_t)a[0], sizeof(struct sysinfo)))
        return -EFAULT;
    err_t e = sys_pool_info(program_pool, &pool);
    if (!err_ok(e))
        return posix_errno(e);
    *(struct sysinfo *)a[0] = (struct sysinfo){
        .uptime = (unsigned long)(clock_nanoseconds() / 1000000000u),
        .totalram = pool.limit,
        .freeram = pool.limit - pool.used,
        .procs = 1,
        .mem_unit = 1,
    };
    return 0;
}
