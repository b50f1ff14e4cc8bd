/* SPDX-License-Identifier: MIT */
/*
 * The function that musl's system calls are: this library's calls, then those of lib/bare. It comes
 * from __posix_call (signal.S) with upcalls masked, which end with the return.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "lib/bare/bare.h"
#include "lib/posix/signals.h"

#define CALL(name) [SYS_##name] = call_##name,
static long (*const calls[])(const long *a) = {
#include "lib/posix/calls.def"
};

#define CALLS (sizeof calls / sizeof *calls)

static inline long do_call(long n, const long *a) {
    if ((size_t)n < CALLS && calls[n])
        return calls[n](a);
    return bare_call(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}

long call_by_number(long n, const long *a) {
    return do_call(n, a);
}

/* Signals that nothing is done about do not end a call. */
long posix_call(struct call_frame *f) {
    struct thread_signals *own = signals_own();
    long result;
    own->deadline = 0;
    do
        result = do_call(f->number, f->argument);
    while ((result == -EINTR || own->keeps_mask || signals_due(own)) &&
           signals_after_call(f, result));
    return result;
}

long call_deadline(const struct timespec *relative, uint64_t *deadline) {
    struct thread_signals *own = signals_own();
    if (own->deadline) {
        *deadline = own->deadline;
        return 0;
    }
    long error = deadline_after(relative, deadline);
    own->deadline = error ? 0 : *deadline;
    return error;
}
