/* SPDX-License-Identifier: MIT */
/* Threads with the distribution's C library: locks, conditions, thread pointers, cancellation,
 * fork. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS  1000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static sem_t done;
static int count;
static __thread long own = 7;

static void *adds(void *number) {
    own += (long)number;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        count++;
        pthread_mutex_unlock(&lock);
    }
    sem_post(&done);
    return (void *)own;
}

static void *waits(void *nothing) {
    pthread_mutex_lock(&lock);
    while (count < THREADS * ROUNDS)
        pthread_cond_wait(&all_done, &lock);
    pthread_mutex_unlock(&lock);
    return nothing;
}

static void *sleeps(void *nothing) {
    for (;;)
        sleep(100);
    return nothing;
}

static void handler(int signal) {
    (void)signal;
}

static void count_together(void) {
    pthread_t thread[THREADS], waiter;
    long sum = 0;
    void *result;
    sem_init(&done, 0, 0);
    pthread_create(&waiter, NULL, waits, NULL);
    for (long i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, adds, (void *)i))
            puts("not made");
    for (int i = 0; i < THREADS; i++)
        sem_wait(&done);
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&all_done);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], &result);
        sum += (long)result;
    }
    pthread_join(waiter, NULL);
    printf("counted %d, sum %ld, own %ld\n", count, sum, own);
}

static void time_out(void) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += 50000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    int error = pthread_cond_timedwait(&all_done, &lock, &at);
    pthread_mutex_unlock(&lock);
    printf("timed out: %d\n", error == ETIMEDOUT);
}

static void cancel(int signal_first) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, sleeps, NULL);
    if (signal_first) {
        pthread_kill(thread, signal_first);
        usleep(10000);
    }
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("cancelled: %d\n", result == PTHREAD_CANCELED);
}

/* A child has the maker's floating-point registers and thread pointer. */
static void fork_here(void) {
    volatile double value = 1.5;
    int status = 0;
    pid_t child = fork();
    if (!child) {
        value *= 3;
        _exit(value == 4.5 && own == 7 ? 5 : 6);
    }
    waitpid(child, &status, 0);
    printf("child: %d\n", WEXITSTATUS(status));
}

/* More threads than the library has room for at once. */
static void many(void) {
    pthread_t thread;
    void *result;
    long sum = 0;
    sem_init(&done, 0, 0);
    for (long i = 0; i < 300; i++) {
        if (pthread_create(&thread, NULL, adds, (void *)i))
            puts("not made");
        pthread_join(thread, &result);
        sum += (long)result;
    }
    printf("sum %ld\n", sum);
}

int main(void) {
    count_together();
    time_out();
    cancel(0);
    signal(SIGUSR1, handler);
    cancel(SIGUSR1);
    fork_here();
    many();
    return 0;
}
