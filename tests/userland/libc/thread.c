/* SPDX-License-Identifier: MIT */
/* Threads and what is between them. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "tests/userland/libc/check.h"

#define ROUNDS 20000
#define MANY   40

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static unsigned long counter;
static int turn;
static _Thread_local long own = 5;

/* Reads, gives way now and then, writes: without the mutex counts get lost. */
static void *count_up(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        unsigned long seen = *(volatile unsigned long *)&counter;
        if (i % 64 == 0)
            sched_yield();
        counter = seen + 1;
        pthread_mutex_unlock(&mutex);
    }
    return argument;
}

static void mutex_between_two(void) {
    pthread_t threads[2];
    void *result = NULL;
    counter = 0;
    for (uintptr_t i = 0; i < 2; i++)
        CHECK(!pthread_create(&threads[i], NULL, count_up, (void *)(i + 10)));
    for (uintptr_t i = 0; i < 2; i++)
        CHECK(!pthread_join(threads[i], &result) && (uintptr_t)result == i + 10);
    CHECK(counter == 2 * ROUNDS);
}

static void *take_turns(void *argument) {
    int mine = (int)(intptr_t)argument;
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != mine)
            pthread_cond_wait(&turn_changed, &mutex);
        turn = !mine;
        counter++;
        pthread_cond_broadcast(&turn_changed);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void condition_variable(void) {
    pthread_t other;
    counter = 0;
    turn = 0;
    CHECK(!pthread_create(&other, NULL, take_turns, (void *)1));
    take_turns((void *)0);
    CHECK(!pthread_join(other, NULL) && counter == 1000);
}

static void *wait_for_turn(void *argument) {
    pthread_mutex_lock(&mutex);
    counter++;
    while (turn != 2)
        pthread_cond_wait(&turn_changed, &mutex);
    pthread_mutex_unlock(&mutex);
    return argument;
}

/* One is woken and the others are moved to the mutex. */
static void broadcast(void) {
    pthread_t threads[8];
    counter = 0;
    turn = 0;
    for (int i = 0; i < 8; i++)
        CHECK(!pthread_create(&threads[i], NULL, wait_for_turn, NULL));
    for (bool all = false; !all; usleep(1000)) {
        pthread_mutex_lock(&mutex);
        all = counter == 8;
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    turn = 2;
    pthread_cond_broadcast(&turn_changed);
    usleep(1000);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 8; i++)
        CHECK(!pthread_join(threads[i], NULL));
}

/* Each has its own errno, thread-local variable, numbers of the FPU and thread number. */
static void *be_alone(void *argument) {
    long me = (long)argument;
    volatile double value = (double)me;
    CHECK(own == 5);
    own = me;
    errno = (int)me;
    for (int i = 0; i < 200; i++) {
        value = value * 2 - (double)me;
        sched_yield();
        CHECK(errno == (int)me && own == me && value == (double)me);
    }
    return (void *)(intptr_t)gettid();
}

static void what_a_thread_owns(void) {
    pthread_t threads[8];
    void *numbers[8];
    for (long i = 0; i < 8; i++)
        CHECK(!pthread_create(&threads[i], NULL, be_alone, (void *)(i + 100)));
    for (int i = 0; i < 8; i++) {
        CHECK(!pthread_join(threads[i], &numbers[i]) && numbers[i] != (void *)(intptr_t)gettid());
        for (int j = 0; j < i; j++)
            CHECK(numbers[i] != numbers[j]);
    }
    CHECK(own == 5 && gettid() == getpid());
}

static void *post(void *argument) {
    sem_post(argument);
    return NULL;
}

/* Joined ones and detached ones give everything back. */
static void threads_come_and_go(void) {
    pthread_attr_t detached;
    sem_t done;
    unsigned long before = 0;
    CHECK(!sem_init(&done, 0, 0) && !pthread_attr_init(&detached));
    CHECK(!pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    for (int i = 0; i < 20 * MANY; i++) {
        pthread_t thread;
        CHECK(!pthread_create(&thread, i % 2 ? &detached : NULL, post, &done));
        while (sem_wait(&done))
            ;
        if (i % 2 == 0)
            CHECK(!pthread_join(thread, NULL));
        if (i == MANY)
            before = pool_used();
    }
    for (int i = 0; i < 100 && pool_used() > before; i++)
        usleep(1000); /* the last one may still be on its way */
    CHECK(pool_used() <= before + 8 * 4096);
}

static void *wait_for_start(void *argument) {
    while (sem_wait(argument))
        ;
    return NULL;
}

static void many_at_once(void) {
    static pthread_t threads[MANY];
    sem_t start;
    CHECK(!sem_init(&start, 0, 0));
    for (int i = 0; i < MANY; i++)
        CHECK(!pthread_create(&threads[i], NULL, wait_for_start, &start));
    for (int i = 0; i < MANY; i++)
        sem_post(&start);
    for (int i = 0; i < MANY; i++)
        CHECK(!pthread_join(threads[i], NULL));
}

static void waits_that_time_out(void) {
    pthread_condattr_t attributes;
    pthread_cond_t never;
    struct timespec until;
    CHECK(!pthread_condattr_init(&attributes) &&
          !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) &&
          !pthread_cond_init(&never, &attributes) && !clock_gettime(CLOCK_MONOTONIC, &until));
    until.tv_nsec += 20000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&mutex);
    CHECK(pthread_cond_timedwait(&never, &mutex, &until) == ETIMEDOUT);
    CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
    pthread_mutex_unlock(&mutex);
}

static pthread_key_t key;
static int destroyed, once_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void destroy(void *value) {
    destroyed += *(int *)value;
}

static void count_once(void) {
    once_count++;
}

static void *use_key(void *value) {
    pthread_once(&once, count_once);
    CHECK(!pthread_setspecific(key, value) && pthread_getspecific(key) == value);
    pthread_exit(NULL);
}

static void keys_and_once(void) {
    pthread_t thread;
    int values[] = {3, 4};
    CHECK(!pthread_key_create(&key, destroy));
    for (int i = 0; i < 2; i++)
        CHECK(!pthread_create(&thread, NULL, use_key, &values[i]) && !pthread_join(thread, NULL));
    CHECK(destroyed == 7 && once_count == 1);
}

const struct test thread_tests[] = {
    {"mutex_between_two", mutex_between_two},
    {"condition_variable", condition_variable},
    {"broadcast", broadcast},
    {"what_a_thread_owns", what_a_thread_owns},
    {"threads_come_and_go", threads_come_and_go},
    {"many_at_once", many_at_once},
    {"waits_that_time_out", waits_that_time_out},
    {"keys_and_once", keys_and_once},
    {0},
};
