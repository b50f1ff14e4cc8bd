/* SPDX-License-Identifier: MIT */
/*
 * What is done about signals: the default actions, and the end of a call, at which handlers begin
 * as if the call had returned, or, where SA_RESTART has it done again, as if it had not begun.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "lib/bare/bare.h"
#include "lib/posix/signals.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

/* ---- default actions ---- */

_Noreturn void signal_end(int signal) {
    program_exit(PROC_END_BY_SIGNAL + (uint64_t)signal);
}

/*
 * The other threads stop first. The lock is held meanwhile, so that none of them is stopped with
 * it. Who is continued in between does not stop.
 */
static void stop(int signal, uint64_t sequence) {
    uint64_t word[MESSAGE_WORDS] = {(uint64_t)signal, sequence};
    const struct thread_signals *own = signals_own(), *t;
    signals_lock();
    for (t = signal_threads; t; t = t->next)
        if (t != own)
            (void)sys_thread_suspend(t->thread);
    (void)proc_ask(PROC_STOP, word);
    for (t = signal_threads; t; t = t->next)
        if (t != own)
            (void)sys_thread_resume(t->thread);
    signals_unlock();
}

static void act_by_default(const struct signal_taken *s) {
    if (SIGNAL_BIT(s->number) & SIGNALS_STOP)
        stop(s->number, s->sequence);
    else if (!(SIGNAL_BIT(s->number) & SIGNALS_NOTHING))
        signal_end(s->number);
}

static bool next_of(uint64_t set, struct signal_taken *out) {
    while (signal_take(set, out)) {
        out->action = signal_action_for(out->number);
        if (signal_handled(&out->action))
            return true;
        if (out->action.handler == (uint64_t)SIG_DFL)
            act_by_default(out);
    }
    return false;
}

bool signal_next(struct signal_taken *out) {
    return next_of(~signals_own()->mask, out);
}

/* ---- the end of a call ---- */

#define FOREIGN_BYTES 2u /* of the instruction SYSCALL */

/* What a handler ends though it asks for SA_RESTART, as on Linux. */
static bool ends_anyway(long number, const long *a) {
    switch (number) {
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
    case SYS_pause:
    case SYS_rt_sigsuspend:
    case SYS_rt_sigtimedwait:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        return true;
    case SYS_futex:
        return a[3]; /* a timeout */
    default:
        return false;
    }
}

/* Where musl's cancellation points go on after a call; 0 in a program without threads. There a
 * request that came meanwhile is looked for, so that such a call ends. */
extern const char __cp_return[] __attribute__((weak));

static bool begins_again(const struct call_frame *f, const struct signal_taken *s) {
    bool cancels = f->back == (uint64_t)__cp_return && s->number == SIGNAL_CANCEL;
    return s->action.flags & SA_RESTART && !cancels && !ends_anyway(f->number, f->argument);
}

/* The caller's registers after the call. */
static void context_after(struct upcall_frame *context, const struct call_frame *f, long result) {
    *context = (struct upcall_frame){.ip = f->back,
                                     .sp = (uint64_t)(&f->back + 1),
                                     .flags = FLAGS_PLAIN,
                                     .general = {[GENERAL_RAX] = (uint64_t)result,
                                                 [GENERAL_RBX] = f->rbx,
                                                 [GENERAL_RBP] = f->rbp,
                                                 [GENERAL_R12] = f->r12,
                                                 [GENERAL_R13] = f->r13,
                                                 [GENERAL_R14] = f->r14,
                                                 [GENERAL_R15] = f->r15}};
}

/* ... and before it; the last argument is still on the stack. */
static void context_before(struct upcall_frame *context, const struct call_frame *f) {
    const long *a = f->argument;
    context_after(context, f, 0);
    context->ip = (uint64_t)__posix_call;
    context->sp = (uint64_t)&f->back;
    context->general[GENERAL_RDI] = (uint64_t)f->number;
    context->general[GENERAL_RSI] = (uint64_t)a[0];
    context->general[GENERAL_RDX] = (uint64_t)a[1];
    context->general[GENERAL_RCX] = (uint64_t)a[2];
    context->general[GENERAL_R8] = (uint64_t)a[3];
    context->general[GENERAL_R9] = (uint64_t)a[4];
}

void signals_deliver(struct upcall_frame *context) {
    struct signal_taken s;
    while (signal_next(&s))
        signal_frame_push(context, &s);
}

struct ending {
    const struct call_frame *call; /* on the stack, to be read before a frame is made */
    long result;
    struct signal_taken first;
};

/* The handler that begins last runs first: its frame has the others' below it, as on Linux. */
static void handlers_run(const void *ending) {
    const struct ending *e = ending;
    struct upcall_frame context;
    if (e->result == -EINTR && begins_again(e->call, &e->first))
        context_before(&context, e->call);
    else
        context_after(&context, e->call, e->result);
    signal_frame_push(&context, &e->first);
    signals_deliver(&context);
    signal_resume(&context);
}

static void mask_back(struct thread_signals *own) {
    if (!own->keeps_mask)
        return;
    own->keeps_mask = false;
    signal_mask_set(own->kept_mask);
}

/* The mask of such a call as sigsuspend counts for the signal that ended it, and is over else. */
bool signals_after_call(const struct call_frame *f, long result) {
    struct thread_signals *own = signals_own();
    struct ending ending = {.call = f, .result = result};
    if (result != -EINTR)
        mask_back(own);
    if (signal_next(&ending.first))
        signal_off_stack(handlers_run, &ending, sizeof ending);
    return result == -EINTR;
}

/* The program goes on where the frame says: there is nothing on its stack. A call that is done
 * again is the instruction before. */
bool signals_after_foreign(struct upcall_frame *frame, const long *a, long result) {
    struct thread_signals *own = signals_own();
    struct signal_taken first;
    long number = (long)frame->code;
    if (result != -EINTR)
        mask_back(own);
    if (!signal_next(&first))
        return result == -EINTR;
    if (result == -EINTR && first.action.flags & SA_RESTART && !ends_anyway(number, a)) {
        frame->ip -= FOREIGN_BYTES;
        frame->general[GENERAL_RAX] = (uint64_t)number;
    } else {
        frame->general[GENERAL_RAX] = (uint64_t)result;
    }
    signal_frame_push(frame, &first);
    signals_deliver(frame);
    signal_resume(frame);
}

/* One that has a handler is left for the end of the call. */
long signal_group(int signal) {
    uint64_t word[MESSAGE_WORDS] = {0, (uint64_t)signal};
    struct signal_taken s;
    if (!proc_page() || !err_ok(proc_ask(PROC_KILL, word)))
        signal_own(signal);
    if (signals_own()->mask & SIGNAL_BIT(signal))
        return 0;
    if (signal_has_handler(signal))
        return -EINTR;
    while (signal_take(SIGNAL_BIT(signal), &s))
        act_by_default(&s);
    return 0;
}
