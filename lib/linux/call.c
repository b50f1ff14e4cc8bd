/* SPDX-License-Identifier: MIT */
/*
 * A system call of a program of Linux: the frame has number and arguments. What is not known is
 * told once for each number, so that it can be seen why a program does not work.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "lib/linux/linux.h"
#include "lib/posix/title.h"
#include "lib/sys/print.h"

#define CALL(name) [SYS_##name] = linux_##name,
static long (*const calls[])(struct upcall_frame *frame, const long *a) = {
#include "lib/linux/calls.def"
};

#define CALLS       (sizeof calls / sizeof *calls)
#define NUMBERS     512u /* what the kernel lets through: abi/syscall.h, FOREIGN_WORDS */
#define NUMBER_BITS 64u

/* What programs ask for and do well without. */
static bool is_expected(uint64_t number) {
    return number == SYS_set_robust_list || number == SYS_rseq || number == SYS_clone3;
}

static void tell_once(uint64_t number) {
    static uint64_t told[NUMBERS / NUMBER_BITS];
    uint64_t bit = 1ull << number % NUMBER_BITS;
    if (number >= NUMBERS || is_expected(number))
        return;
    if (!(__atomic_fetch_or(&told[number / NUMBER_BITS], bit, __ATOMIC_RELAXED) & bit))
        print("%s (%ld): there is no Linux call %lu\n", title_now(), proc_number(), number);
}

static long run(struct upcall_frame *frame, const long *a) {
    uint64_t number = frame->code;
    if (number < CALLS && calls[number])
        return calls[number](frame, a);
    long result = call_by_number((long)number, a);
    if (result == -ENOSYS)
        tell_once(number);
    return result;
}

long linux_call(struct upcall_frame *frame) {
    const uint64_t *g = frame->general;
    const long a[6] = {(long)g[GENERAL_RDI], (long)g[GENERAL_RSI], (long)g[GENERAL_RDX],
                       (long)g[GENERAL_R10], (long)g[GENERAL_R8],  (long)g[GENERAL_R9]};
    struct thread_signals *own = signals_own();
    long result;
    own->deadline = 0;
    do
        result = run(frame, a);
    while ((result == -EINTR || own->keeps_mask || signals_due(own)) &&
           signals_after_foreign(frame, a, result));
    return result;
}

/* ---- calls that concern the stack ---- */

/* It returns from a handler, whose way back it took from the stack: the context comes next. */
long linux_rt_sigreturn(struct upcall_frame *frame, const long *a) {
    const long context[] = {(long)frame->sp};
    (void)a;
    return call_rt_sigreturn(context);
}

long linux_sigaltstack(struct upcall_frame *frame, const long *a) {
    return signal_alternate(a, frame->sp);
}
