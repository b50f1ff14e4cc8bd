/* SPDX-License-Identifier: MIT */
/* Local sockets: names, connections, what is sent, options and errors. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static char room[300000]; /* more than a message can have */

static const struct {
    int type;
    const char *name;
} kinds[] = {{SOCK_STREAM, "stream"}, {SOCK_DGRAM, "datagram"}, {SOCK_SEQPACKET, "packets"}};

#define KINDS 3u

static void say_ready(const char *what, int fd) {
    struct pollfd p = {.fd = fd,
                       .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDHUP | POLLPRI};
    int result = poll(&p, 1, 0);
    say("poll %s = %d, %#x", what, result, (unsigned)p.revents);
}

static void say_option(const char *what, int fd, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    tell_of("getsockopt", what, getsockopt(fd, SOL_SOCKET, option, &value, &length));
    say("%s is %d, %d bytes", what, value, (int)length);
}

static socklen_t address_make(struct sockaddr_un *a, const char *name, size_t length) {
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(a->sun_path, name, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int bind_to(int fd, const char *name) {
    struct sockaddr_un a;
    return bind(fd, (void *)&a, address_make(&a, name, strlen(name) + 1));
}

static int connect_to(int fd, const char *name) {
    struct sockaddr_un a;
    return connect(fd, (void *)&a, address_make(&a, name, strlen(name) + 1));
}

static void say_address(const char *what, long result, const struct sockaddr_un *a, socklen_t n) {
    int error = errno;
    say("%s: %ld, length %d", what, result, (int)n);
    if (result < 0)
        say("  errno %d", error);
    else if (n > sizeof a->sun_family)
        say("  family %d, first %d, %.100s", a->sun_family, a->sun_path[0],
            a->sun_path + !a->sun_path[0]);
    errno = 0;
}

static void say_names(const char *what, int fd) {
    struct sockaddr_un a = {.sun_family = 99};
    socklen_t n = sizeof a;
    say("names of %s", what);
    long result = getsockname(fd, (void *)&a, &n);
    say_address("own", result, &a, n);
    memset(&a, 0, sizeof a);
    n = sizeof a;
    result = getpeername(fd, (void *)&a, &n);
    say_address("peer", result, &a, n);
}

/* ---- pairs ---- */

static void pair_transfer(int a, int b) {
    DO(send(a, "hello", 5, 0));
    DO(write(b, "there, you", 10));
    say_ready("filled", a);
    int n = -1;
    DO(ioctl(a, FIONREAD, &n));
    say("%d bytes", n);
    DO(recv(a, room, 3, MSG_PEEK));
    say("%.3s", room);
    DO(recv(b, room, 100, 0));
    say("%.5s", room);
    DO(read(a, room, 6));
    say("%.6s", room);
    DO(recv(a, room, 100, MSG_DONTWAIT));
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(send(a, "one", 3, 0));
    DO(send(a, "second", 6, MSG_EOR));
    DO(recv(b, room, 2, MSG_TRUNC));
    DO(recv(b, room, 100, MSG_PEEK | MSG_TRUNC));
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(send(a, "", 0, 0));
    say_ready("after nothing was sent", b);
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(write(a, "", 0));
    DO(recv(b, room, 0, MSG_DONTWAIT));
    DO(read(b, room, 0));
    DO(lseek(a, 0, SEEK_CUR));
    DO(pread(a, room, 1, 0));
    DO(ftruncate(a, 0));
}

static void pair_ends(int kind, int a, int b) {
    DO(write(a, "rest", 4));
    DO(shutdown(a, SHUT_WR));
    say_ready("who said the end", a);
    say_ready("who hears it", b);
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(recv(b, room, 100, MSG_DONTWAIT));
    DO(send(a, "x", 1, MSG_NOSIGNAL));
    DO(write(b, "back", 4));
    DO(read(a, room, 100));
    DO(shutdown(b, 3));
    DO(shutdown(b, SHUT_RD));
    say_ready("nobody reads", a);
    DO(close(b));
    say_ready("nobody is there", a);
    DO(send(a, "x", 1, MSG_NOSIGNAL));
    DO(recv(a, room, 100, MSG_DONTWAIT));
    say_option("error", a, SO_ERROR);
    if (kind != SOCK_DGRAM)
        say_names("the left one", a);
    DO(close(a));
}

static void pairs(void) {
    for (unsigned i = 0; i < KINDS; i++) {
        int p[2] = {-1, -1};
        struct stat s;
        say("-- %s", kinds[i].name);
        DO(socketpair(AF_UNIX, kinds[i].type, 0, p));
        DO(fstat(p[0], &s));
        say("mode %o, size %d", s.st_mode, (int)s.st_size);
        say("flags %#x %d", (unsigned)fcntl(p[0], F_GETFL), fcntl(p[0], F_GETFD));
        say_option("type", p[0], SO_TYPE);
        say_option("domain", p[0], SO_DOMAIN);
        say_option("listening", p[0], SO_ACCEPTCONN);
        say_option("error", p[0], SO_ERROR);
        say_names("one of a pair", p[0]);
        say_ready("empty", p[0]);
        pair_transfer(p[0], p[1]);
        pair_ends(kinds[i].type, p[0], p[1]);
    }
}

/* A peer that ends without having read all. */
static void resets(void) {
    for (unsigned i = 0; i < KINDS; i++) {
        int p[2];
        say("-- %s", kinds[i].name);
        socketpair(AF_UNIX, kinds[i].type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, p);
        say("flags %#x %d", (unsigned)fcntl(p[0], F_GETFL), fcntl(p[0], F_GETFD));
        DO(write(p[0], "lost", 4));
        DO(write(p[1], "kept", 4));
        DO(close(p[1]));
        say_ready("reset", p[0]);
        DO(read(p[0], room, 100));
        DO(read(p[0], room, 100));
        DO(read(p[0], room, 100));
        DO(send(p[0], "x", 1, MSG_NOSIGNAL));
        DO(send(p[0], "x", 1, MSG_NOSIGNAL));
        say_option("error", p[0], SO_ERROR);
        say_option("error", p[0], SO_ERROR);
        close(p[0]);
    }
}

static int pipes_raised;

static void count_signal(int s) {
    (void)s;
    pipes_raised++;
}

static void broken(void) {
    signal(SIGPIPE, count_signal);
    for (unsigned i = 0; i < KINDS; i++) {
        int p[2];
        socketpair(AF_UNIX, kinds[i].type, 0, p);
        close(p[1]);
        pipes_raised = 0;
        DO_OF(kinds[i].name, write(p[0], "x", 1));
        DO_OF(kinds[i].name, send(p[0], "x", 1, MSG_NOSIGNAL));
        DO_OF(kinds[i].name, send(p[0], "x", 1, 0));
        say("%d signals", pipes_raised);
        close(p[0]);
    }
    signal(SIGPIPE, SIG_IGN);
}

/* ---- names ---- */

static void names(void) {
    struct sockaddr_un a;
    int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);
    say_names("a new one", s);
    text_make("file", "x");
    mkdir("dir", 0755);
    DO(bind_to(s, "file"));
    DO(bind_to(s, "dir/sub/none"));
    DO(bind_to(s, "none/"));
    umask(027);
    DO(bind_to(s, "dir/socket"));
    umask(022);
    show("dir/socket");
    DO(bind_to(s, "other"));
    show("other");
    DO(bind_to(t, "dir/socket"));
    say_names("a bound one", s);
    DO(open("dir/socket", O_RDWR));
    DO(open("dir/socket", O_RDWR | O_CREAT, 0644));
    DO(listen(t, 5));
    DO(connect_to(t, "dir/socket"));
    DO(connect_to(t, "file"));
    DO(connect_to(t, "dir"));
    DO(connect_to(t, "none"));
    DO(listen(s, 5));
    DO(rename("dir/socket", "moved"));
    DO(connect_to(t, "dir/socket"));
    DO(connect_to(t, "moved"));
    DO(connect_to(t, "moved"));
    say_names("a connected one", t);
    close(t);
    close(s);
    t = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(connect_to(t, "moved"));
    DO(bind_to(t, "moved"));
    DO(unlink("moved"));
    DO(bind_to(t, "moved"));
    memset(room, 'n', 200);
    DO(bind(t, (void *)&a, address_make(&a, room, 108)));
    DO(connect(t, (void *)&a, address_make(&a, "x", 0)));
    DO(connect(t, (void *)&a, 200));
    DO(connect(t, NULL, 10));
    a.sun_family = AF_INET;
    DO(connect(t, (void *)&a, 16));
    close(t);
}

static void long_name(void) {
    struct sockaddr_un a;
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(room, 'n', 200);
    DO(bind(s, (void *)&a, address_make(&a, room, 108)));
    say_names("the longest", s);
    room[108] = 0;
    DO(unlink(room));
    close(s);
}

static void abstract_names(void) {
    struct sockaddr_un a;
    socklen_t n = address_make(&a, "\0of tests\0x", 11);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(connect(t, (void *)&a, n));
    DO(bind(s, (void *)&a, n));
    say_names("an abstract one", s);
    DO(bind(t, (void *)&a, n));
    DO(listen(s, 1));
    DO(connect(t, (void *)&a, n - 1));
    DO(connect(t, (void *)&a, n));
    int c = accept(s, NULL, NULL);
    say_names("the accepted one", c);
    close(s);
    say_names("the accepted one, alone", c);
    s = socket(AF_UNIX, SOCK_DGRAM, 0);
    DO(bind(s, (void *)&a, n)); /* free again */
    close(s);
    close(c);
    close(t);
    s = socket(AF_UNIX, SOCK_DGRAM, 0);
    a.sun_family = AF_UNIX;
    DO(bind(s, (void *)&a, 2));
    n = sizeof a;
    getsockname(s, (void *)&a, &n);
    say("chosen: %d bytes, first %d", (int)n, a.sun_path[0]);
    close(s);
}

/* ---- connections ---- */

static void connections(int kind, const char *what) {
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    int s = socket(AF_UNIX, kind, 0), t = socket(AF_UNIX, kind | SOCK_NONBLOCK, 0);
    say("-- %s", what);
    say_ready("a new one", s);
    DO(accept(s, NULL, NULL));
    DO(listen(s, 1));
    DO(read(t, room, 1));
    DO(recv(t, room, 1, 0));
    DO(send(t, "x", 1, MSG_NOSIGNAL));
    DO(bind_to(s, "here"));
    DO(connect_to(t, "here"));
    DO(listen(s, 1));
    say_option("listening", s, SO_ACCEPTCONN);
    say_ready("one that listens", s);
    DO(read(s, room, 1));
    DO(write(s, "x", 1));
    DO(connect_to(s, "here"));
    DO(syscall(SYS_accept4, s, NULL, NULL, 1));
    DO(connect_to(t, "here"));
    say_ready("somebody came", s);
    say_ready("who came", t);
    DO(write(t, "early", 5));
    DO(bind_to(t, "there"));
    int c = accept4(s, (void *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    tell("accept4", c >= 0);
    say_address("from", 0, &a, n);
    say("flags %#x %d", (unsigned)fcntl(c, F_GETFL), fcntl(c, F_GETFD));
    say_names("the accepted one", c);
    say_names("who connected", t);
    DO(listen(c, 1));
    DO(read(c, room, 100));
    DO(read(c, room, 100));
    DO(write(c, "answer", 6));
    DO(read(t, room, 100));
    DO(close(t));
    DO(read(c, room, 100));
    DO(close(c));
    close(s);
    unlink("here");
    unlink("there");
}

/* As many as may wait, and one too many. */
static void backlog(void) {
    int s = socket(AF_UNIX, SOCK_STREAM, 0), t[4];
    bind_to(s, "here");
    DO(listen(s, 1));
    for (unsigned i = 0; i < 4; i++) {
        t[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        DO(connect_to(t[i], "here"));
    }
    int c = accept(s, NULL, NULL);
    DO(connect_to(t[2], "here"));
    DO(connect_to(t[3], "here"));
    DO(close(s));
    say_ready("never accepted", t[1]);
    DO(read(t[1], room, 1));
    DO(read(t[1], room, 1));
    DO(send(t[2], "x", 1, MSG_NOSIGNAL));
    DO(connect_to(t[3], "here"));
    for (unsigned i = 0; i < 4; i++)
        close(t[i]);
    close(c);
    unlink("here");
}

static void shut_listener(void) {
    int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);
    bind_to(s, "here");
    listen(s, 5);
    DO(shutdown(s, SHUT_RD));
    DO(accept(s, NULL, NULL));
    DO(connect_to(t, "here"));
    DO(shutdown(t, SHUT_RDWR));
    say_ready("a new one that was shut", t);
    close(s);
    close(t);
    unlink("here");
}

/* ---- datagrams with addresses ---- */

static void say_received(int fd, int flags) {
    struct sockaddr_un a = {.sun_family = 0};
    socklen_t n = sizeof a;
    memset(room, 0, 100);
    long result = recvfrom(fd, room, 100, flags, (void *)&a, &n);
    say_address("received", result, &a, n);
    say("  %.50s", room);
}

static int send_to(int fd, const char *text, const char *name) {
    struct sockaddr_un a;
    return (int)sendto(fd, text, strlen(text), 0, (void *)&a,
                       address_make(&a, name, strlen(name) + 1));
}

static void datagrams(void) {
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), t = socket(AF_UNIX, SOCK_DGRAM, 0);
    int u = socket(AF_UNIX, SOCK_DGRAM, 0), v = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(bind_to(s, "server"));
    DO(bind_to(t, "client"));
    DO(bind_to(v, "stream"));
    DO(recv(s, room, 1, 0));
    DO(send(t, "x", 1, 0));
    DO(send_to(t, "to the server", "server"));
    DO(send_to(u, "from nobody", "server"));
    DO(send_to(u, "x", "none"));
    DO(send_to(u, "x", "stream"));
    DO(send_to(v, "x", "server"));
    say_received(s, MSG_PEEK);
    say_received(s, 0);
    say_received(s, MSG_TRUNC);
    say_received(s, 0);
    DO(listen(t, 1));
    DO(accept(t, NULL, NULL));
    DO(connect_to(t, "stream"));
    DO(connect_to(v, "server"));
    DO(connect_to(t, "server"));
    say_names("a datagram socket with a peer", t);
    DO(send(t, "plainly", 7, 0));
    say_received(s, 0);
    DO(connect_to(s, "client"));
    DO(send_to(u, "stranger", "server"));
    DO(connect_to(u, "server"));
    DO(send_to(s, "back", "client"));
    say_received(t, 0);
    struct sockaddr a = {.sa_family = AF_UNSPEC};
    DO(connect(s, &a, sizeof a));
    DO(send(s, "x", 1, 0));
    DO(send_to(u, "now", "server"));
    say_received(s, 0);
    DO(close(s));
    DO(send(t, "x", 1, 0));
    DO(send(t, "x", 1, 0));
    DO(send_to(t, "x", "server"));
    close(t);
    close(u);
    close(v);
}

/* ---- vectors ---- */

static void vectors(void) {
    struct iovec parts[3] = {{"one", 3}, {NULL, 0}, {"and two", 7}};
    struct iovec to[2] = {{room, 4}, {room + 100, 100}};
    for (unsigned i = 0; i < KINDS; i++) {
        int p[2];
        socketpair(AF_UNIX, kinds[i].type, 0, p);
        memset(room, 0, 200);
        DO_OF(kinds[i].name, writev(p[0], parts, 3));
        DO_OF(kinds[i].name, readv(p[1], to, 2));
        say("%.4s %.20s", room, room + 100);
        struct msghdr m = {.msg_iov = parts, .msg_iovlen = 3};
        DO_OF(kinds[i].name, sendmsg(p[0], &m, 0));
        m = (struct msghdr){.msg_iov = to, .msg_iovlen = 1, .msg_flags = -1};
        DO_OF(kinds[i].name, recvmsg(p[1], &m, 0));
        say("flags %#x, control %d", (unsigned)m.msg_flags, (int)m.msg_controllen);
        DO_OF(kinds[i].name, sendmsg(p[0], &(struct msghdr){.msg_iovlen = 0}, 0));
        to[0].iov_len = 200;
        DO_OF(kinds[i].name, recvmsg(p[1], &m, MSG_DONTWAIT | MSG_WAITALL));
        to[0].iov_len = 4;
        close(p[0]);
        close(p[1]);
    }
}

/* ---- wrong ---- */

static void wrong(void) {
    int file = open("file", O_RDWR | O_CREAT, 0644), s = socket(AF_UNIX, SOCK_STREAM, 0), p[2];
    socklen_t n = 4;
    struct timeval t = {0, 1000000};
    DO(socket(AF_UNIX, 77, 0) < 0);
    DO(socket(AF_UNIX, SOCK_STREAM, 5));
    DO(socket(AF_UNIX, SOCK_STREAM | 1 << 20, 0));
    DO(socket(12345, SOCK_STREAM, 0));
    DO(socket(AF_UNIX, SOCK_RDM, 0));
    DO(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8));
    DO(syscall(SYS_recvmsg, s, 8, 0));
    DO(bind(file, NULL, 0));
    DO(listen(file, 1));
    DO(accept(file, NULL, NULL));
    DO(connect(file, NULL, 0));
    DO(shutdown(file, 0));
    DO(shutdown(99, 0));
    DO(send(file, "x", 1, 0));
    DO(recv(99, room, 1, 0));
    DO(getsockopt(file, SOL_SOCKET, SO_TYPE, room, &n));
    DO(setsockopt(s, SOL_SOCKET, SO_PASSCRED, room, 2));
    DO(setsockopt(s, SOL_SOCKET, 9999, room, 4));
    DO(getsockopt(s, SOL_SOCKET, 9999, room, &n));
    DO(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    DO(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, 8));
    DO(socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
    DO(send(p[0], room, sizeof room, MSG_DONTWAIT));
    DO(send(p[0], room, 6000, MSG_DONTWAIT));
    DO(recv(p[1], (void *)0x10000, 10000, MSG_DONTWAIT));
    close(p[0]);
    close(p[1]);
    close(s);
    close(file);
}

void sockets_run(void) {
    signal(SIGPIPE, SIG_IGN);
    pairs();
    resets();
    broken();
    names();
    long_name();
    abstract_names();
    connections(SOCK_STREAM, "stream");
    connections(SOCK_SEQPACKET, "packets");
    backlog();
    shut_listener();
    datagrams();
    vectors();
    wrong();
}
