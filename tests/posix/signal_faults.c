/* SPDX-License-Identifier: MIT */
/* Faults as signals, and handlers that repair what was wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

#define PAGE 4096u

static volatile char *page;
static volatile char *volatile nowhere = (char *)8;
static volatile siginfo_t seen;
static volatile long long seen_error, seen_trap, seen_address;
static volatile int repairs;

static void see(siginfo_t *information, const ucontext_t *c) {
    seen = *information;
    seen_error = c->uc_mcontext.gregs[REG_ERR] & ~1; /* whether there is a page is the system's */
    seen_trap = c->uc_mcontext.gregs[REG_TRAPNO];
    seen_address = c->uc_mcontext.gregs[REG_CR2];
    repairs++;
}

static void seen_tell(const char *what) {
    say("%s: signal %d, code %d, at %d, error %lld, trap %lld, %d", what, seen.si_signo,
        seen.si_code, (int)((char *)seen.si_addr - page), seen_error, seen_trap,
        seen_address == (long long)seen.si_addr);
}

static void handler_set(int number, void (*run)(int, siginfo_t *, void *), int flags) {
    struct sigaction a = {.sa_sigaction = run, .sa_flags = SA_SIGINFO | flags};
    sigaction(number, &a, NULL);
}

/* ---- pages ---- */

static void repair(int number, siginfo_t *information, void *context) {
    (void)number;
    see(information, context);
    mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE);
}

static void map_it(int number, siginfo_t *information, void *context) {
    (void)number;
    see(information, context);
    mmap((void *)page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
         0);
}

static void pages(void) {
    page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    handler_set(SIGSEGV, repair, 0);
    page[8] = 5;
    seen_tell("write");
    say("  written %d", page[8]);
    mprotect((void *)page, PAGE, PROT_NONE);
    say("  read %d", page[8]);
    seen_tell("read");
    munmap((void *)page, 2 * PAGE);
    handler_set(SIGSEGV, map_it, 0);
    page[100] = 7;
    seen_tell("unmapped");
    say("  there %d, zero %d", page[100], page[101]);
    repairs = 0;
    handler_set(SIGSEGV, repair, 0);
    for (int i = 0; i < 300; i++) {
        mprotect((void *)page, PAGE, i % 2 ? PROT_READ : PROT_NONE);
        page[i] = (char)i;
    }
    int wrong = 0;
    for (int i = 0; i < 300; i++)
        wrong += page[i] != (char)i;
    say("repaired %d, wrong %d", repairs, wrong);
}

/* ---- other faults ---- */

static sigjmp_buf there;

static void jump(int number, siginfo_t *information, void *context) {
    see(information, context);
    siglongjmp(there, number);
}

static volatile int zero;

static void divide(void) {
    zero = 5 / zero;
}

static void trap(void) {
    __builtin_trap();
}

static void breakpoint(void) {
    __asm__ volatile("int3");
}

static void call_nothing(void) {
    void (*volatile nothing)(void) = (void (*)(void))8;
    nothing();
}

static void caught(const char *what, int number, void (*run)(void)) {
    handler_set(number, jump, 0);
    if (!sigsetjmp(there, 1)) {
        run();
        say("%s: went on", what);
        return;
    }
    say("%s: signal %d, code %d, trap %lld, somewhere %d", what, seen.si_signo, seen.si_code,
        seen_trap, seen.si_addr != NULL);
    mask_tell(what);
}

/* The instruction pointer is behind a breakpoint, where the program goes on. */
static void go_on(int number, siginfo_t *information, void *context) {
    (void)number;
    see(information, context);
}

/* ... and at an instruction that is illegal; ud2 has two bytes. */
static void step_over(int number, siginfo_t *information, void *context) {
    ucontext_t *c = context;
    (void)number;
    see(information, c);
    note((long long)information->si_addr == c->uc_mcontext.gregs[REG_RIP]);
    c->uc_mcontext.gregs[REG_RIP] += 2;
    c->uc_mcontext.gregs[REG_RBX] = 4711;
}

static void others(void) {
    caught("division", SIGFPE, divide);
    caught("trap", SIGILL, trap);
    caught("call of nothing", SIGSEGV, call_nothing);
    handler_set(SIGTRAP, go_on, 0);
    breakpoint();
    say("breakpoint: signal %d, code %d", seen.si_signo, seen.si_code);
    long value;
    handler_set(SIGILL, step_over, 0);
    __asm__ volatile("xorl %%ebx, %%ebx\n\tud2\n\tmovq %%rbx, %0" : "=r"(value) : : "rbx");
    say("changed register: %ld", value);
    notes_tell("stepped over");
}

/* ---- what cannot be handled ---- */

static int held_back(void) {
    handler_set(SIGSEGV, go_on, 0);
    mask_change(SIG_BLOCK, SIGSEGV, 0, 0);
    return *nowhere;
}

static int ignored(void) {
    signal(SIGSEGV, SIG_IGN);
    return *nowhere;
}

static void faults_again(int number, siginfo_t *information, void *context) {
    (void)number, (void)information, (void)context;
    *nowhere = 1;
}

static int in_handler(void) {
    handler_set(SIGSEGV, faults_again, 0);
    return *nowhere;
}

static int deep(int n) {
    volatile char room[4000];
    room[0] = (char)n;
    return n < 0 ? room[0] : deep(n + 1) + room[0];
}

static int without_stack(void) {
    handler_set(SIGSEGV, go_on, 0);
    return deep(0);
}

static void no_stack(int number, siginfo_t *information, void *context) {
    (void)context;
    siglongjmp(there, information->si_code == SEGV_MAPERR ? number : 99);
}

/* The stack of a thread is small and has nothing below. */
static void stack_ends(void) {
    static char other[32768];
    sigaltstack(&(stack_t){.ss_sp = other, .ss_size = sizeof other}, NULL);
    handler_set(SIGSEGV, no_stack, SA_ONSTACK);
    for (int i = 0; i < 3; i++) {
        int number = sigsetjmp(there, 1);
        if (!number)
            deep(0);
        stack_t now;
        sigaltstack(NULL, &now);
        say("  stack ended with %d, flags %d", number, now.ss_flags);
    }
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
}

static int stack_overflow(void) {
    stack_ends();
    return 0;
}

void signal_faults_run(void) {
    pages();
    others();
    child_tell("held back", held_back);
    child_tell("ignored", ignored);
    child_tell("in its handler", in_handler);
    child_tell("without a stack", without_stack);
    child_tell("stack overflow", stack_overflow);
    for (int s = 1; s < 32; s++)
        if (s != SIGKILL && s != SIGSTOP)
            signal(s, SIG_DFL);
    mask_change(SIG_SETMASK, 0, 0, 0);
}
