/* SPDX-License-Identifier: MIT */
/* Signals of threads: for one of them, for whoever takes it, and those of the C library. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/handlers.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

static sem_t started;
static volatile int go, taken_by;
static int ends[2];

static void who(int number) {
    (void)number;
    taken_by = gettid();
}

/* ---- for one thread ---- */

static void *waits_for_it(void *unused) {
    const sigset_t none = set_of(0, 0, 0);
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    sem_post(&started);
    sigsuspend(&none);
    return (void *)(long)(taken_by == gettid() && errno == EINTR && !unused);
}

static void *computes(void *unused) {
    volatile double x = 1;
    sem_post(&started);
    while (!taken_by)
        x = x * 1.0000001 / 1.0000001;
    return (void *)(long)(taken_by == gettid() && x > 0 && !unused);
}

static void *reads(void *unused) {
    char text[4];
    sem_post(&started);
    return (void *)(long)(read(ends[0], text, 4) == -1 && errno == EINTR && taken_by == gettid() &&
                          !unused);
}

static void to_thread(const char *what, void *(*run)(void *), int repeat) {
    pthread_t thread;
    void *result;
    taken_by = 0;
    pthread_create(&thread, NULL, run, NULL);
    sem_wait(&started);
    do {
        pthread_kill(thread, SIGUSR1);
        usleep(2000);
    } while (repeat && pthread_tryjoin_np(thread, &result));
    if (!repeat)
        pthread_join(thread, &result);
    say("%s: %ld", what, (long)result);
}

static void for_one(void) {
    struct sigaction a = {.sa_handler = who};
    sigaction(SIGUSR1, &a, NULL);
    DO(pipe(ends));
    to_thread("waits for it", waits_for_it, 0);
    to_thread("computes", computes, 0);
    to_thread("reads", reads, 1);
    close(ends[0]);
    close(ends[1]);
    DO(pthread_kill(pthread_self(), 0));
    DO(pthread_kill(pthread_self(), 65));
    DO(pthread_kill(pthread_self(), SIGUSR1));
    say("  own %d", taken_by == gettid());
}

/* ---- for whoever does not hold it back ---- */

static int sends_to_parent(void) {
    return kill(getppid(), SIGUSR1);
}

static void *computes_open(void *unused) {
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
    return computes(unused);
}

static void for_any(void) {
    pthread_t thread;
    void *result;
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    for (int i = 0; i < 4; i++) {
        taken_by = 0;
        pthread_create(&thread, NULL, i % 2 ? computes_open : waits_for_it, NULL);
        sem_wait(&started);
        if (i < 2)
            kill(getpid(), SIGUSR1);
        else
            ended_tell("sends", child_start(sends_to_parent));
        pthread_join(thread, &result);
        say("taken by the other: %ld", (long)result);
    }
    mask_change(SIG_UNBLOCK, SIGUSR1, 0, 0);
}

/* ---- cancellation ---- */

static void *cancel_read(void *unused) {
    char text[4];
    sem_post(&started);
    read(ends[0], text, 4);
    return unused;
}

static void *cancel_sleep(void *unused) {
    sem_post(&started);
    sleep(1000);
    return unused;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void gives(void *unused) {
    (void)unused;
    note(pthread_mutex_unlock(&mutex));
}

static void *cancel_condition(void *unused) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(gives, NULL);
    sem_post(&started);
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(0);
    return unused;
}

static void *cancel_at_once(void *unused) {
    volatile unsigned long n = 0;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&started);
    for (;;)
        n++;
    return unused;
}

static void *cancel_pause(void *unused) {
    sem_post(&started);
    pause();
    return unused;
}

static void *cancel_loop(void *unused) {
    char text[1];
    int fd[2];
    pipe(fd);
    sem_post(&started);
    for (;;) {
        write(fd[1], "x", 1);
        read(fd[0], text, 1);
    }
    return unused;
}

static void *cancel_not(void *unused) {
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    sem_post(&started);
    while (!go)
        usleep(1000);
    note(write(ends[1], "kept", 4));
    pthread_setcancelstate(old, NULL);
    pthread_testcancel();
    return unused;
}

static void cancelled(const char *what, void *(*run)(void *), int delay) {
    pthread_t thread;
    void *result = NULL;
    go = 0;
    pthread_create(&thread, NULL, run, NULL);
    sem_wait(&started);
    usleep(delay);
    int error = pthread_cancel(thread);
    go = 1;
    pthread_join(thread, &result);
    say("%s: %d, cancelled %d", what, error, result == PTHREAD_CANCELED);
}

static void cancels(void) {
    for (int delay = 0; delay < 20000; delay += 7000) {
        DO(pipe(ends));
        cancelled("read", cancel_read, delay);
        cancelled("sleep", cancel_sleep, delay);
        cancelled("condition", cancel_condition, delay);
        cancelled("at once", cancel_at_once, delay);
        cancelled("pause", cancel_pause, delay);
        cancelled("not now", cancel_not, delay);
        close(ends[0]);
        close(ends[1]);
    }
    notes_tell("given");
    for (int i = 0; i < 40; i++)
        cancelled("loop", cancel_loop, i * 100);
}

/* ---- all threads do the same ---- */

static void *counts(void *count) {
    char text[1];
    sem_post(&started);
    while (!go) {
        ++*(volatile unsigned long *)count;
        if (read(ends[0], text, 1) != 1 && errno != EAGAIN)
            break;
    }
    return count;
}

static void together_called(void) {
    static unsigned long count[3];
    pthread_t thread[3];
    void *result;
    int good = 0;
    DO(pipe2(ends, O_NONBLOCK));
    go = 0;
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread[i], NULL, counts, &count[i]);
        sem_wait(&started);
    }
    for (int i = 0; i < 50; i++)
        good += setuid(0) == 0;
    go = 1;
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], &result);
        good += result == &count[i];
    }
    say("called together: %d", good);
    close(ends[0]);
    close(ends[1]);
}

/* ---- the first thread ends before the others ---- */

static void *outlives(void *unused) {
    const sigset_t none = set_of(0, 0, 0);
    while (!go)
        usleep(1000);
    usleep(20000);
    taken_by = 0;
    kill(getppid(), SIGUSR2);
    sigsuspend(&none);
    _exit(taken_by == gettid() && gettid() != getpid() ? 12 : 13);
    return unused;
}

static int first_ends(void) {
    pthread_t other;
    go = 0;
    mask_change(SIG_BLOCK, SIGUSR1, 0, 0);
    pthread_create(&other, NULL, outlives, NULL);
    go = 1;
    pthread_exit(NULL);
}

static void without_first(void) {
    const sigset_t set = set_of(SIGUSR2, 0, 0);
    int number;
    sigprocmask(SIG_BLOCK, &set, NULL);
    int child = child_start(first_ends);
    sigwait(&set, &number);
    kill(child, SIGUSR1);
    ended_tell("without its first thread", child);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signal_threads_run(void) {
    sem_init(&started, 0, 0);
    for_one();
    for_any();
    cancels();
    together_called();
    without_first();
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}
