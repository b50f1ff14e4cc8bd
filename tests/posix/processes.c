/* SPDX-License-Identifier: MIT */
/* fork, wait, kill, groups and sessions. */
#include "tests/posix/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

#define TOLD "told"

/* Memory that all children share: each polls until another says that it may go on. */
static volatile int *shared;

static void shared_until(int place, int value) {
    while (shared[place] != value)
        usleep(500);
}

int child_start(int (*run)(void)) {
    int number = fork();
    if (!number)
        _exit(run());
    return number;
}

static int (*told_run)(void);

static int told(void) {
    say_to(TOLD);
    return told_run();
}

/* Cores are not told: whether there is one depends on a limit. */
void status_tell(const char *what, int result, int status) {
    if (result < 0)
        tell(what, result);
    else if (WIFEXITED(status))
        say("%s: exited %d", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        say("%s: killed by %d", what, WTERMSIG(status));
    else if (WIFSTOPPED(status))
        say("%s: stopped by %d", what, WSTOPSIG(status));
    else
        say("%s: continued %d", what, WIFCONTINUED(status) != 0);
}

void child_tell(const char *what, int (*run)(void)) {
    told_run = run;
    int status = 0, number = child_start(told);
    int result = number < 0 ? number : waitpid(number, &status, 0);
    status_tell(what, result, status);
    said_in(TOLD);
}

/* ---- ends ---- */

static int end_0(void) {
    return 0;
}

static int end_7_of_more(void) {
    return 256 + 7;
}

static int end_negative(void) {
    exit(-1);
}

static int end_abort(void) {
    abort();
}

static int end_raise(void) {
    return raise(SIGUSR1);
}

static int end_by_itself(void) {
    return kill(getpid(), SIGTERM);
}

static int end_ignored(void) {
    return kill(getpid(), SIGCHLD) + raise(SIGURG) + 3;
}

static int end_fault(void) {
    volatile int *volatile nowhere = (int *)16;
    return *nowhere;
}

static int end_divided(void) {
    volatile int zero = 0;
    return 5 / zero;
}

static int end_trap(void) {
    __builtin_trap();
}

static void ends(void) {
    child_tell("0", end_0);
    child_tell("7", end_7_of_more);
    child_tell("-1", end_negative);
    child_tell("abort", end_abort);
    child_tell("raise", end_raise);
    child_tell("kill of itself", end_by_itself);
    child_tell("signals that do nothing", end_ignored);
    child_tell("fault", end_fault);
    child_tell("division", end_divided);
    child_tell("trap", end_trap);
}

/* ---- waits ---- */

static int stays(void) {
    shared[0] = 1;
    shared_until(1, 1);
    return 5;
}

static int stays_start(void) {
    shared[0] = shared[1] = 0;
    int number = child_start(stays);
    shared_until(0, 1);
    return number;
}

static void waited_tell(const char *what, int result, const siginfo_t *s, int number) {
    tell(what, result);
    say("  signal %d, code %d, child %d, user %d, status %d", s->si_signo, s->si_code,
        s->si_pid == number, (int)s->si_uid, s->si_status);
}

static void waits_none(void) {
    int status = 77;
    siginfo_t s;
    DO(wait(&status));
    DO(waitpid(-1, &status, WNOHANG));
    DO(waitpid(getpid(), &status, 0));
    DO(waitpid(1 << 21, &status, 0));
    DO(waitpid(0, &status, 0));
    DO(waitpid(-(1 << 21), &status, 0));
    DO(waitpid(-1, &status, 1 << 20));
    DO(waitid(P_ALL, 0, &s, 0));
    DO(waitid(P_ALL, 0, &s, WEXITED | 1 << 20));
    DO(waitid(99, 0, &s, WEXITED));
    DO(waitid(P_ALL, 0, &s, WEXITED));
    DO(waitid(P_PID, 0, &s, WEXITED));
    DO(waitid(P_PID, getpid(), &s, WEXITED));
    say("  status %d", status);
}

static void waits_one(void) {
    int status = 77, number = stays_start();
    siginfo_t s = {.si_pid = 5};
    struct rusage usage = {.ru_maxrss = -1};
    DO(waitpid(-1, &status, WNOHANG));
    DO(waitpid(number, &status, WNOHANG | WUNTRACED | WCONTINUED));
    waited_tell("nobody yet", waitid(P_PID, number, &s, WEXITED | WNOHANG), &s, number);
    DO(kill(number, 0));
    shared[1] = 1;
    waited_tell("kept", waitid(P_ALL, 0, &s, WEXITED | WNOWAIT), &s, number);
    waited_tell("kept again", waitid(P_PID, number, &s, WEXITED | WNOWAIT), &s, number);
    DO(kill(number, 0));
    DO(kill(number, SIGTERM));
    DO(kill(number, SIGKILL));
    DO(wait4(number, &status, 0, &usage) == number);
    status_tell("stays", 0, status);
    say("  time %d", usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec < 1000000);
    DO(kill(number, 0));
    DO(kill(number, SIGKILL));
    DO(waitpid(number, &status, 0));
}

static void killed(int signal) {
    int status = 0, number = stays_start();
    siginfo_t s;
    DO(kill(number, signal));
    DO(waitid(P_PID, number, &s, WEXITED | WNOWAIT));
    say("  code %d, status %d", s.si_code == CLD_DUMPED ? CLD_KILLED : s.si_code, s.si_status);
    DO(wait(&status) == number);
    status_tell("killed", 0, status);
}

static void stopped(void) {
    int status = 0, number = stays_start();
    DO(kill(number, SIGSTOP));
    DO(waitpid(number, &status, WUNTRACED) == number);
    status_tell("stopped", 0, status);
    DO(waitpid(number, &status, WUNTRACED | WNOHANG));
    DO(kill(number, SIGCONT));
    DO(waitpid(number, &status, WCONTINUED) == number);
    status_tell("continued", 0, status);
    shared[1] = 1;
    DO(waitpid(number, &status, 0) == number);
    status_tell("ended", 0, status);
}

static void kills(void) {
    DO(kill(getpid(), 0));
    DO(kill(getpid(), 65));
    DO(kill(getpid(), -1));
    DO(kill(1 << 21, 0));
    DO(kill(1 << 21, 65));
    DO(kill(-(1 << 21), SIGTERM));
    DO(kill(getpid(), SIGCHLD));
    killed(SIGKILL);
    killed(SIGTERM);
    killed(SIGSEGV);
    killed(SIGRTMIN);
    stopped();
}

/* ---- what parent and child share ---- */

static int offset_fd;

static int reads_some(void) {
    char text[4];
    long got = read(offset_fd, text, 3);
    close(offset_fd);
    umask(0);
    return got == 3 && memcmp(text, "hel", 3) == 0 && chdir("dir") == 0 ? 4 : 5;
}

static int own_memory = 1;

static int writes_memory(void) {
    own_memory = 2;
    shared[2] = own_memory + 40;
    return own_memory;
}

static void shares(void) {
    usual_make();
    offset_fd = open("file", O_RDONLY);
    child_tell("reads some", reads_some);
    DO(lseek(offset_fd, 0, SEEK_CUR));
    DO(close(offset_fd));
    say("  mask %o, directory %d", umask(022), access("dir", F_OK));
    shared[2] = 0;
    child_tell("writes memory", writes_memory);
    say("  own %d, shared %d", own_memory, shared[2]);
}

/* ---- families ---- */

static int number_of_parent, number_of_test;

static int knows_parent(void) {
    return getppid() == number_of_test && getpid() != number_of_test && getpid() == gettid() ? 1
                                                                                             : 2;
}

static int orphan(void) {
    while (getppid() == number_of_parent)
        usleep(500);
    shared[3] = 1;
    return 0;
}

static int has_orphan(void) {
    number_of_parent = getpid();
    return child_start(orphan) > 0 ? 6 : 7;
}

static int nested(void) {
    int status;
    child_start(end_7_of_more);
    return wait(&status) > 0 && WEXITSTATUS(status) == 7 && wait(&status) < 0 && errno == ECHILD;
}

static int has_no_children(void) {
    return wait(NULL) < 0 ? errno : 0;
}

static void families(void) {
    int status, sum = 0, number = stays_start();
    number_of_test = getpid();
    child_tell("knows its parent", knows_parent);
    child_tell("has not its parent's children", has_no_children);
    shared[1] = 1;
    DO(waitpid(number, &status, 0) == number);
    shared[3] = 0;
    child_tell("has an orphan", has_orphan);
    shared_until(3, 1);
    child_tell("nested", nested);
    for (int i = 0; i < 100; i++) {
        child_start(end_7_of_more);
        sum += wait(&status) > 0 ? WEXITSTATUS(status) : 1000;
    }
    say("  hundred: %d", sum);
    for (int i = 0; i < 50; i++)
        child_start(end_7_of_more);
    for (sum = 0; wait(&status) > 0;)
        sum += WEXITSTATUS(status);
    say("  fifty at once: %d", sum);
}

/* ---- groups and sessions ---- */

static int leads(void) {
    int own = getpid();
    DO(setpgid(0, 0));
    DO(getpgrp() == own);
    DO(getpgid(0) == own);
    DO(setsid());
    DO(setpgid(0, 1 << 21));
    DO(setpgid(0, -1));
    DO(setpgid(-1, 0));
    DO(setpgid(1 << 21, 0));
    DO(getpgid(1 << 21));
    DO(getpgid(-1));
    DO(getsid(1 << 21));
    return 0;
}

static int has_session(void) {
    int before = getsid(0), own = getpid();
    DO(before == getsid(getppid()));
    DO(setsid() == own);
    DO(getsid(0) == own && getpgrp() == own);
    DO(setsid());
    DO(setpgid(0, 0));
    return 0;
}

/* In a child, so that the test's own group does not matter. */
static int group_waits(void) {
    int status, number = stays_start();
    DO(setpgid(number, number));
    DO(getpgid(number) == number);
    DO(waitpid(0, &status, WNOHANG));
    DO(waitpid(-number, &status, WNOHANG));
    DO(kill(-number, 0));
    DO(kill(-number, SIGTERM));
    DO(waitpid(-number, &status, 0) == number);
    status_tell("of the group", 0, status);
    DO(kill(-number, 0));
    DO(setpgid(number, 0));
    return 0;
}

static int group_of_session(void) {
    int status, number;
    DO(setsid() == getpid());
    number = stays_start();
    DO(getpgid(number) == getpid() && getsid(number) == getpid());
    DO(setpgid(number, 0));
    DO(setpgid(0, number));
    DO(getpgrp() == getpid());
    shared[1] = 1;
    DO(waitpid(0, &status, 0));
    DO(waitpid(-number, &status, 0) == number);
    DO(kill(0, 0));
    return kill(0, SIGUSR2);
}

/* ---- threads, clone ---- */

static volatile int threads_stop;

static void *works(void *unused) {
    while (!threads_stop) {
        int fd = open("file", O_RDONLY), other = dup(fd);
        close(fd);
        close(other);
        free(malloc(100000));
    }
    return unused;
}

/* Locks and open files of threads that the child has not are not in its way. */
static int opens_and_maps(void) {
    int first = open("file", O_RDONLY), wrong = first < 0;
    for (int i = 0; i < 20; i++) {
        wrong += close(open("file", O_RDONLY)) != 0;
        free(malloc(200000));
    }
    return wrong;
}

static void *forks(void *unused) {
    child_tell("from a thread", opens_and_maps);
    return unused;
}

static void with_threads(void) {
    pthread_t thread[3];
    int status, sum = 0;
    usual_make();
    threads_stop = 0;
    DO(pthread_create(&thread[0], NULL, forks, NULL));
    DO(pthread_join(thread[0], NULL));
    for (int i = 0; i < 3; i++)
        DO(pthread_create(&thread[i], NULL, works, NULL));
    for (int i = 0; i < 30; i++) {
        child_start(opens_and_maps);
        sum += wait(&status) > 0 ? status : 1000;
    }
    threads_stop = 1;
    for (int i = 0; i < 3; i++)
        DO(pthread_join(thread[i], NULL));
    say("  with busy threads: %d", sum);
}

static int cloned(void *argument) {
    return *(const int *)argument == 12 && getppid() == number_of_test ? 13 : 14;
}

static void clones(void) {
    static char stack[65536] __attribute__((aligned(16)));
    int status = 0, argument = 12;
    DO(clone(cloned, stack + sizeof stack, SIGCHLD | CLONE_VM | CLONE_VFORK, &argument) > 0);
    DO(wait(&status) > 0);
    status_tell("cloned", 0, status);
    DO(clone(cloned, stack + sizeof stack, SIGCHLD, &argument) > 0);
    DO(wait(&status) > 0);
    status_tell("cloned", 0, status);
}

/* ---- pipes ---- */

static int ends_of_pipe[2];

static int writes_much(void) {
    static char text[100000];
    close(ends_of_pipe[0]);
    memset(text, 'p', sizeof text);
    return write(ends_of_pipe[1], text, sizeof text) == sizeof text ? 8 : 9;
}

/* The end comes when no process has the other side any more. */
static void with_pipes(void) {
    char text[4096];
    long all = 0, got;
    int status;
    DO(pipe(ends_of_pipe));
    int number = child_start(writes_much);
    DO(close(ends_of_pipe[1]));
    while ((got = read(ends_of_pipe[0], text, sizeof text)) > 0)
        all += got;
    tell("read to the end", got);
    say("  %ld bytes", all);
    DO(waitpid(number, &status, 0) == number);
    status_tell("writes much", 0, status);
    DO(close(ends_of_pipe[0]));
}

/* posix_spawn is a clone whose memory is the parent's until it runs another program. */
static void spawns(void) {
    char *const name[] = {"again", "1", NULL}, *const mode[] = {"POSIX_MODE=again", NULL};
    int number, status = 0;
    DO(posix_spawn(&number, SELF, NULL, NULL, name, mode));
    DO(waitpid(number, &status, 0) == number);
    status_tell("spawned", 0, status);
    DO(posix_spawn(&number, "/none", NULL, NULL, name, mode));
    DO(wait(&status));
}

void processes_run(void) {
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    number_of_test = getpid();
    ends();
    waits_none();
    waits_one();
    kills();
    shares();
    families();
    child_tell("leads", leads);
    child_tell("has a session", has_session);
    child_tell("group waits", group_waits);
    child_tell("group of a session", group_of_session);
    with_threads();
    clones();
    with_pipes();
    spawns();
    munmap((void *)shared, 4096);
}
