/* SPDX-License-Identifier: MIT */
/*
 * The system calls of musl that need no files: memory, threads, time, random numbers, and
 * text to where print_to says. Everything else is ENOSYS.
 *
 * Signals: none can be delivered here, since there is no handler to set and nobody to send one. So
 * a signal mask has nothing to hold back, and rt_sigprocmask is right to do nothing.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/bare/bare.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

#define PID      1 /* means nothing outside */
#define TEXT_MAX (1ull << 30)

long bare_errno(err_t e) {
    static const uint8_t numbers[] = {
        [ERR_OK] = 0,
        [ERR_BAD_CALL] = ENOSYS,
        [ERR_FILTERED] = EPERM,
        [ERR_BAD_HANDLE] = EBADF,
        [ERR_WRONG_TYPE] = EINVAL,
        [ERR_NO_RIGHT] = EACCES,
        [ERR_BAD_ARGUMENT] = EINVAL,
        [ERR_BAD_ADDRESS] = EFAULT,
        [ERR_NO_MEMORY] = ENOMEM,
        [ERR_LIMIT] = EAGAIN,
        [ERR_OVERLAP] = EEXIST,
        [ERR_BUSY] = EBUSY,
        [ERR_INTERRUPTED] = EINTR,
        [ERR_TIMED_OUT] = ETIMEDOUT,
        [ERR_WOULD_BLOCK] = EAGAIN,
        [ERR_CHANGED] = EAGAIN,
        [ERR_NOT_FOUND] = ENOENT,
    };
    if (err_ok(e))
        return 0;
    return e.code < sizeof numbers && numbers[e.code] ? -numbers[e.code] : -EIO;
}

static bool is_text(long fd) {
    return fd == 1 || fd == 2;
}

static long text_write(long fd, const char *text, size_t length) {
    if (!is_text(fd))
        return -EBADF;
    length = length < TEXT_MAX ? length : TEXT_MAX;
    print_to(text, length);
    return (long)length;
}

static long text_writev(long fd, const struct iovec *parts, long count) {
    long all = 0;
    if (!is_text(fd))
        return -EBADF;
    for (long i = 0; i < count && (uint64_t)all < TEXT_MAX; i++)
        all += text_write(fd, parts[i].iov_base, parts[i].iov_len);
    return all;
}

/* Text goes out line by line, so musl is told that there is a terminal; its size is not known. */
static long text_ioctl(long fd, long request, struct winsize *size) {
    if (!is_text(fd) || request != TIOCGWINSZ)
        return -ENOTTY;
    *size = (struct winsize){0};
    return 0;
}

static long signal_mask(void *old, size_t size) {
    if (old)
        memset(old, 0, size);
    return 0;
}

static long random_get(void *to, size_t length) {
    if (!program_seed)
        return -ENOSYS;
    random_fill(to, length);
    return (long)length;
}

static long yield(void) {
    sys_thread_yield();
    return 0;
}

long bare_call(long n, long a, long b, long c, long d, long e, long f) {
    switch (n) {
    case SYS_write:
        return text_write(a, (const char *)b, (size_t)c);
    case SYS_writev:
        return text_writev(a, (const struct iovec *)b, c);
    case SYS_ioctl:
        return text_ioctl(a, b, (struct winsize *)c);
    case SYS_mmap:
        return bare_mmap((uint64_t)a, (uint64_t)b, c, d, e);
    case SYS_munmap:
        return bare_munmap((uint64_t)a, (uint64_t)b);
    case SYS_mprotect:
        return bare_mprotect((uint64_t)a, (uint64_t)b, c);
    case SYS_madvise:
        return bare_madvise(c);
    case SYS_futex:
        return bare_futex((uint32_t *)a, b, (uint32_t)c, (uint64_t)d, (uint32_t *)e, (uint32_t)f);
    case SYS_clone:
        return bare_clone((uint64_t)a, (uint64_t)b, (int *)c, (int *)d, (uint64_t)f);
    case SYS_exit:
        bare_exit((uint64_t)b, (uint64_t)c);
    case SYS_exit_group:
        program_exit((uint64_t)a);
    case SYS_getpid:
        return PID;
    case SYS_gettid:
        return bare_gettid();
    case SYS_set_tid_address:
        return bare_set_tid_address((int *)a);
    case SYS_sched_yield:
        return yield();
    case SYS_rt_sigprocmask:
        return signal_mask((void *)c, (size_t)d);
    case SYS_clock_gettime:
        return bare_clock_gettime(a, (struct timespec *)b);
    case SYS_clock_getres:
        return bare_clock_getres(a, (struct timespec *)b);
    case SYS_nanosleep:
        return bare_sleep(0, 0, (const struct timespec *)a, (struct timespec *)b);
    case SYS_clock_nanosleep:
        return bare_sleep(a, b, (const struct timespec *)c, (struct timespec *)d);
    case SYS_getrandom:
        return random_get((void *)a, (size_t)b);
    default:
        return -ENOSYS;
    }
}

/* What musl calls. Programs with lib/posix have its function instead. */
__attribute__((weak)) long __posix_call(long n, long a, long b, long c, long d, long e, long f) {
    return bare_call(n, a, b, c, d, e, f);
}
