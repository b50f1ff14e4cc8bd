/* SPDX-License-Identifier: MIT */
/* Signals as the kernel's interface has them: frames, registers, flags, stacks, faults, calls that
 * go on. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t seen, depth;
static volatile double in_handler;
static char other_stack[64 << 10];

static void count(int signal) {
    seen += signal;
    in_handler = seen * 1.25;
}

static void catch (int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

/* All registers are as before, and so are flags and the extended state. */
static void registers(void) {
    unsigned long r12 = 0x1212, r15 = 0x1515, flags, result = SYS_getpid, rdx = 0xd, r8 = 0x8,
                  r10 = 0x10;
    double x = 3.25, y;
    __asm__ volatile("movq %[x], %%xmm7\n\t"
                     "movq %[r8], %%r8\n\tmovq %[r10], %%r10\n\t"
                     "stc\n\tsyscall\n\tpushfq\n\tpopq %[flags]\n\t"
                     "movq %%xmm7, %[y]\n\tmovq %%r8, %[r8]\n\tmovq %%r10, %[r10]"
                     : "+a"(result), [flags] "=&r"(flags), [y] "=r"(y),
                       "+d"(rdx), [r8] "+r"(r8), [r10] "+r"(r10), "+r"(r12), "+r"(r15)
                     : [x] "r"(x)
                     : "rcx", "r11", "r8", "r10", "xmm7", "memory", "cc");
    printf("call: %d, carry %lu, %g, %lx %lx %lx %lx %lx\n", result == (unsigned long)getpid(),
           flags & 1, y, rdx, r8, r10, r12, r15);
}

static void raised(void) {
    double before = 2.5;
    catch (SIGUSR1, count, 0);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    printf("seen %d, %g, %g\n", (int)seen, in_handler, before * 2);
}

static void told(int signal, siginfo_t *information, void *context) {
    ucontext_t *c = context;
    int local;
    int on_other =
        (char *)&local >= other_stack && (char *)&local < other_stack + sizeof other_stack;
    printf("signal %d code %d value %d other stack %d\n", signal, information->si_code,
           signal == SIGRTMIN ? information->si_value.sival_int : 0, on_other);
    if (signal == SIGFPE || signal == SIGILL || signal == SIGTRAP)
        c->uc_mcontext.gregs[REG_RIP] += signal == SIGTRAP ? 0 : 2;
}

static void faults(void) {
    struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    sigaltstack(&stack, NULL);
    int list[] = {SIGFPE, SIGILL, SIGTRAP, SIGRTMIN};
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
        sigaction(list[i], &action, NULL);
    __asm__ volatile("xorl %%ecx, %%ecx\n\txorl %%edx, %%edx\n\tmovl $1, %%eax\n\tdivl %%ecx"
                     :
                     :
                     : "eax", "ecx", "edx");
    __asm__ volatile("ud2");
    __asm__ volatile("int3");
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42});
}

static void nested(int signal) {
    if (++depth < 5)
        raise(signal);
    seen++;
}

static void masks(void) {
    sigset_t set, pending;
    seen = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    catch (SIGUSR1, count, 0);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("held back: %d %d\n", (int)seen, sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("then: %d\n", (int)seen);
    catch (SIGUSR2, nested, SA_NODEFER);
    raise(SIGUSR2);
    printf("depth %d\n", (int)depth);
    catch (SIGUSR2, count, SA_RESETHAND);
    raise(SIGUSR2);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
}

/* A read that a handler interrupts: ends, or begins again. */
static void interrupted(int flags) {
    const struct itimerval soon = {.it_value.tv_usec = 30000};
    int two[2];
    char c;
    if (pipe(two))
        return;
    seen = 0;
    catch (SIGALRM, count, flags);
    setitimer(ITIMER_REAL, &soon, NULL);
    pid_t child = fork();
    if (!child) {
        usleep(200000);
        _exit(write(two[1], "x", 1) != 1);
    }
    ssize_t n = read(two[0], &c, 1);
    int error = errno;
    printf("read: %zd %s, seen %d\n", n, n < 0 ? strerror(error) : "", (int)seen);
    while (waitpid(child, NULL, 0) < 0)
        ;
    close(two[0]);
    close(two[1]);
}

static void sleeps(void) {
    struct timespec wanted = {5, 0}, rest = {0, 0};
    const struct itimerval soon = {.it_value.tv_usec = 30000};
    setitimer(ITIMER_REAL, &soon, NULL);
    int result = nanosleep(&wanted, &rest);
    printf("sleep: %d %s, rest %d\n", result, strerror(errno), (int)rest.tv_sec);
    sigset_t none, usr;
    sigemptyset(&none);
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    catch (SIGUSR1, count, 0);
    sigprocmask(SIG_BLOCK, &usr, NULL);
    raise(SIGUSR1);
    result = sigsuspend(&none);
    printf("suspend: %d %s\n", result, strerror(errno));
    raise(SIGUSR1);
    printf("wait: %d\n", sigwaitinfo(&usr, NULL));
}

static void ends(void) {
    int status;
    pid_t child = fork();
    if (!child) {
        raise(SIGUSR2); /* its handler was for once */
        _exit(1);
    }
    waitpid(child, &status, 0);
    printf("ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    child = fork();
    if (!child)
        abort();
    waitpid(child, &status, 0);
    printf("ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    child = fork();
    if (!child) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        *(volatile int *)0 = 1;
    }
    waitpid(child, &status, 0);
    printf("ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    registers();
    raised();
    faults();
    masks();
    interrupted(0);
    interrupted(SA_RESTART);
    sleeps();
    ends();
    return 0;
}
