/* SPDX-License-Identifier: MIT */
/* Signals after a time. */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

static volatile siginfo_t seen;
static volatile int count;

static void take(int number, siginfo_t *information, void *context) {
    (void)number, (void)context;
    seen = *information;
    count++;
}

static void take_set(int number) {
    struct sigaction a = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
    sigaction(number, &a, NULL);
    count = 0;
}

static long milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- setitimer, alarm ---- */

static void alarms(void) {
    struct itimerval t = {{0, 0}, {0, 30000}}, old;
    take_set(SIGALRM);
    DO(getitimer(ITIMER_REAL, &old));
    say("  %d %d", (int)old.it_value.tv_sec, (int)old.it_value.tv_usec);
    long begun = milliseconds();
    DO(setitimer(ITIMER_REAL, &t, &old));
    DO(pause());
    say("  code %d, process %d, in time %d", seen.si_code, (int)seen.si_pid,
        milliseconds() - begun >= 30);
    DO(getitimer(ITIMER_REAL, &old));
    say("  left %d %d", (int)old.it_value.tv_sec, (int)old.it_value.tv_usec);
    DO(alarm(100));
    DO(alarm(50) >= 99);
    DO(getitimer(ITIMER_REAL, &old));
    say("  left %d, again %d", old.it_value.tv_sec >= 40, (int)old.it_interval.tv_sec);
    DO(alarm(0) >= 40);
    DO(alarm(0));
    t.it_value.tv_usec = 1000000;
    DO(setitimer(ITIMER_REAL, &t, NULL));
    t.it_value.tv_usec = -1;
    DO(setitimer(ITIMER_REAL, &t, NULL));
    t.it_value.tv_usec = 1;
    DO(setitimer(77, &t, NULL));
    DO(getitimer(77, &t));
    DO(getitimer(ITIMER_REAL, (void *)8));
}

/* It interrupts what the program computes as well, again and again. */
static void intervals(void) {
    const struct itimerval t = {{0, 5000}, {0, 1000}}, none = {{0, 0}, {0, 0}};
    volatile unsigned long n = 0;
    struct itimerval old;
    take_set(SIGALRM);
    setitimer(ITIMER_REAL, &t, NULL);
    while (count < 10)
        n++;
    DO(setitimer(ITIMER_REAL, &none, &old));
    say("  %d %d, interval %d", n > 0, (int)old.it_value.tv_sec, (int)old.it_interval.tv_usec);
    usleep(20000);
    int before = count;
    usleep(20000);
    say("  over %d", before == count);
}

static int not_inherited(void) {
    struct itimerval now;
    getitimer(ITIMER_REAL, &now);
    say("  child: left %d", (int)now.it_value.tv_sec);
    signal(SIGALRM, SIG_DFL);
    ualarm(10000, 0);
    for (;;)
        pause();
    return 0;
}

/* exec keeps it: the program waits for a child that does not end. */
static int kept(void) {
    char *const name[] = {"name", NULL}, *const mode[] = {"POSIX_MODE=waits", NULL};
    signal(SIGALRM, SIG_DFL);
    ualarm(50000, 0);
    execve(SELF, name, mode);
    return errno;
}

static void inheritance(void) {
    alarm(1000);
    child_tell("not inherited", not_inherited);
    alarm(0);
    child_tell("kept", kept);
}

/* ---- timer_create ---- */

static void timers(void) {
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec t = {{0, 0}, {0, 10000000}}, old;
    timer_t first, second;
    e.sigev_value.sival_int = 99;
    take_set(SIGUSR1);
    DO(timer_create(CLOCK_MONOTONIC, &e, &first));
    e.sigev_notify = SIGEV_NONE;
    DO(timer_create(CLOCK_REALTIME, &e, &second));
    DO(timer_settime(first, 0, &t, &old));
    say("  before %d", (int)old.it_value.tv_nsec);
    DO(pause());
    say("  signal %d, code %d, value %d", seen.si_signo, seen.si_code, seen.si_value.sival_int);
    DO(timer_getoverrun(first));
    DO(timer_gettime(first, &old));
    say("  left %d", (int)old.it_value.tv_nsec);
    t.it_value.tv_sec = 1000;
    t.it_interval.tv_sec = 3;
    DO(timer_settime(second, 0, &t, NULL));
    DO(timer_gettime(second, &old));
    say("  left %d, interval %d", old.it_value.tv_sec >= 900, (int)old.it_interval.tv_sec);
    DO(timer_delete(second));
    clock_gettime(CLOCK_REALTIME, &t.it_value);
    t.it_interval.tv_sec = 0;
    count = 0;
    DO(timer_settime(first, TIMER_ABSTIME, &(struct itimerspec){{0, 0}, {0, 1}}, NULL));
    while (!count)
        usleep(100);
    DO(timer_delete(first));
    e.sigev_notify = SIGEV_SIGNAL;
    e.sigev_signo = 65;
    DO(timer_create(CLOCK_MONOTONIC, &e, &first));
    DO(timer_create(77, NULL, &first));
}

static sem_t called;
static volatile int called_with;

static void call(union sigval value) {
    called_with = value.sival_int;
    sem_post(&called);
}

/* musl has a thread that waits for its own signal. */
static void timer_threads(void) {
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = call};
    timer_t timer;
    e.sigev_value.sival_int = 31;
    sem_init(&called, 0, 0);
    DO(timer_create(CLOCK_MONOTONIC, &e, &timer));
    DO(timer_settime(timer, 0, &(struct itimerspec){{0, 3000000}, {0, 1}}, NULL));
    for (int i = 0; i < 3; i++)
        sem_wait(&called);
    say("  called with %d", called_with);
    DO(timer_delete(timer));
}

void signal_timers_run(void) {
    alarms();
    intervals();
    inheritance();
    timers();
    timer_threads();
    signal(SIGALRM, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
}
