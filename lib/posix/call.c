/* SPDX-License-Identifier: MIT */
/* The function that musl's system calls are: this library's calls, then those of lib/bare. */
#include <errno.h>
#include <sys/syscall.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"

#define CALL(name) [SYS_##name] = call_##name,
static long (*const calls[])(const long *a) = {
#include "lib/posix/calls.def"
};

#define CALLS (sizeof calls / sizeof *calls)

static long call_once(long n, const long *a) {
    if (n >= 0 && (size_t)n < CALLS && calls[n])
        return calls[n](a);
    return bare_call(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Signals that nothing is done about do not end a call. */
long __posix_call(long n, long a, long b, long c, long d, long e, long f) {
    const long arguments[] = {a, b, c, d, e, f};
    long result;
    do {
        result = call_once(n, arguments);
        signals_look();
    } while (result == -EINTR);
    return result;
}
