/* SPDX-License-Identifier: MIT */
/*
 * Signals of other processes: while the program computes, and while it waits. A child goes on
 * sending until it is told that the wait was interrupted; where the call goes on after a handler it
 * sends some, and then ends the wait.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

enum { OVER, COUNT, READY }; /* places of what is shared */

#define SOME 5 /* signals */

static int ends[2];
static char room[70000];
static void (*finish)(void);

static void counted(int number) {
    (void)number;
    together[COUNT]++;
}

static int handled; /* each of some signals is waited for */

static int pesters(void) {
    for (int i = 0; finish ? i < SOME : !together[OVER]; i++) {
        kill(getppid(), SIGUSR1);
        if (finish && handled)
            together_until(COUNT, i + 1);
        else
            usleep(4000);
    }
    if (finish)
        finish();
    return 0;
}

/* ---- what waits, and how it ends ---- */

static long waiting_child;

static void writes_end(void) {
    write(ends[1], "done", 4);
}

static void reads_all(void) {
    read(ends[0], room, sizeof room);
}

static long do_read(void) {
    return read(ends[0], room, 10);
}

static long do_readv(void) {
    return readv(ends[0], &(struct iovec){room, 10}, 1);
}

static long do_write(void) {
    return write(ends[1], "x", 1);
}

static long do_wait(void) {
    int status;
    return waitpid((pid_t)waiting_child, &status, 0) < 0 ? -1 : WTERMSIG(status);
}

static long do_waitid(void) {
    siginfo_t s;
    return waitid(P_PID, (id_t)waiting_child, &s, WEXITED);
}

static void kills_it(void) {
    kill((pid_t)waiting_child, SIGKILL);
}

static long do_poll(void) {
    return poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 100000);
}

static long do_ppoll(void) {
    const sigset_t none = set_of(0, 0, 0);
    return ppoll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, NULL, &none);
}

static long do_select(void) {
    fd_set in;
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    return select(ends[0] + 1, &in, NULL, NULL, NULL);
}

static long do_pselect(void) {
    const sigset_t none = set_of(0, 0, 0);
    fd_set in;
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    return pselect(ends[0] + 1, &in, NULL, NULL, NULL, &none);
}

static long do_sleep(void) {
    struct timespec t = {1000, 0}, rest = {0, 0};
    long result = nanosleep(&t, &rest);
    return result < 0 && (rest.tv_sec > 1000 || rest.tv_sec < 900) ? -2 : result;
}

static long do_clock_sleep(void) {
    struct timespec t = {1000, 0}, rest = {0, 0};
    errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &rest);
    return rest.tv_sec > 1000 || rest.tv_sec < 900 ? -2 : -1;
}

static long do_sleep_until(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += 1000;
    errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    return -1;
}

static long do_pause(void) {
    return pause();
}

static long do_suspend(void) {
    const sigset_t none = set_of(0, 0, 0);
    return sigsuspend(&none);
}

static sem_t semaphore;

static long do_semaphore(void) {
    return sem_wait(&semaphore);
}

static long do_futex_until(void) {
    static int word;
    return syscall(SYS_futex, &word, 0, 0, &(struct timespec){1000, 0});
}

static long do_wait_for(void) {
    const sigset_t other = set_of(SIGHUP, 0, 0);
    return syscall(SYS_rt_sigtimedwait, &other, NULL, NULL, 8);
}

static const struct operation {
    const char *name;
    long (*run)(void);
    void (*finish)(void); /* in the child; NULL: SA_RESTART makes no difference */
} operations[] = {
    {"read", do_read, writes_end},
    {"readv", do_readv, writes_end},
    {"write", do_write, reads_all},
    {"waitpid", do_wait, kills_it},
    {"waitid", do_waitid, kills_it},
    {"poll", do_poll, NULL},
    {"ppoll", do_ppoll, NULL},
    {"select", do_select, NULL},
    {"pselect", do_pselect, NULL},
    {"nanosleep", do_sleep, NULL},
    {"clock_nanosleep", do_clock_sleep, NULL},
    {"clock_nanosleep until", do_sleep_until, NULL},
    {"pause", do_pause, NULL},
    {"sigsuspend", do_suspend, NULL},
    {"sem_wait", do_semaphore, NULL},
    {"futex until", do_futex_until, NULL},
    {"sigwaitinfo", do_wait_for, NULL},
};

static int stays(void) {
    return pause();
}

static void prepare(const struct operation *o) {
    DO(pipe(ends));
    if (o->run == do_write)
        write(ends[1], room, 65536);
    waiting_child = o->finish == kills_it ? child_start(stays) : 0;
    together[OVER] = together[COUNT] = 0;
}

/* A last signal may still come. */
static void wait_out(int child) {
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
}

static void clean_up(int child) {
    together[OVER] = 1;
    wait_out(child);
    if (waiting_child) {
        kill((pid_t)waiting_child, SIGKILL);
        wait_out((int)waiting_child);
    }
    close(ends[0]);
    close(ends[1]);
}

/* Restarted calls are those with something to finish them. */
static void interrupt(const struct operation *o, int flags) {
    struct sigaction a = {.sa_handler = counted, .sa_flags = flags};
    finish = flags & SA_RESTART ? o->finish : NULL;
    handled = 1;
    sigaction(SIGUSR1, &a, NULL);
    prepare(o);
    int child = child_start(pesters);
    errno = 0;
    tell(o->name, o->run());
    clean_up(child);
    say("  handled %d", finish ? together[COUNT] == SOME : together[COUNT] > 0);
}

static void matrix(void) {
    sem_init(&semaphore, 0, 0);
    for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (operations[i].run != do_semaphore) /* musl has it wait on if all are restarted */
            interrupt(&operations[i], SA_RESTART);
        interrupt(&operations[i], 0);
    }
}

/* What nothing is done about ends no wait. */
static void ignored(void) {
    static const struct operation quiet[] = {{"read", do_read, writes_end},
                                             {"poll", do_poll, writes_end},
                                             {"select", do_select, writes_end},
                                             {"waitpid", do_wait, kills_it}};
    for (unsigned i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        signal(SIGUSR1, SIG_IGN);
        finish = quiet[i].finish;
        handled = 0;
        prepare(&quiet[i]);
        int child = child_start(pesters);
        tell(quiet[i].name, quiet[i].run());
        clean_up(child);
    }
}

/* ---- computing ---- */

static void computes(void) {
    struct sigaction a = {.sa_handler = counted};
    volatile double x = 1, sum = 0;
    unsigned long n = 0;
    finish = NULL;
    together[OVER] = together[COUNT] = 0;
    sigaction(SIGUSR1, &a, NULL);
    int child = child_start(pesters);
    for (; together[COUNT] < 50; n++) {
        x = x * 1.5;
        sum += x / 1.5;
        if (x > 1e6)
            x = 1;
    }
    together[OVER] = 1;
    ended_tell("pesters", child);
    say("  sum %d, rounds %d", sum > 0, n > 0);
}

/* A signal that comes between a look and the wait is not missed. */
static int sends_in_turn(void) {
    for (int i = 0; i < 500; i++) {
        kill(getppid(), SIGUSR1);
        while (together[COUNT] != i + 1)
            if (getppid() == 1)
                return 1;
    }
    return 0;
}

static void suspends(void) {
    struct sigaction a = {.sa_handler = counted};
    const sigset_t none = set_of(0, 0, 0);
    int wrong = 0, before;
    sigaction(SIGUSR1, &a, NULL);
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    together[COUNT] = 0;
    int child = child_start(sends_in_turn);
    while (together[COUNT] < 500) {
        before = together[COUNT];
        wrong += sigsuspend(&none) != -1 || errno != EINTR || together[COUNT] == before;
    }
    ended_tell("sends in turn", child);
    say("  wrong %d", wrong);
    mask_tell("after all");
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
}

/* The same with a call that looks at files as well. */
static void polls(void) {
    const sigset_t none = set_of(0, 0, 0);
    int wrong = 0;
    DO(pipe(ends));
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    together[COUNT] = 0;
    int child = child_start(sends_in_turn);
    while (together[COUNT] < 500)
        wrong += ppoll(&p, 1, NULL, &none) != -1 || errno != EINTR;
    ended_tell("sends in turn", child);
    say("  wrong %d", wrong);
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
    raise(SIGUSR1);
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    raise(SIGUSR1);
    write(ends[1], "x", 1);
    DO(ppoll(&p, 1, NULL, &none)); /* what is ready comes first */
    mask_tell("ready");
    DO(syscall(SYS_ppoll, &p, 1, NULL, &none, 4));
    DO(syscall(SYS_ppoll, &p, 1, NULL, 8, 8));
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
    say("  count %d", together[COUNT]);
    close(ends[0]);
    close(ends[1]);
}

/* ---- waiting for them ---- */

static int sends_one(void) {
    usleep(20000);
    return sigqueue(getppid(), SIGUSR2, (union sigval){.sival_int = 12});
}

static void waits_for(void) {
    const sigset_t set = set_of(SIGUSR2, SIGTERM, 0);
    siginfo_t s = {.si_pid = 0};
    int number = 0;
    sigprocmask(SIG_BLOCK, &set, NULL);
    DO(sigtimedwait(&set, &s, &(struct timespec){0, 1000000}));
    DO(sigtimedwait(&set, &s, &(struct timespec){0, 0}));
    DO(sigtimedwait(&set, &s, &(struct timespec){0, -1}));
    raise(SIGUSR2);
    kill(getpid(), SIGTERM);
    DO(sigtimedwait(&set, &s, &(struct timespec){0, 0}));
    say("  signal %d, code %d, own %d", s.si_signo, s.si_code, s.si_pid == getpid());
    DO(sigwait(&set, &number));
    say("  signal %d", number);
    pending_tell("none");
    int child = child_start(sends_one);
    DO(sigwaitinfo(&set, &s));
    say("  signal %d, code %d, child's %d, value %d", s.si_signo, s.si_code, s.si_pid == child,
        s.si_value.sival_int);
    ended_tell("sends one", child);
    DO(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 4));
    DO(syscall(SYS_rt_sigsuspend, &set, 4));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void interruptions_run(void) {
    together = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    matrix();
    ignored();
    computes();
    suspends();
    polls();
    waits_for();
    signal(SIGUSR1, SIG_DFL);
    munmap((void *)together, 4096);
}
