/* SPDX-License-Identifier: MIT */
/* Pipes with a name: opened from both sides, waited for, and gone. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static char room[100000];

static void pause_short(void) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
}

/* Here a server hears of an end in turn, not at once. */
static void end(int fd) {
    close(fd);
    pause_short();
}

static void say_ready(const char *what, int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    int result = poll(&p, 1, 0);
    say("poll %s = %d, %#x", what, result, (unsigned)p.revents);
}

static int say_open(const char *what, const char *name, int flags) {
    int fd = open(name, flags);
    int error = errno;
    say("open %s: %d", what, fd >= 0);
    if (fd < 0)
        say("  errno %d", error);
    else
        say("  flags %#x %d", (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    errno = 0;
    return fd;
}

static void alone(void) {
    struct stat s;
    int r = say_open("to read", "fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    say_ready("nobody was there yet", r);
    DO(read(r, room, 10));
    DO(fstat(r, &s));
    say("type %o", s.st_mode & S_IFMT);
    DO(lseek(r, 0, SEEK_SET));
    DO(write(r, "x", 1));
    int w = say_open("to write", "fifo", O_WRONLY);
    say_ready("empty", r);
    DO(read(r, room, 10));
    say_ready("to write", w);
    DO(write(w, "some", 4));
    say_ready("filled", r);
    end(w);
    say_ready("nobody writes", r);
    DO(read(r, room, 10));
    DO(read(r, room, 10));
    w = say_open("to write again", "fifo", O_WRONLY | O_NONBLOCK);
    DO(write(w, "lost", 4));
    end(r);
    say_ready("nobody reads", w);
    DO(write(w, "x", 1));
    end(w);
    (void)say_open("to write, alone", "fifo", O_WRONLY | O_NONBLOCK);
    r = say_open("both", "fifo", O_RDWR);
    DO(fcntl(r, F_SETFL, O_NONBLOCK));
    DO(read(r, room, 10)); /* nothing has stayed */
    DO(write(r, room, sizeof room));
    DO(fcntl(r, F_GETPIPE_SZ));
    int n;
    DO(ioctl(r, FIONREAD, &n));
    say("%d", n);
    end(r);
}

static void names(void) {
    mkdir("dir", 0755);
    DO(mkfifo("dir/one", 0600));
    DO(link("dir/one", "two"));
    symlink("dir/one", "to-one");
    int r = say_open("one name", "to-one", O_RDONLY | O_NONBLOCK);
    int w = say_open("another", "two", O_WRONLY | O_NONBLOCK);
    DO(write(w, "through", 7));
    DO(read(r, room, 10));
    DO(unlink("two"));
    DO(rename("dir/one", "moved"));
    int v = say_open("a third", "moved", O_WRONLY | O_NONBLOCK);
    DO(unlink("moved"));
    DO(write(v, "still", 5));
    DO(read(r, room, 10));
    DO(mkfifo("moved", 0600));
    (void)say_open("a new one", "moved", O_WRONLY | O_NONBLOCK);
    (void)say_open("a directory", "moved", O_RDONLY | O_DIRECTORY);
    (void)say_open("exclusive", "moved", O_RDWR | O_CREAT | O_EXCL);
    int c = say_open("creating", "moved", O_RDWR | O_CREAT | O_TRUNC);
    int p = say_open("the name", "moved", O_PATH);
    DO(read(p, room, 1));
    close(p);
    close(c);
    close(r);
    close(w);
    close(v);
}

/* ---- waiting ---- */

static void *open_later(void *flags) {
    pause_short();
    int fd = open("fifo", (int)(long)flags);
    pause_short();
    if ((int)(long)flags == O_WRONLY)
        write(fd, "late", 4);
    close(fd);
    return NULL;
}

static void nothing(int s) {
    (void)s;
}

static void waiting(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, open_later, (void *)(long)O_WRONLY);
    int r = say_open("to read, waiting", "fifo", O_RDONLY);
    DO(read(r, room, 10));
    DO(read(r, room, 10));
    close(r);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, open_later, (void *)(long)O_RDONLY);
    int w = say_open("to write, waiting", "fifo", O_WRONLY);
    pthread_join(thread, NULL);
    close(w);
    struct sigaction a = {.sa_handler = nothing};
    struct itimerval soon = {.it_value = {0, 20000}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    (void)say_open("interrupted", "fifo", O_RDONLY);
    pause_short();
    (void)say_open("after that", "fifo", O_WRONLY | O_NONBLOCK);
}

static void families(void) {
    int status;
    pid_t child = fork();
    if (!child) {
        int w = open("fifo", O_WRONLY);
        write(w, "from a child", 12);
        _exit(w < 0);
    }
    int r = say_open("from a child", "fifo", O_RDONLY);
    DO(read(r, room, 100));
    waitpid(child, &status, 0);
    DO(read(r, room, 100));
    say("%d", status);
    close(r);
}

void fifos_run(void) {
    signal(SIGPIPE, SIG_IGN);
    DO(mkfifo("fifo", 0644));
    alone();
    names();
    waiting();
    families();
}
