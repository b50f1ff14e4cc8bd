/* SPDX-License-Identifier: MIT */
/* Actions, masks, and handlers of signals that the process raises itself. */
#include <errno.h>
#include <fenv.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

/* ---- actions ---- */

static void actions(void) {
    struct sigaction a = {.sa_handler = note, .sa_flags = SA_RESTART | SA_NODEFER}, b;
    unsigned char raw[32] = {0};
    sigemptyset(&a.sa_mask);
    sigaddset(&a.sa_mask, SIGKILL);
    sigaddset(&a.sa_mask, SIGHUP);
    DO(sigaction(SIGUSR1, &a, NULL));
    DO(sigaction(SIGUSR1, NULL, &b));
    say("  same %d, flags %#x, mask %d %d", b.sa_handler == note,
        (unsigned)b.sa_flags & ~0x4000000u, sigismember(&b.sa_mask, SIGHUP),
        sigismember(&b.sa_mask, SIGKILL));
    DO(sigaction(SIGKILL, &a, NULL));
    DO(sigaction(SIGSTOP, &a, NULL));
    DO(sigaction(SIGKILL, NULL, &b));
    DO(sigaction(0, NULL, &b));
    DO(sigaction(65, NULL, &b));
    DO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
    DO(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8));
    DO(syscall(SYS_rt_sigaction, 77, raw, NULL, 8));
    DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, raw, NULL, 4));
    DO(syscall(SYS_rt_sigprocmask, 7, raw, NULL, 8));
    DO(syscall(SYS_rt_sigprocmask, 7, NULL, raw, 8));
    DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8));
    DO(syscall(SYS_rt_sigpending, raw, 9));
    DO(syscall(SYS_rt_sigpending, raw, 4));
    DO(signal(SIGUSR1, SIG_DFL) == note ? 0 : -1);
    DO(signal(SIGUSR1, SIG_IGN) == SIG_DFL ? 0 : -1);
    DO(raise(SIGUSR1));
    DO(kill(getpid(), SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
}

/* ---- handlers ---- */

static volatile siginfo_t seen;

static void take_information(int number, siginfo_t *information, void *context) {
    (void)context;
    seen = *information;
    note(number);
}

static void information_of(int number) {
    struct sigaction a = {.sa_sigaction = take_information, .sa_flags = SA_SIGINFO};
    sigaction(number, &a, NULL);
}

static void seen_tell(const char *what) {
    say("%s: signal %d, errno %d, code %d, own %d, user %d, value %d", what, seen.si_signo,
        seen.si_errno, seen.si_code, seen.si_pid == getpid(), (int)seen.si_uid,
        seen.si_code == SI_QUEUE ? seen.si_value.sival_int : 0);
}

static void information(void) {
    siginfo_t made = {.si_signo = SIGUSR2, .si_code = -77};
    made.si_pid = getpid();
    information_of(SIGUSR1);
    information_of(SIGUSR2);
    information_of(SIGRTMIN + 3);
    DO(raise(SIGUSR1));
    seen_tell("raised");
    DO(kill(getpid(), SIGUSR1));
    seen_tell("killed");
    DO(kill(0, 0));
    DO(sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 4711}));
    seen_tell("queued");
    DO(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = -5}));
    seen_tell("queued");
    DO(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR2, &made));
    seen_tell("made up");
    DO(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
    seen_tell("to the thread");
    DO(syscall(SYS_tgkill, getpid(), gettid(), 65));
    DO(syscall(SYS_tgkill, getpid(), 1 << 21, SIGUSR1));
    DO(syscall(SYS_tgkill, -1, gettid(), SIGUSR1));
    DO(syscall(SYS_tkill, 0, SIGUSR1));
    DO(syscall(SYS_tkill, 1 << 21, SIGUSR1));
    DO(syscall(SYS_rt_sigqueueinfo, getppid(), SIGURG, &(siginfo_t){.si_code = SI_USER}));
    DO(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8));
    notes_tell("all");
}

/* What is pending at once begins in the order of numbers, and so ends in the other one. */
static void order(void) {
    for (int i = 0; i < 4; i++)
        note_signal((int[]){SIGUSR1, SIGUSR2, SIGTERM, SIGHUP}[i], 0, 0);
    mask_change(SIG_BLOCK, SIGUSR1, SIGUSR2, SIGTERM);
    DO(raise(SIGTERM));
    DO(kill(getpid(), SIGUSR2));
    DO(raise(SIGUSR1));
    DO(raise(SIGUSR1));
    DO(kill(getpid(), SIGHUP));
    pending_tell("three");
    notes_tell("held back");
    mask_change(SIG_UNBLOCK, SIGTERM, 0, 0);
    notes_tell("one");
    mask_change(SIG_UNBLOCK, SIGUSR1, SIGUSR2, 0);
    notes_tell("two");
    pending_tell("none");
    mask_change(SIG_BLOCK, SIGUSR1, SIGTERM, 0);
    raise(SIGUSR1);
    raise(SIGTERM);
    signal(SIGUSR1, SIG_IGN);
    pending_tell("one was dropped");
    raise(SIGUSR1);
    pending_tell("ignored and held back");
    note_signal(SIGUSR1, 0, 0);
    mask_change(SIG_UNBLOCK, SIGUSR1, SIGTERM, 0);
    notes_tell("what is left");
}

static void raise_more(int number) {
    note(number);
    if (number == SIGUSR1)
        raise(SIGUSR2);
    if (number == SIGUSR2)
        raise(SIGHUP);
    note(-number);
}

static void raise_itself(int number) {
    note(number);
    if (notes_count < 4)
        raise(number);
    note(-number);
}

static void nested(void) {
    struct sigaction a = {.sa_handler = raise_more};
    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGUSR2, &a, NULL);
    sigaction(SIGHUP, &a, NULL);
    raise(SIGUSR1);
    notes_tell("nested");
    a.sa_mask = set_of(SIGUSR2, SIGHUP, 0);
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    notes_tell("after each other");
    a = (struct sigaction){.sa_handler = raise_itself};
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    notes_tell("itself, later");
    a.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    notes_tell("itself, inside");
    note_signal(SIGUSR1, SA_RESETHAND, 0);
    raise(SIGUSR1);
    DO(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
    notes_tell("once");
}

static void mask_inside(int number) {
    mask_tell("inside");
    mask_change(SIG_BLOCK, SIGALRM, 0, 0);
    note(number);
}

static void mask_outside(int number, siginfo_t *information, void *context) {
    ucontext_t *c = context;
    (void)information;
    sigaddset(&c->uc_sigmask, SIGCHLD);
    note(number);
}

static void masks(void) {
    struct sigaction a = {.sa_handler = mask_inside, .sa_mask = set_of(SIGTERM, SIGKILL, SIGINT)};
    mask_change(SIG_SETMASK, SIGPIPE, SIGSTOP, SIGKILL);
    mask_tell("begin");
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    mask_tell("afterwards");
    a = (struct sigaction){.sa_sigaction = mask_outside, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    mask_tell("changed by the handler");
    mask_change(SIG_SETMASK, 0, 0, 0);
    notes_tell("masks");
}

/* ---- where handlers go on ---- */

static sigjmp_buf there;

static void jump(int number) {
    siglongjmp(there, number);
}

static void jumps(void) {
    signal(SIGUSR1, jump);
    for (volatile int i = 0; i < 3; i++)
        if (!sigsetjmp(there, 1)) {
            raise(SIGUSR1);
            say("not here");
        } else {
            mask_tell("jumped");
        }
    if (!sigsetjmp(there, 0))
        raise(SIGUSR1);
    mask_tell("without a mask");
    mask_change(SIG_SETMASK, 0, 0, 0);
}

static volatile unsigned long stack_low, stack_high;
static volatile int inside_flags;

static void where(int number) {
    stack_t s;
    char here;
    sigaltstack(NULL, &s);
    inside_flags = s.ss_flags;
    note((unsigned long)&here >= stack_low && (unsigned long)&here < stack_high ? number : -number);
    if (notes_count == 1)
        raise(SIGUSR2);
    if (sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL) < 0)
        note(errno);
}

static void stacks(void) {
    char *low = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t s = {.ss_sp = low, .ss_size = 65536}, old;
    stack_low = (unsigned long)low;
    stack_high = stack_low + 65536;
    DO(sigaltstack(NULL, &old));
    say("  flags %d, size %d", old.ss_flags, (int)old.ss_size);
    DO(sigaltstack(&(stack_t){.ss_sp = low, .ss_size = 100}, NULL));
    DO(sigaltstack(&(stack_t){.ss_sp = low, .ss_size = 65536, .ss_flags = 8}, NULL));
    DO(sigaltstack(&s, &old));
    DO(sigaltstack(NULL, &old));
    say("  flags %d, size %d, same %d", old.ss_flags, (int)old.ss_size, old.ss_sp == low);
    struct sigaction a = {.sa_handler = where, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGUSR2, &a, NULL);
    raise(SIGUSR1);
    notes_tell("on the other stack");
    say("  flags %d", inside_flags);
    a.sa_flags = 0;
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    notes_tell("on its own, and then on the other");
    DO(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
    a.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR1, &a, NULL);
    note(0);
    raise(SIGUSR1);
    notes_tell("none");
    munmap(low, 65536);
}

/* ---- floating point ---- */

static void rounds(int number) {
    volatile double a = 1.0, b = 3.0;
    note(fegetround() == FE_TONEAREST ? number : -number);
    fesetround(FE_DOWNWARD);
    note((int)(a / b * 1000));
}

static void floats(void) {
    volatile double x = 1.0 / 3.0;
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = rounds}, NULL);
    fesetround(FE_UPWARD);
    double before = x * 3.5;
    raise(SIGUSR1);
    say("  the same %d, upward %d", before == x * 3.5, fegetround() == FE_UPWARD);
    fesetround(FE_TONEAREST);
    notes_tell("floats");
}

void signals_run(void) {
    actions();
    information();
    order();
    nested();
    masks();
    jumps();
    stacks();
    floats();
    for (int s = 1; s < 65; s++)
        if (s != SIGKILL && s != SIGSTOP && (s < 32 || s > 34))
            signal(s, SIG_DFL);
}
