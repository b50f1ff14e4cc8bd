/* SPDX-License-Identifier: MIT */
/* Who the user is, what the process may have, and what it runs on. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "lib/bare/lock.h"
#include "lib/posix/linux.h"
#include "lib/posix/process.h"
#include "lib/posix/state.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

/*
 * Numbers of users are labels: what is made carries them, and programs see them; what a process may
 * do comes from its handles alone. They change as on Linux: who has been another user does not
 * become 0 again.
 */
static struct identity now; /* of all threads; atomic */

static uint32_t get(const uint32_t *id) {
    return __atomic_load_n(id, __ATOMIC_RELAXED);
}

uint32_t identity_user(void) {
    return get(&now.user[ID_EFFECTIVE]);
}

uint32_t identity_group(void) {
    return get(&now.group[ID_EFFECTIVE]);
}

void identity_keep(struct identity *to) {
    *to = now;
}

void identity_restore(const struct identity *from) {
    now = *from;
}

long call_getuid(const long *a) {
    (void)a;
    return get(&now.user[ID_REAL]);
}

long call_geteuid(const long *a) {
    (void)a;
    return identity_user();
}

long call_getgid(const long *a) {
    (void)a;
    return get(&now.group[ID_REAL]);
}

long call_getegid(const long *a) {
    (void)a;
    return identity_group();
}

#define SAME ((uint32_t)-1)

/* Which of its three numbers a process that is not 0 may take. */
#define FROM(which)    (1u << (which))
#define FROM_ANY       (FROM(ID_REAL) | FROM(ID_EFFECTIVE) | FROM(ID_SAVED))
#define FROM_NOT_SAVED (FROM(ID_REAL) | FROM(ID_EFFECTIVE))

static bool may_take(const uint32_t ids[ID_COUNT], uint32_t id, unsigned from) {
    for (unsigned i = 0; i < ID_COUNT; i++)
        if (from & FROM(i) && get(&ids[i]) == id)
            return true;
    return id == SAME || !identity_user();
}

static long take(uint32_t ids[ID_COUNT], const uint32_t new[ID_COUNT]) {
    for (unsigned i = 0; i < ID_COUNT; i++)
        if (new[i] != SAME)
            __atomic_store_n(&ids[i], new[i], __ATOMIC_RELAXED);
    return 0;
}

/* setuid(2), setgid(2) */
static long set_one(uint32_t ids[ID_COUNT], uint32_t id) {
    bool all = !identity_user();
    const uint32_t new[ID_COUNT] = {all ? id : SAME, id, all ? id : SAME};
    if (id == SAME)
        return -EINVAL;
    return may_take(ids, id, FROM(ID_REAL) | FROM(ID_SAVED)) ? take(ids, new) : -EPERM;
}

/* setreuid(2), setregid(2): the saved one follows if the real one changes, or the effective one to
 * another than the real one was. */
static long set_two(uint32_t ids[ID_COUNT], uint32_t real, uint32_t effective) {
    if (!may_take(ids, real, FROM_NOT_SAVED) || !may_take(ids, effective, FROM_ANY))
        return -EPERM;
    bool follows = real != SAME || (effective != SAME && effective != get(&ids[ID_REAL]));
    uint32_t saved = effective == SAME ? get(&ids[ID_EFFECTIVE]) : effective;
    const uint32_t new[ID_COUNT] = {real, effective, follows ? saved : SAME};
    return take(ids, new);
}

/* setresuid(2), setresgid(2) */
static long set_three(uint32_t ids[ID_COUNT], const long *a) {
    const uint32_t new[ID_COUNT] = {(uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2]};
    for (unsigned i = 0; i < ID_COUNT; i++)
        if (!may_take(ids, new[i], FROM_ANY))
            return -EPERM;
    return take(ids, new);
}

long call_setuid(const long *a) {
    return set_one(now.user, (uint32_t)a[0]);
}

long call_setgid(const long *a) {
    return set_one(now.group, (uint32_t)a[0]);
}

long call_setreuid(const long *a) {
    return set_two(now.user, (uint32_t)a[0], (uint32_t)a[1]);
}

long call_setregid(const long *a) {
    return set_two(now.group, (uint32_t)a[0], (uint32_t)a[1]);
}

long call_setresuid(const long *a) {
    return set_three(now.user, a);
}

long call_setresgid(const long *a) {
    return set_three(now.group, a);
}

static long get_three(const uint32_t ids[ID_COUNT], const long *a) {
    for (unsigned i = 0; i < ID_COUNT; i++)
        if (!user_writable((uint64_t)a[i], sizeof(uint32_t)))
            return -EFAULT;
    for (unsigned i = 0; i < ID_COUNT; i++)
        *(uint32_t *)a[i] = get(&ids[i]);
    return 0;
}

long call_getresuid(const long *a) {
    return get_three(now.user, a);
}

long call_getresgid(const long *a) {
    return get_three(now.group, a);
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
    if (!user_readable((uint64_t) new, new ? sizeof *new : 0) ||
        !user_writable((uint64_t)old, old ? sizeof *old : 0))
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
    if (!user_writable((uint64_t)a[0], sizeof name))
        return -EFAULT;
    memcpy((void *)a[0], &name, sizeof name);
    return 0;
}

/* What the process's pool has, which is all the memory that it can get. */
long call_sysinfo(const long *a) {
    struct pool_info pool = {0};
    if (!user_writable((uint64_t)a[0], SYSINFO_BYTES))
        return -EFAULT;
    err_t e = sys_pool_info(program_pool, &pool);
    if (!err_ok(e))
        return posix_errno(e);
    const struct sysinfo now = {
        .uptime = (unsigned long)(clock_nanoseconds() / 1000000000u),
        .totalram = pool.limit,
        .freeram = pool.limit - pool.used,
        .procs = 1,
        .mem_unit = 1,
    };
    memcpy((void *)a[0], &now, SYSINFO_BYTES);
    return 0;
}
