/* SPDX-License-Identifier: MIT */
/* Pipes, and waiting for several files at once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static char room[200000];

static void say_polled(const char *what, struct pollfd *list, unsigned n, int timeout) {
    int result = poll(list, n, timeout);
    say("poll %s = %d", what, result);
    for (unsigned i = 0; i < n; i++)
        say("  %u: %#x", i, (unsigned)list[i].revents);
}

static void say_ready(const char *what, int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM};
    say_polled(what, &p, 1, 0);
}

static void say_waiting(int fd) {
    int n = -1;
    DO(ioctl(fd, FIONREAD, &n));
    say("%d bytes wait", n);
}

static void one_pipe(void) {
    int p[2] = {-1, -1};
    struct stat s;
    DO(pipe(p));
    DO(fstat(p[0], &s));
    say("type %o", s.st_mode & (S_IFMT | 0777));
    say("flags %#x %#x", (unsigned)fcntl(p[0], F_GETFL), (unsigned)fcntl(p[1], F_GETFL));
    DO(lseek(p[0], 0, SEEK_CUR));
    DO(write(p[0], "x", 1));
    DO(read(p[1], room, 1));
    DO(pread(p[0], room, 1, 0));
    say_ready("empty, to read", p[0]);
    say_ready("empty, to write", p[1]);
    DO(write(p[1], "hello, world", 12));
    say_waiting(p[0]);
    say_ready("filled, to read", p[0]);
    DO(read(p[0], room, 5));
    say("%.5s", room);
    DO(read(p[0], room, 100));
    say("%.7s", room);
    DO(write(p[1], "", 0));
    say_waiting(p[0]);
    DO(write(p[1], "rest", 4));
    DO(close(p[1]));
    say_ready("closed but not empty", p[0]);
    DO(read(p[0], room, 100));
    say_ready("closed", p[0]);
    DO(read(p[0], room, 100));
    DO(close(p[0]));
}

static void no_reader(void) {
    int p[2];
    DO(pipe2(p, O_CLOEXEC));
    say("on exec %d %d", fcntl(p[0], F_GETFD), fcntl(p[1], F_GETFD));
    DO(close(p[0]));
    say_ready("nobody reads", p[1]);
    DO(write(p[1], "x", 1));
    DO(close(p[1]));
}

static void not_waiting(void) {
    int p[2];
    DO(pipe2(p, O_NONBLOCK));
    DO(read(p[0], room, 1));
    DO(write(p[1], room, sizeof room));
    DO(write(p[1], room, 1));
    say_ready("full", p[1]);
    DO(read(p[0], room, 1000));
    say_ready("less than a page free", p[1]);
    DO(write(p[1], room, 4096));
    DO(read(p[0], room, 4096));
    say_ready("a page free", p[1]);
    DO(write(p[1], room, 4096));
    DO(fcntl(p[0], F_SETFL, 0));
    say("flags %#x %#x", (unsigned)fcntl(p[0], F_GETFL), (unsigned)fcntl(p[1], F_GETFL));
    DO(close(p[0]));
    DO(close(p[1]));
    DO(pipe2(p, 1 << 20));
}

static void capacities(void) {
    int p[2];
    DO(pipe(p));
    DO(fcntl(p[0], F_GETPIPE_SZ));
    DO(fcntl(p[1], F_SETPIPE_SZ, 5000));
    DO(fcntl(p[1], F_SETPIPE_SZ, 200000));
    DO(fcntl(p[1], F_GETPIPE_SZ));
    DO(write(p[1], room, 20000));
    DO(fcntl(p[1], F_SETPIPE_SZ, 4096));
    DO(fcntl(0, F_GETPIPE_SZ));
    DO(close(p[0]));
    DO(close(p[1]));
}

/* ---- threads that wait ---- */

static void *write_later(void *fd) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    write(*(int *)fd, "late", 4);
    return NULL;
}

static void *read_all(void *fd) {
    long n, all = 0;
    while ((n = read(*(int *)fd, room, 70000)) > 0)
        all += n;
    return (void *)all;
}

static void waiting(void) {
    static char much[300000];
    int p[2];
    void *all;
    pthread_t thread;
    DO(pipe(p));
    pthread_create(&thread, NULL, write_later, &p[1]);
    DO(read(p[0], room, 100));
    pthread_join(thread, NULL);
    struct pollfd list[3] = {
        {.fd = -1, .events = POLLIN}, {.fd = p[0], .events = POLLIN}, {.fd = 99, .events = POLLIN}};
    say_polled("a closed one", list, 3, -1);
    say_polled("in vain", list, 2, 30);
    pthread_create(&thread, NULL, write_later, &p[1]);
    say_polled("what comes late", list, 2, -1);
    pthread_join(thread, NULL);
    DO(read(p[0], room, 100));
    pthread_create(&thread, NULL, read_all, &p[0]);
    DO(write(p[1], much, sizeof much));
    close(p[1]);
    pthread_join(thread, &all);
    say("read %ld", (long)all);
    close(p[0]);
}

static void selecting(void) {
    int p[2], q[2];
    fd_set in, out;
    struct timeval none = {0, 0}, little = {0, 20000};
    pthread_t thread;
    pipe(p);
    pipe(q);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(p[0], &in);
    FD_SET(q[0], &in);
    FD_SET(p[1], &out);
    DO(select(64, &in, &out, NULL, &none));
    say("in %d %d out %d", FD_ISSET(p[0], &in), FD_ISSET(q[0], &in), FD_ISSET(p[1], &out));
    FD_SET(p[0], &in);
    FD_SET(q[0], &in);
    pthread_create(&thread, NULL, write_later, &q[1]);
    DO(select(64, &in, NULL, NULL, NULL));
    say("in %d %d", FD_ISSET(p[0], &in), FD_ISSET(q[0], &in));
    pthread_join(thread, NULL);
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    DO(select(64, &in, NULL, NULL, &little));
    say("in %d", FD_ISSET(p[0], &in));
    close(q[1]);
    close(q[0]);
    FD_SET(q[0], &in);
    DO(select(64, &in, NULL, NULL, &none));
    DO(select(-1, NULL, NULL, NULL, &none));
    DO(select(0, NULL, NULL, NULL, &little));
    close(p[0]);
    close(p[1]);
}

void pipes_run(void) {
    signal(SIGPIPE, SIG_IGN);
    DO(syscall(SYS_pipe, 8));
    one_pipe();
    no_reader();
    not_waiting();
    capacities();
    waiting();
    selecting();
    int fd = open("file", O_RDWR | O_CREAT, 0644);
    say_ready("a file", fd);
    DO(fcntl(fd, F_GETPIPE_SZ));
    DO(syscall(SYS_poll, 8, 1, 0));
    DO(poll(NULL, 0, 1));
    close(fd);
}
