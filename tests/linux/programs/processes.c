/* SPDX-License-Identifier: MIT */
/* Processes with the distribution's C library: fork, spawn, exec, pipes between them, what they
 * inherit. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void forks(void) {
    int two[2], status, sum = 0, value;
    if (pipe(two))
        return;
    for (int i = 0; i < 20; i++)
        if (!fork()) {
            value = i * i;
            _exit(write(two[1], &value, sizeof value) != sizeof value);
        }
    for (int i = 0; i < 20; i++)
        if (read(two[0], &value, sizeof value) == sizeof value)
            sum += value;
    int ended = 0;
    while (wait(&status) > 0)
        ended += WIFEXITED(status) && !WEXITSTATUS(status);
    printf("sum %d, ended %d, %s\n", sum, ended, strerror(errno));
}

static void spawns(void) {
    char *list[] = {"again", "spawned", NULL};
    pid_t child;
    int status;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 5, "told", O_CREAT | O_WRONLY, 0600);
    posix_spawn_file_actions_adddup2(&actions, 5, 1);
    int error = posix_spawn(&child, "/proc/self/exe", &actions, NULL, list, environ);
    waitpid(child, &status, 0);
    printf("spawn %d, status %d\n", error, WEXITSTATUS(status));
    FILE *told = fopen("told", "r");
    char line[100];
    while (told && fgets(line, sizeof line, told))
        printf("told: %s", line);
}

static void runs_again(void) {
    int status;
    if (!fork()) {
        execl("/proc/self/exe", "again", "executed", NULL);
        _exit(9);
    }
    wait(&status);
    printf("exec: %d\n", WEXITSTATUS(status));
    execl("nothing", "x", NULL);
    printf("%s\n", strerror(errno));
}

static void polls(void) {
    int two[2];
    if (pipe(two))
        return;
    struct pollfd list[2] = {{two[0], POLLIN, 0}, {two[1], POLLOUT, 0}};
    int n = poll(list, 2, 0);
    printf("poll %d: %x %x\n", n, list[0].revents, list[1].revents);
    if (write(two[1], "abc", 3) != 3)
        puts("not written");
    n = poll(list, 2, 1000);
    printf("poll %d: %x %x\n", n, list[0].revents, list[1].revents);
    close(two[1]);
    char text[10];
    printf("read %zd\n", read(two[0], text, sizeof text));
    n = poll(list, 1, 1000);
    printf("poll %d: %x\n", n, list[0].revents);
    fcntl(two[0], F_SETFL, O_NONBLOCK);
    printf("read %zd\n", read(two[0], text, sizeof text));
}

static void machine(void) {
    struct utsname name;
    struct rusage usage;
    struct tms times_used;
    cpu_set_t set;
    struct timespec spent = {0, 0};
    uname(&name);
    printf("%s, release %d\n", name.machine, atoi(name.release) >= 5);
    printf("page %ld, ticks %ld, random %d, secure %ld\n", sysconf(_SC_PAGESIZE),
           sysconf(_SC_CLK_TCK), getauxval(AT_RANDOM) != 0, getauxval(AT_SECURE));
    printf("usage %d, processors %d\n", getrusage(RUSAGE_SELF, &usage),
           !sched_getaffinity(0, sizeof set, &set) && CPU_COUNT(&set) > 0);
    printf("times %d, memory %d\n", times(&times_used) != -1, sysconf(_SC_PHYS_PAGES) > 1000);
    printf("clock %d\n", !clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent));
    printf("platform %s\n", (const char *)getauxval(AT_PLATFORM));
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        printf("%s %s\n", argv[0], argv[1]);
        return 42;
    }
    forks();
    spawns();
    runs_again();
    polls();
    machine();
    return 0;
}
