/* SPDX-License-Identifier: MIT */
/* epoll: members of every kind, by level, by edge and once, closed and duplicated, and waits. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

#define MANY 100

static int ep;

static long control(int op, int fd, uint32_t events, uint64_t data) {
    struct epoll_event e = {.events = events, .data.u64 = data};
    return epoll_ctl(ep, op, fd, &e);
}

static int by_data(const void *a, const void *b) {
    const struct epoll_event *one = a, *other = b;
    return (one->data.u64 > other->data.u64) - (one->data.u64 < other->data.u64);
}

/* In the order of what they are called. */
static void say_events(const char *what, int most, int timeout) {
    struct epoll_event list[MANY];
    int n = epoll_wait(ep, list, most, timeout);
    int error = errno;
    say("%s: %d", what, n);
    if (n < 0)
        say("  errno %d", error);
    errno = 0;
    if (n > 0)
        qsort(list, (size_t)n, sizeof *list, by_data);
    for (int i = 0; i < n; i++)
        say("  %llu: %#x", (unsigned long long)list[i].data.u64, list[i].events);
}

/* Here a server hears of an end in turn, not at once. */
static void end(int fd) {
    struct timespec t = {0, 20000000};
    close(fd);
    nanosleep(&t, NULL);
}

static void say_now(const char *what) {
    say_events(what, MANY, 0);
}

/* ---- manners ---- */

static void by_level(void) {
    char c;
    int p[2];
    pipe(p);
    ep = epoll_create1(EPOLL_CLOEXEC);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN, 7));
    DO(control(EPOLL_CTL_ADD, p[1], EPOLLOUT, 8));
    say_now("one can be written to");
    say_now("still");
    write(p[1], "ab", 2);
    say_now("both");
    read(p[0], &c, 1);
    say_now("one byte is left");
    DO(control(EPOLL_CTL_MOD, p[1], EPOLLIN, 9));
    say_now("not asked any more");
    read(p[0], &c, 1);
    say_now("nothing");
    end(p[1]);
    say_now("no writer");
    DO(control(EPOLL_CTL_DEL, p[0], 0, 0));
    say_now("no member");
    close(p[0]);
    close(ep);
}

static void by_edge(void) {
    char c;
    int p[2];
    pipe(p);
    ep = epoll_create(1);
    write(p[1], "a", 1);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1));
    say_now("ready to begin with");
    say_now("told");
    write(p[1], "b", 1);
    say_now("more came");
    read(p[0], &c, 1);
    say_now("one was taken");
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2));
    say_now("set anew");
    say_now("told");
    end(p[1]);
    say_now("no writer");
    say_now("told");
    close(p[0]);
    close(ep);
}

static void once(void) {
    int p[2];
    pipe(p);
    ep = epoll_create1(0);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 1));
    say_now("nothing");
    write(p[1], "a", 1);
    say_now("came");
    write(p[1], "b", 1);
    say_now("told");
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 1));
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3));
    say_now("again");
    say_now("told");
    end(p[1]);
    say_now("the end is not told either");
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLONESHOT, 4));
    say_now("hung up");
    close(p[0]);
    close(ep);
}

/* ---- kinds ---- */

static void kinds(void) {
    int s[2], e = eventfd(0, 0), t = timerfd_create(CLOCK_MONOTONIC, 0);
    uint64_t one = 1;
    struct itimerspec soon = {.it_value = {0, 20000000}};
    static const uint32_t all = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
    ep = epoll_create1(0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    DO(control(EPOLL_CTL_ADD, s[0], all, 1));
    DO(control(EPOLL_CTL_ADD, e, all, 2));
    DO(control(EPOLL_CTL_ADD, t, all, 3));
    say_now("kinds");
    write(s[1], "x", 1);
    write(e, &one, 8);
    say_now("filled");
    DO(control(EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLRDHUP, 1));
    DO(control(EPOLL_CTL_DEL, e, 0, 0));
    read(s[0], &one, 8);
    timerfd_settime(t, 0, &soon, NULL);
    say_events("a timer", MANY, -1);
    shutdown(s[1], SHUT_WR);
    say_now("shut");
    end(s[1]);
    say_now("closed");
    int u = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(control(EPOLL_CTL_ADD, u, all, 5));
    say_now("not connected");
    close(u);
    close(s[0]);
    close(e);
    close(t);
    say_now("all are closed");
    close(ep);
}

/* ---- numbers and files ---- */

static void duplicates(void) {
    int p[2];
    pipe(p);
    ep = epoll_create1(0);
    int other = dup(p[0]);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, other, EPOLLIN | EPOLLONESHOT, 2));
    write(p[1], "a", 1);
    say_now("two numbers");
    say_now("one of them once");
    DO(control(EPOLL_CTL_DEL, other, 0, 0));
    say_now("one");
    close(p[0]);
    say_now("its number is closed, not its file");
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, other, EPOLLIN, 3));
    say_now("two again");
    close(other);
    say_now("closed");
    int new = open("file", O_RDWR | O_CREAT, 0644);
    DO(control(EPOLL_CTL_ADD, new, EPOLLIN, 1));
    close(new);
    close(p[1]);
    close(ep);
}

static void many(void) {
    int p[MANY][2];
    ep = epoll_create1(0);
    for (int i = 0; i < MANY; i++) {
        pipe(p[i]);
        control(EPOLL_CTL_ADD, p[i][0], EPOLLIN | (i % 2 ? EPOLLET : 0), (uint64_t)i);
    }
    say_now("idle");
    for (int i = 0; i < MANY; i += 3)
        write(p[i][1], "x", 1);
    struct epoll_event list[MANY];
    int level = 0, edge = 0, n;
    n = epoll_wait(ep, list, 10, 0);
    say("at most %d", n);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < n; i++) {
            char c;
            edge += list[i].data.u64 % 2;
            level += list[i].data.u64 % 2 == 0 && read(p[list[i].data.u64][0], &c, 1) == 1;
        }
        n = epoll_wait(ep, list, 10, 0);
    }
    say("%d by level, %d by edge, then %d", level, edge, n);
    for (int i = 0; i < MANY; i++) {
        close(p[i][0]);
        close(p[i][1]);
    }
    say_now("closed");
    close(ep);
}

/* ---- waits ---- */

static void *write_later(void *fd) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    write(*(int *)fd, "late", 4);
    return NULL;
}

static void *add_later(void *fd) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    control(EPOLL_CTL_ADD, *(int *)fd, EPOLLOUT, 77);
    return NULL;
}

static void nothing(int s) {
    (void)s;
}

static void waits(void) {
    int p[2], q[2];
    pthread_t thread;
    pipe(p);
    pipe(q);
    ep = epoll_create1(0);
    say_events("in vain", 1, 20);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1));
    say_events("in vain", 1, 20);
    pthread_create(&thread, NULL, write_later, &p[1]);
    say_events("late", MANY, -1);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, add_later, &q[1]);
    say_events("added meanwhile", MANY, -1);
    pthread_join(thread, NULL);
    DO(control(EPOLL_CTL_DEL, q[1], 0, 0));
    struct sigaction a = {.sa_handler = nothing};
    struct itimerval soon = {.it_value = {0, 20000}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    say_events("interrupted", 1, -1);
    struct pollfd list = {.fd = ep, .events = POLLIN | POLLOUT};
    DO(poll(&list, 1, 0) >= 0);
    DO(control(EPOLL_CTL_ADD, q[0], EPOLLIN, 5));
    pthread_create(&thread, NULL, write_later, &q[1]);
    char some[10];
    read(p[0], some, sizeof some);
    DO(poll(&list, 1, -1));
    say("%#x", (unsigned)list.revents);
    pthread_join(thread, NULL);
    say_now("what was polled for");
    close(ep);
    for (int i = 0; i < 2; i++) {
        close(p[i]);
        close(q[i]);
    }
}

/* Two that wait for one: each event goes to one at least. */
static int shared_pipe[2];

static void *take_one(void *unused) {
    struct epoll_event e;
    char c;
    long taken = 0;
    (void)unused;
    while (epoll_wait(ep, &e, 1, 300) == 1)
        taken += read(shared_pipe[0], &c, 1) == 1;
    return (void *)taken;
}

static void threads(void) {
    pthread_t thread[3];
    long all = 0;
    void *taken;
    pipe2(shared_pipe, O_NONBLOCK);
    ep = epoll_create1(0);
    DO(control(EPOLL_CTL_ADD, shared_pipe[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, take_one, NULL);
    for (int i = 0; i < 30; i++) {
        struct timespec t = {0, 1000000};
        write(shared_pipe[1], "x", 1);
        nanosleep(&t, NULL);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], &taken);
        all += (long)taken;
    }
    say("%ld taken", all);
    close(shared_pipe[0]);
    close(shared_pipe[1]);
    close(ep);
}

/* ---- processes, errors ---- */

static void families(void) {
    int p[2], status;
    pipe(p);
    ep = epoll_create1(0);
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    pid_t child = fork();
    if (!child) {
        close(ep);
        write(p[1], "x", 1);
        _exit(0);
    }
    say_events("from a child", 1, -1);
    waitpid(child, &status, 0);
    say_now("still");
    close(p[0]);
    close(p[1]);
    close(ep);
}

static void wrong(void) {
    int p[2], file = open("file", O_RDWR | O_CREAT, 0644), dir = open(".", O_RDONLY);
    struct epoll_event e = {.events = EPOLLIN};
    pipe(p);
    ep = epoll_create1(0);
    say("flags %#x %d", (unsigned)fcntl(ep, F_GETFL), fcntl(ep, F_GETFD));
    DO(syscall(SYS_epoll_create, 0));
    DO(epoll_create1(1));
    DO(control(EPOLL_CTL_ADD, file, EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, dir, EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, ep, EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, 99, EPOLLIN, 1));
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLIN, 1));
    DO(control(EPOLL_CTL_DEL, p[0], EPOLLIN, 1));
    DO(control(9, p[0], EPOLLIN, 1));
    DO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
    DO(epoll_ctl(99, EPOLL_CTL_ADD, p[1], &e));
    DO(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], NULL));
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    DO(control(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
    DO(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
    DO(control(EPOLL_CTL_ADD, p[1], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
    DO(control(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLEXCLUSIVE, 1));
    DO(control(EPOLL_CTL_MOD, p[1], EPOLLOUT, 1));
    DO(epoll_wait(ep, &e, 0, 0));
    DO(epoll_wait(ep, &e, -1, 0));
    DO(epoll_wait(p[0], &e, 1, 0));
    DO(epoll_wait(99, &e, 1, 0));
    DO(read(ep, &e, 8));
    DO(write(ep, &e, 8));
    close(p[0]);
    close(p[1]);
    close(file);
    close(dir);
    close(ep);
}

void epolls_run(void) {
    by_level();
    by_edge();
    once();
    kinds();
    duplicates();
    many();
    waits();
    threads();
    families();
    wrong();
}
