/* SPDX-License-Identifier: MIT */
/* The function that musl's system calls are: this library's calls, then those of lib/bare. */
#include <errno.h>
#include <sys/syscall.h>

#include "lib/bare/bare.h"
#include "lib/posix/posix.h"

#define CALL(name) [SYS_##name] = call_##name,
static long (*const calls[])(const long *a) = {
#include "lib/posix/calls.def"
};

#define CALLS (sizeof calls / sizeof *calls)

long __posix_call(long n, long a, long b, long c, long d, long e, long f) {
    const long arguments[] = {a, b, c, d, e, f};
    if (n >= 0 && (size_t)n < CALLS && calls[n])
        return calls[n](arguments);
    return bare_call(n, a, b, c, d, e, f);
}
