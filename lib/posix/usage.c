/* SPDX-License-Identifier: MIT */
/*
 * What a process has used, and how its threads are scheduled. The processor time of a thread counts
 * when it gives way; it is all the program's own.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>

#include "lib/posix/linux.h"
#include "lib/posix/process.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define SECOND      1000000000ull
#define MICROSECOND 1000ull
#define TICK        10000000ull /* nanoseconds, as AT_CLKTCK says */
#define USUAL       20          /* what getpriority answers for a niceness of 0 */
#define MASK_BYTES  8l          /* of a set of processors */

uint64_t usage_process(void) {
    struct process_info info = {.cpu_time = 0};
    (void)sys_process_info(SELF_PROCESS, &info);
    return info.cpu_time;
}

uint64_t usage_thread(void) {
    struct thread_info info = {.cpu_time = 0};
    (void)sys_thread_info(SELF_THREAD, &info);
    return info.cpu_time;
}

/* Of the children that were waited for. */
static uint64_t usage_children(void) {
    uint64_t word[MESSAGE_WORDS] = {0};
    return err_ok(proc_ask(PROC_GET, word)) ? word[4] : 0;
}

/* getrusage(who, usage) */
long call_getrusage(const long *a) {
    struct process_info info = {.resident = 0};
    struct rusage usage;
    int who = (int)a[0];
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
        return -EINVAL;
    if (!user_writable((uint64_t)a[1], USAGE_BYTES))
        return -EFAULT;
    (void)sys_process_info(SELF_PROCESS, &info);
    uint64_t time = who == RUSAGE_SELF ? info.cpu_time
                                       : (who == RUSAGE_THREAD ? usage_thread() : usage_children());
    memset(&usage, 0, sizeof usage);
    usage.ru_utime.tv_sec = (time_t)(time / SECOND);
    usage.ru_utime.tv_usec = (suseconds_t)(time % SECOND / MICROSECOND);
    usage.ru_maxrss = who == RUSAGE_CHILDREN ? 0 : (long)(info.resident >> 10);
    memcpy((void *)a[1], &usage, USAGE_BYTES);
    return 0;
}

/* times(usage): in ticks, as the answer, which counts from the machine's start. */
long call_times(const long *a) {
    if (!user_writable((uint64_t)a[0], a[0] ? sizeof(struct tms) : 0))
        return -EFAULT;
    if (a[0])
        *(struct tms *)a[0] = (struct tms){
            .tms_utime = (clock_t)(usage_process() / TICK),
            .tms_cutime = (clock_t)(usage_children() / TICK),
        };
    return (long)(clock_nanoseconds() / TICK);
}

/* ---- scheduling ---- */

/* sched_getaffinity(thread, bytes, set): of the caller, whoever is asked about. How many bytes. */
long call_sched_getaffinity(const long *a) {
    struct thread_info info = {.affinity = 0};
    uint64_t all = (1ull << thread_block()->cpu_count) - 1;
    if (a[1] < MASK_BYTES || a[1] % MASK_BYTES)
        return -EINVAL;
    if (!user_writable((uint64_t)a[2], MASK_BYTES))
        return -EFAULT;
    (void)sys_thread_info(SELF_THREAD, &info);
    *(uint64_t *)a[2] = info.affinity & all;
    return MASK_BYTES;
}

/* There is the usual way only, in which no thread has a priority that programs know of. */
long call_sched_getscheduler(const long *a) {
    return (int)a[0] < 0 ? -EINVAL : SCHED_OTHER;
}

long call_sched_getparam(const long *a) {
    if ((int)a[0] < 0 || !a[1])
        return -EINVAL;
    if (!user_writable((uint64_t)a[1], sizeof(int)))
        return -EFAULT;
    *(int *)a[1] = 0;
    return 0;
}

/* As on Linux, whose real-time ways have 1 to 99. */
static long priority_bound(long policy, long bound) {
    if (policy == SCHED_FIFO || policy == SCHED_RR)
        return bound;
    return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE ? 0 : -EINVAL;
}

long call_sched_get_priority_max(const long *a) {
    return priority_bound((int)a[0], 99);
}

long call_sched_get_priority_min(const long *a) {
    return priority_bound((int)a[0], 1);
}

long call_getpriority(const long *a) {
    return (uint32_t)a[0] > PRIO_USER ? -EINVAL : USUAL;
}
