/* SPDX-License-Identifier: MIT */
/* What travels beside the data of local sockets, and waiting for them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static char room[300000];

union control {
    struct cmsghdr align;
    char bytes[256];
};

static void say_ready(const char *what, int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
    int result = poll(&p, 1, 0);
    say("poll %s = %d, %#x", what, result, (unsigned)p.revents);
}

static long files_send(int to, const char *text, const int *fd, unsigned count) {
    union control c = {.bytes = {0}};
    struct iovec part = {(void *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &c};
    m.msg_controllen = CMSG_SPACE(count * sizeof *fd);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(count * sizeof *fd);
    memcpy(CMSG_DATA(h), fd, count * sizeof *fd);
    return sendmsg(to, &m, 0);
}

/* Tells all of a message; the first descriptors are put into `fd`. */
static unsigned files_receive(int from, size_t size, size_t control, int flags, int fd[8]) {
    union control c = {.bytes = {0}};
    struct iovec part = {room, size};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    unsigned count = 0;
    m.msg_control = control ? &c : NULL;
    m.msg_controllen = (socklen_t)control;
    long n = recvmsg(from, &m, flags);
    tell("recvmsg", n);
    if (n < 0)
        return 0;
    say("  %.*s, flags %#x, control %d", (int)n, room, (unsigned)m.msg_flags,
        (int)m.msg_controllen);
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
        unsigned files = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        say("  level %d, type %d, length %d", h->cmsg_level, h->cmsg_type, (int)h->cmsg_len);
        if (h->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(fd, CMSG_DATA(h), files * sizeof(int));
        count = files;
    }
    return count;
}

static void close_all(const int *fd, unsigned count) {
    while (count)
        close(fd[--count]);
}

static void say_file(int fd) {
    struct stat s;
    memset(room, 0, 20);
    if (fstat(fd, &s) < 0) {
        tell("fstat", -1);
        return;
    }
    say("  type %o, flags %#x %d", s.st_mode & S_IFMT, (unsigned)fcntl(fd, F_GETFL),
        fcntl(fd, F_GETFD));
}

/* ---- descriptors that are passed on ---- */

static void one_file(int kind, const char *what) {
    int p[2], fd[8], file = open("file", O_RDWR | O_CREAT | O_APPEND, 0644), gone = 99;
    say("-- %s", what);
    socketpair(AF_UNIX, kind, 0, p);
    DO(write(file, "contents", 8));
    DO(lseek(file, 2, SEEK_SET));
    DO(files_send(p[0], "file", &file, 1));
    DO(close(file));
    DO(files_send(p[0], "none", &gone, 1));
    unsigned n = files_receive(p[1], 100, sizeof(union control), 0, fd);
    say("%u files", n);
    say_file(fd[0]);
    DO(read(fd[0], room, 3));
    say("%.3s", room);
    DO(files_send(p[0], "again", fd, 1));
    close_all(fd, n);
    n = files_receive(p[1], 100, sizeof(union control), MSG_CMSG_CLOEXEC, fd);
    say_file(fd[0]);
    DO(read(fd[0], room, 100));
    say("%.3s", room);
    close_all(fd, n);
    close(p[0]);
    close(p[1]);
    unlink("file");
}

/* Several at once, less room than that, none at all; looked at and not taken. */
static void several(int kind, const char *what) {
    int p[2], q[2], fd[8], list[3];
    say("-- %s", what);
    socketpair(AF_UNIX, kind, 0, p);
    pipe(q);
    list[0] = q[0];
    list[1] = q[1];
    list[2] = p[0];
    DO(files_send(p[0], "three", list, 3));
    unsigned n = files_receive(p[1], 100, sizeof(union control), MSG_PEEK, fd);
    close_all(fd, n);
    n = files_receive(p[1], 100, sizeof(union control), 0, fd);
    for (unsigned i = 0; i < n; i++)
        say_file(fd[i]);
    DO(write(fd[1], "through", 7));
    DO(read(q[0], room, 100));
    DO(write(fd[2], "self", 4));
    DO(recv(p[1], room, 100, MSG_DONTWAIT));
    close_all(fd, n);
    DO(files_send(p[0], "cut", list, 3));
    n = files_receive(p[1], 100, CMSG_SPACE(sizeof(int)), 0, fd);
    say("%u files", n);
    close_all(fd, n);
    DO(files_send(p[0], "without", list, 2));
    (void)files_receive(p[1], 100, 0, 0, fd);
    DO(files_send(p[0], "by read", list, 2));
    DO(read(p[1], room, 100));
    close(q[0]);
    close(q[1]);
    DO(files_send(p[0], "", &p[0], 1));
    n = files_receive(p[1], 100, sizeof(union control), MSG_DONTWAIT, fd);
    close_all(fd, n);
    close(p[0]);
    close(p[1]);
}

/* In a stream, bytes before and behind are of other messages. */
static void in_stream(void) {
    int p[2], q[2], fd[8];
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    pipe(q);
    DO(write(p[0], "before ", 7));
    DO(files_send(p[0], "with one ", &q[0], 1));
    DO(write(p[0], "between ", 8));
    DO(files_send(p[0], "with two", &q[1], 1));
    DO(write(p[0], " behind", 7));
    unsigned n = files_receive(p[1], 3, sizeof(union control), 0, fd);
    say("%u files", n);
    for (unsigned i = 0; i < 4; i++) {
        n = files_receive(p[1], 100, sizeof(union control), MSG_DONTWAIT, fd);
        say("%u files", n);
        close_all(fd, n);
    }
    DO(files_send(p[0], "in pieces", &q[1], 1));
    n = files_receive(p[1], 2, sizeof(union control), 0, fd);
    say("%u files", n);
    close_all(fd, n);
    n = files_receive(p[1], 100, sizeof(union control), 0, fd);
    say("%u files", n);
    close(q[0]);
    close(q[1]);
    close(p[0]);
    close(p[1]);
}

/* A pipe's end that only a message has left stays open; and what nobody will read is closed. */
static void only_under_way(void) {
    int p[2], q[2], fd[8];
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    pipe(q);
    DO(files_send(p[0], "writer", &q[1], 1));
    close(q[1]);
    say_ready("its writer is under way", q[0]);
    unsigned n = files_receive(p[1], 100, sizeof(union control), 0, fd);
    DO(write(fd[0], "late", 4));
    DO(read(q[0], room, 100));
    DO(files_send(p[0], "writer", &fd[0], 1));
    close_all(fd, n);
    close(p[0]);
    say_ready("still", q[0]);
    close(p[1]);
    struct pollfd waits = {.fd = q[0], .events = POLLIN};
    DO(poll(&waits, 1, 1000));
    say_ready("thrown away", q[0]);
    close(q[0]);
}

/* ---- who sent it ---- */

static void say_who(const char *what, const struct ucred *who) {
    say("%s: process %s, user %d, group %d", what,
        who->pid == getpid() ? "own" : (who->pid == getppid() ? "parent" : "other"), (int)who->uid,
        (int)who->gid);
}

static void whoever(void) {
    int p[2], on = 1;
    struct ucred who = {0};
    socklen_t n = sizeof who;
    union control c;
    struct iovec part = {room, 100};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &c};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, p);
    DO(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &who, &n));
    say_who("peer", &who);
    DO(setsockopt(p[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    DO(write(p[0], "x", 1));
    m.msg_controllen = sizeof c;
    DO(recvmsg(p[1], &m, 0));
    say("control %d, type %d", (int)m.msg_controllen, c.align.cmsg_type);
    memcpy(&who, CMSG_DATA(&c.align), sizeof who);
    say_who("sender", &who);
    c.align = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof who), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
    who = (struct ucred){getpid(), 0, 0};
    memcpy(CMSG_DATA(&c.align), &who, sizeof who);
    m.msg_controllen = CMSG_SPACE(sizeof who);
    DO(sendmsg(p[0], &m, 0));
    m.msg_controllen = 20;
    DO(recvmsg(p[1], &m, 0));
    say("flags %#x", (unsigned)m.msg_flags);
    close(p[0]);
    close(p[1]);
    p[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &who, &n));
    say("%d %d %d", who.pid, (int)who.uid, (int)who.gid);
    close(p[0]);
}

/* ---- waiting ---- */

static void later(void) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
}

static void *write_later(void *fd) {
    later();
    write(*(int *)fd, "late", 4);
    return NULL;
}

static void *close_later(void *fd) {
    later();
    shutdown(*(int *)fd, SHUT_RDWR);
    return NULL;
}

static void *read_all(void *fd) {
    static char to[70000];
    long n, all = 0;
    while ((n = read(*(int *)fd, to, sizeof to)) > 0)
        all += n;
    return (void *)all;
}

static void waiting(int kind, const char *what) {
    int p[2];
    pthread_t thread;
    struct timeval little = {0, 30000};
    say("-- %s", what);
    socketpair(AF_UNIX, kind, 0, p);
    pthread_create(&thread, NULL, write_later, &p[1]);
    DO(read(p[0], room, 100));
    pthread_join(thread, NULL);
    struct pollfd list = {.fd = p[0], .events = POLLIN};
    DO(poll(&list, 1, 20));
    pthread_create(&thread, NULL, write_later, &p[1]);
    DO(poll(&list, 1, -1));
    pthread_join(thread, NULL);
    DO(recv(p[0], room, 100, 0));
    DO(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little));
    DO(read(p[0], room, 100));
    DO(recv(p[0], room, 100, 0));
    socklen_t n = sizeof little;
    DO(getsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &little, &n));
    say("%d s, %d bytes", (int)little.tv_sec, (int)n);
    pthread_create(&thread, NULL, write_later, &p[1]);
    little = (struct timeval){0, 200000};
    setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little);
    DO(recv(p[0], room, 100, MSG_WAITALL) > 0 || kind == SOCK_STREAM);
    pthread_join(thread, NULL);
    little = (struct timeval){0, 0};
    setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little);
    pthread_create(&thread, NULL, close_later, &p[0]);
    DO(read(p[0], room, 100));
    pthread_join(thread, NULL);
    close(p[0]);
    close(p[1]);
}

static void full(void) {
    int p[2];
    void *all;
    pthread_t thread;
    struct timeval little = {0, 30000};
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    pthread_create(&thread, NULL, read_all, &p[0]);
    DO(write(p[1], room, sizeof room));
    close(p[1]);
    pthread_join(thread, &all);
    say("read %ld", (long)all);
    close(p[0]);
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    setsockopt(p[1], SOL_SOCKET, SO_SNDTIMEO, &little, sizeof little);
    long n = write(p[1], room, sizeof room);
    say("some is written: %d", n > 0 && n < (long)sizeof room);
    DO(write(p[1], room, 1000) < 0 && errno == EAGAIN);
    errno = 0;
    fcntl(p[1], F_SETFL, O_NONBLOCK);
    struct pollfd list = {.fd = p[1], .events = POLLOUT};
    DO(poll(&list, 1, 0));
    DO(recv(p[0], room, (size_t)n, MSG_WAITALL) == n);
    DO(poll(&list, 1, 1000));
    close(p[0]);
    close(p[1]);
}

/* ---- processes ---- */

static void child(int fd) {
    int files[8], on = 1;
    say_to("said");
    struct ucred who;
    socklen_t n = sizeof who;
    DO(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n));
    say_who("peer", &who);
    unsigned count = files_receive(fd, 100, sizeof(union control), 0, files);
    DO(write(files[0], "from the child", 14));
    close_all(files, count);
    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    DO(write(fd, "done", 4));
    _exit(3);
}

static void families(void) {
    int p[2], q[2], status;
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    pid_t process = fork();
    if (!process) {
        close(p[0]);
        child(p[1]);
    }
    close(p[1]);
    pipe(q);
    DO(files_send(p[0], "take this", &q[1], 1));
    close(q[1]);
    DO(read(q[0], room, 100));
    say("%.14s", room);
    DO(read(p[0], room, 100));
    DO(read(p[0], room, 100));
    DO(read(q[0], room, 100));
    waitpid(process, &status, 0);
    say("%d", WEXITSTATUS(status));
    said_in("said");
    close(p[0]);
    close(q[0]);
}

void socket_files_run(void) {
    signal(SIGPIPE, SIG_IGN);
    one_file(SOCK_STREAM, "stream");
    one_file(SOCK_DGRAM, "datagram");
    several(SOCK_SEQPACKET, "packets");
    several(SOCK_STREAM, "stream");
    in_stream();
    only_under_way();
    whoever();
    waiting(SOCK_STREAM, "stream");
    waiting(SOCK_DGRAM, "datagram");
    full();
    families();
}
