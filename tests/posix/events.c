/* SPDX-License-Identifier: MIT */
/* eventfd and timerfd. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static uint64_t value;

static void say_ready(const char *what, int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    int result = poll(&p, 1, 0);
    say("poll %s = %d, %#x", what, result, (unsigned)p.revents);
}

static void say_read(int fd) {
    value = 99;
    DO(read(fd, &value, 8));
    say("  %llu", (unsigned long long)value);
}

static long write_value(int fd, uint64_t v) {
    return write(fd, &v, sizeof v);
}

/* ---- counters ---- */

static void counters(int flags) {
    char small[7], large[100];
    int fd = eventfd(3, flags | EFD_NONBLOCK);
    say("-- flags %#x: %#x %d", (unsigned)flags, (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    say_ready("counted", fd);
    say_read(fd);
    say_read(fd);
    say_read(fd);
    say_read(fd);
    say_ready("nothing", fd);
    DO(write_value(fd, 0));
    say_ready("nothing was added", fd);
    DO(write_value(fd, 5));
    DO(write_value(fd, 7));
    DO(read(fd, small, 7));
    DO(read(fd, large, 100));
    memcpy(&value, large, 8);
    say("  %llu", (unsigned long long)value);
    DO(write(fd, small, 7));
    DO(write_value(fd, UINT64_MAX));
    DO(write_value(fd, UINT64_MAX - 1));
    DO(write_value(fd, 1));
    say_ready("full", fd);
    DO(read(fd, &value, 8));
    say_ready("read", fd);
    memset(large, 0, sizeof large);
    large[0] = 1;
    DO(write(fd, large, 100));
    say_read(fd);
    DO(pread(fd, &value, 8, 0));
    DO(pwrite(fd, &value, 8, 0));
    close(fd);
}

static void *add_later(void *fd) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    write_value(*(int *)fd, 1);
    return NULL;
}

static void *take_later(void *fd) {
    struct timespec t = {0, 20000000};
    uint64_t v;
    nanosleep(&t, NULL);
    read(*(int *)fd, &v, sizeof v);
    return NULL;
}

static void waiting(void) {
    int fd = eventfd(0, EFD_CLOEXEC), status;
    pthread_t thread;
    pthread_create(&thread, NULL, add_later, &fd);
    say_read(fd);
    pthread_join(thread, NULL);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    DO(poll(&p, 1, 20));
    pthread_create(&thread, NULL, add_later, &fd);
    DO(poll(&p, 1, -1));
    pthread_join(thread, NULL);
    say_read(fd);
    write_value(fd, UINT64_MAX - 1);
    pthread_create(&thread, NULL, take_later, &fd);
    DO(write_value(fd, 2));
    pthread_join(thread, NULL);
    say_read(fd);
    pid_t child = fork();
    if (!child) {
        write_value(fd, 11);
        _exit(0);
    }
    say_read(fd);
    waitpid(child, &status, 0);
    close(fd);
}

/* ---- timers ---- */

static struct itimerspec spec(long first, long interval) {
    return (struct itimerspec){.it_value = {first / 1000, first % 1000 * 1000000},
                               .it_interval = {interval / 1000, interval % 1000 * 1000000}};
}

/* Whether what is left is more than nothing and at most that. */
static void say_left(int fd, long most) {
    struct itimerspec t;
    DO(timerfd_gettime(fd, &t));
    long left = t.it_value.tv_sec * 1000 + t.it_value.tv_nsec / 1000000;
    say("  left %d, between ends %ld", t.it_value.tv_sec || t.it_value.tv_nsec ? left <= most : -1,
        t.it_interval.tv_sec * 1000 + t.it_interval.tv_nsec / 1000000);
}

static void timers(int clock) {
    struct itimerspec t = spec(1500, 0), old;
    struct timespec pause = {0, 110000000};
    int fd = timerfd_create(clock, TFD_CLOEXEC);
    say("-- clock %d: %#x %d", clock, (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    say_left(fd, 0);
    DO(timerfd_settime(fd, 0, &t, NULL));
    say_left(fd, 1500);
    say_ready("set", fd);
    say_read(fd);
    say_left(fd, 0);
    t = spec(20, 20);
    DO(timerfd_settime(fd, 0, &t, NULL));
    nanosleep(&pause, NULL);
    say_ready("over", fd);
    value = 0;
    DO(read(fd, &value, 8));
    say("several %d", value >= 5);
    say_read(fd);
    say_left(fd, 20);
    t = spec(100000, 5000);
    DO(timerfd_settime(fd, 0, &t, &old));
    say("before %ld", old.it_interval.tv_nsec / 1000000);
    say_left(fd, 100000);
    t = spec(0, 7000);
    DO(timerfd_settime(fd, 0, &t, &old));
    say("before %ld %d", old.it_interval.tv_sec, old.it_value.tv_sec <= 100);
    say_left(fd, 0);
    t = spec(1, 0);
    DO(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL));
    say_read(fd);
    struct timespec now;
    clock_gettime(clock, &now);
    t.it_value = (struct timespec){now.tv_sec + 100, now.tv_nsec};
    DO(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL));
    say_left(fd, 100000);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    say_read(fd);
    DO(read(fd, &value, 7));
    DO(write(fd, &value, 8));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    t = spec(20, 0);
    DO(timerfd_settime(fd, 0, &t, NULL));
    DO(poll(&p, 1, -1));
    t = spec(100000, 0); /* what was not read is forgotten */
    DO(timerfd_settime(fd, 0, &t, NULL));
    say_ready("set anew", fd);
    close(fd);
}

static void wrong(void) {
    struct itimerspec t = spec(10, 0);
    int file = open("file", O_RDWR | O_CREAT, 0644), fd = timerfd_create(CLOCK_MONOTONIC, 0);
    DO(eventfd(0, 1 << 20));
    DO(timerfd_create(77, 0));
    DO(timerfd_create(CLOCK_MONOTONIC, 1));
    DO(timerfd_settime(file, 0, &t, NULL));
    DO(timerfd_gettime(file, &t));
    DO(timerfd_settime(99, 0, &t, NULL));
    DO(timerfd_settime(fd, 0, NULL, NULL));
    DO(timerfd_gettime(fd, NULL));
    DO(timerfd_settime(fd, 99, &t, NULL));
    t = spec(10, 0);
    t.it_value.tv_nsec = 1000000000;
    DO(timerfd_settime(fd, 0, &t, NULL));
    close(file);
    close(fd);
}

void events_run(void) {
    counters(0);
    counters(EFD_SEMAPHORE);
    waiting();
    timers(CLOCK_MONOTONIC);
    timers(CLOCK_REALTIME);
    wrong();
}
