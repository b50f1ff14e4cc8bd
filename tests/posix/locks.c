/* SPDX-License-Identifier: MIT */
/* Locks of files: of processes, of open files, and flock. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static int fd;

static void pause_short(void) {
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
}

static long lock_as(int file, int command, int type, long start, long length) {
    struct flock f = {
        .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(file, command, &f);
}

static void say_lock(const char *what, int file, int command, int type, long start, long length) {
    struct flock f = {
        .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    long result = fcntl(file, command, &f);
    int error = errno;
    say("%s: %ld", what, result);
    if (result < 0)
        say("  errno %d", error);
    else if (f.l_type == F_UNLCK)
        say("  free");
    else
        say("  type %d from %ld, %ld bytes, of %s", f.l_type, (long)f.l_start, (long)f.l_len,
            f.l_pid == -1 ? "a file" : (f.l_pid == getppid() ? "the parent" : "somebody"));
    errno = 0;
}

/* In a child, whose lines are told by the parent. */
static void in_child(void (*run)(void)) {
    int status;
    pid_t child = fork();
    if (!child) {
        say_to("said");
        run();
        _exit(0);
    }
    waitpid(child, &status, 0);
    pause_short(); /* here a server hears of its end in turn, not at once */
    said_in("said");
}

/* ---- of processes ---- */

static void look(void) {
    say_lock("to read 0-9", fd, F_GETLK, F_RDLCK, 0, 10);
    say_lock("to write 0-9", fd, F_GETLK, F_WRLCK, 0, 10);
    say_lock("to write 15-", fd, F_GETLK, F_WRLCK, 15, 0);
    say_lock("to write 25-29", fd, F_GETLK, F_WRLCK, 25, 5);
    say_lock("to write 40-", fd, F_GETLK, F_WRLCK, 40, 0);
    DO(lock_as(fd, F_SETLK, F_WRLCK, 5, 1));
    DO(lock_as(fd, F_SETLK, F_RDLCK, 40, 10));
}

static void ranges(void) {
    DO(lock_as(fd, F_SETLK, F_WRLCK, 0, 30));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_RDLCK, 5, 10));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_UNLCK, 10, 15));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_RDLCK, 0, 12));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_UNLCK, 3, 2));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_RDLCK, 2, 0));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_UNLCK, 0, 0));
    in_child(look);
    say_lock("own locks are not in the way", fd, F_GETLK, F_WRLCK, 0, 0);
}

static void take(void) {
    DO(lock_as(fd, F_SETLK, F_WRLCK, 0, 0));
}

/* Whatever number of the file is closed, the process has no locks any more. */
static void closing(void) {
    int other = open("file", O_RDONLY);
    DO(lock_as(fd, F_SETLK, F_WRLCK, 0, 10));
    in_child(take);
    DO(close(other));
    in_child(take);
    in_child(take); /* those of a process that ended are gone */
    other = dup(fd);
    DO(lock_as(fd, F_SETLK, F_RDLCK, 0, 10));
    in_child(take);
    DO(dup2(0, other));
    in_child(take);
    close(other);
}

static void positions(void) {
    struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 5, .l_len = 5};
    lseek(fd, 10, SEEK_SET);
    DO(fcntl(fd, F_SETLK, &f));
    in_child(look);
    f = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -100};
    DO(fcntl(fd, F_SETLK, &f));
    f.l_len = -10;
    DO(fcntl(fd, F_SETLK, &f));
    in_child(look);
    DO(lock_as(fd, F_SETLK, F_UNLCK, 0, 0));
    DO(lock_as(fd, F_SETLK, F_WRLCK, -1, 0));
    DO(lock_as(fd, F_SETLK, F_WRLCK, 5, -10));
    DO(lock_as(fd, F_SETLK, F_WRLCK, 5, -5));
    in_child(look);
    DO(lock_as(fd, F_SETLK, 9, 0, 0));
    DO(lock_as(fd, F_GETLK, F_UNLCK, 0, 0));
    f.l_whence = 9;
    DO(fcntl(fd, F_SETLK, &f));
    DO(fcntl(fd, F_SETLK, 8));
    int in = open("file", O_RDONLY), out = open("file", O_WRONLY);
    DO(lock_as(in, F_SETLK, F_WRLCK, 0, 0));
    DO(lock_as(out, F_SETLK, F_RDLCK, 0, 0));
    say_lock("what could not be taken", in, F_GETLK, F_WRLCK, 0, 0);
    close(in);
    close(out);
    DO(lock_as(99, F_SETLK, F_RDLCK, 0, 0));
}

/* ---- waiting ---- */

static int told[2];

static void hold(void) {
    lock_as(fd, F_SETLK, F_WRLCK, 0, 10);
    write(told[1], "x", 1);
    pause_short();
    pause_short();
}

static void nothing(int s) {
    (void)s;
}

static void waiting(void) {
    char c;
    int status;
    pipe(told);
    pid_t child = fork();
    if (!child) {
        hold();
        _exit(0);
    }
    read(told[0], &c, 1);
    DO(lock_as(fd, F_SETLK, F_RDLCK, 5, 1));
    DO(lock_as(fd, F_SETLKW, F_RDLCK, 5, 1)); /* until it ends */
    waitpid(child, &status, 0);
    child = fork();
    if (!child) {
        struct sigaction a = {.sa_handler = nothing};
        struct itimerval soon = {.it_value = {0, 20000}};
        say_to("said");
        sigaction(SIGALRM, &a, NULL);
        setitimer(ITIMER_REAL, &soon, NULL);
        DO(lock_as(fd, F_SETLKW, F_WRLCK, 0, 0));
        _exit(0);
    }
    waitpid(child, &status, 0);
    said_in("said");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    child = fork();
    if (!child) {
        say_to("said");
        DO(lock_as(fd, F_SETLKW, F_WRLCK, 0, 0)); /* waits all the same */
        _exit(0);
    }
    pause_short();
    DO(lock_as(fd, F_SETLK, F_UNLCK, 0, 0));
    waitpid(child, &status, 0);
    said_in("said");
    fcntl(fd, F_SETFL, 0);
    close(told[0]);
    close(told[1]);
}

static void deadlock(void) {
    char c;
    int status, p[2];
    pipe(p);
    DO(lock_as(fd, F_SETLK, F_WRLCK, 0, 10));
    pid_t child = fork();
    if (!child) {
        lock_as(fd, F_SETLK, F_WRLCK, 20, 10);
        write(p[1], "x", 1);
        long result = lock_as(fd, F_SETLKW, F_WRLCK, 0, 10);
        _exit(result == 0 ? 7 : 8);
    }
    read(p[0], &c, 1);
    pause_short();
    DO(lock_as(fd, F_SETLKW, F_WRLCK, 20, 10));
    DO(lock_as(fd, F_SETLK, F_UNLCK, 0, 0));
    waitpid(child, &status, 0);
    say("child %d", WEXITSTATUS(status));
    close(p[0]);
    close(p[1]);
}

/* ---- of open files ---- */

static void of_files(void) {
    int a = open("file", O_RDWR), b = open("file", O_RDWR);
    DO(lock_as(a, F_OFD_SETLK, F_WRLCK, 0, 10));
    DO(lock_as(b, F_OFD_SETLK, F_RDLCK, 5, 10));
    say_lock("another's", b, F_OFD_GETLK, F_RDLCK, 5, 10);
    say_lock("of the process", b, F_GETLK, F_RDLCK, 5, 10);
    say_lock("own", a, F_OFD_GETLK, F_WRLCK, 0, 0);
    DO(lock_as(b, F_SETLK, F_RDLCK, 5, 10));
    int c = dup(a);
    close(a);
    DO(lock_as(b, F_OFD_SETLK, F_RDLCK, 5, 10));
    DO(lock_as(c, F_OFD_SETLK, F_RDLCK, 0, 10));
    DO(lock_as(b, F_OFD_SETLK, F_RDLCK, 5, 10));
    close(c);
    pause_short();
    DO(lock_as(b, F_OFD_SETLKW, F_WRLCK, 0, 0));
    struct flock f = {.l_type = F_RDLCK, .l_pid = 5};
    DO(fcntl(b, F_OFD_SETLK, &f));
    close(b);
}

static void *unlock_later(void *file) {
    pause_short();
    flock(*(int *)file, LOCK_UN);
    return NULL;
}

static void whole(void) {
    pthread_t thread;
    int a = open("file", O_RDONLY), b = open("file", O_RDONLY), c = dup(a), status;
    int dir = open(".", O_RDONLY);
    DO(flock(a, LOCK_SH));
    DO(flock(b, LOCK_SH | LOCK_NB));
    DO(flock(b, LOCK_EX | LOCK_NB));
    DO(flock(a, LOCK_EX | LOCK_NB)); /* the other one lost what it had */
    DO(flock(b, LOCK_SH | LOCK_NB));
    DO(flock(c, LOCK_SH | LOCK_NB));
    DO(flock(b, LOCK_SH | LOCK_NB));
    DO(flock(b, LOCK_UN));
    DO(flock(c, LOCK_EX));
    say_lock("they do not know each other", fd, F_GETLK, F_WRLCK, 0, 0);
    pthread_create(&thread, NULL, unlock_later, &a);
    DO(flock(b, LOCK_EX));
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (!child)
        _exit(flock(b, LOCK_SH) == 0 && flock(a, LOCK_SH | LOCK_NB) == 0);
    waitpid(child, &status, 0);
    say("child %d", WEXITSTATUS(status));
    close(b);
    pause_short();
    DO(flock(a, LOCK_EX | LOCK_NB));
    DO(flock(dir, LOCK_EX));
    DO(flock(a, 0));
    DO(flock(a, LOCK_SH | LOCK_EX));
    DO(flock(99, LOCK_SH));
    close(a);
    close(c);
    close(dir);
}

void locks_run(void) {
    fd = open("file", O_RDWR | O_CREAT, 0644);
    write(fd, "01234567890123456789", 20);
    ranges();
    closing();
    positions();
    waiting();
    deadlock();
    of_files();
    whole();
    close(fd);
}
