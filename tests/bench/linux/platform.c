/* SPDX-License-Identifier: MIT */
/*
 * platform.h on Linux. The program is the first process of the machine: there are no files beside
 * it, and its standard output is the serial console.
 */
#include "tests/bench/platform.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int event_file[2];

static pid_t partner, copy;
static pthread_t partner_of_process;

void platform_fail(const char *what) {
    perror(what);
    printf("bench failed\n");
    exit(1);
}

/* Linux has no counters of switches and flushes that every kernel is built with. */
void platform_counters(struct counters *c) {
    *c = (struct counters){0};
}

void platform_print(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    fflush(stdout);
}

unsigned platform_cpus(void) {
    return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

/* Linux hands `name=value` that it does not know to the first process as environment. */
const char *platform_option(const char *name) {
    extern char **environ;
    for (char **e = environ; *e; e++) {
        size_t n = 0;
        while (name[n] && (*e)[n] == name[n])
            n++;
        if (!name[n])
            return *e + n;
    }
    return NULL;
}

char *area_map(size_t bytes) {
    char *a = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a == MAP_FAILED || madvise(a, bytes, MADV_NOHUGEPAGE))
        platform_fail("mmap");
    return a;
}

void area_unmap(char *area, size_t bytes) {
    if (munmap(area, bytes))
        platform_fail("munmap");
}

void page_life(void) {
    char *a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a == MAP_FAILED || munmap(a, PAGE))
        platform_fail("mmap");
}

void stay_on(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set))
        platform_fail("sched_setaffinity");
}

void partner_process(void (*run)(void), unsigned cpu) {
    partner = fork();
    if (partner < 0)
        platform_fail("fork");
    if (partner == 0) {
        stay_on(cpu);
        run();
        _exit(1);
    }
}

static void *thread_run(void *run) {
    ((void (*)(void))run)();
    return NULL;
}

void partner_thread(void (*run)(void)) {
    if (pthread_create(&partner_of_process, NULL, thread_run, (void *)run))
        platform_fail("pthread_create");
}

/* A thread that waits for ever is left where it is: the machine is about to end. */
void partner_stop(void) {
    if (partner <= 0)
        return;
    kill(partner, SIGKILL);
    waitpid(partner, NULL, 0);
    partner = 0;
}

void events_open(void) {
    for (int i = 0; i < 2; i++)
        if ((event_file[i] = eventfd(0, 0)) < 0)
            platform_fail("eventfd");
}

void events_close(void) {
    for (int i = 0; i < 2; i++)
        close(event_file[i]);
}

static void *thread_nothing(void *argument) {
    return argument;
}

void thread_life(void) {
    pthread_t t;
    if (pthread_create(&t, NULL, thread_nothing, NULL) || pthread_join(t, NULL))
        platform_fail("pthread_create");
}

void process_life(void) {
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    if (child < 0 || waitpid(child, NULL, 0) != child)
        platform_fail("vfork");
}

void copy_begin(void) {
    copy = fork();
    if (copy == 0)
        _exit(0);
}

void copy_end(void) {
    if (copy < 0 || waitpid(copy, NULL, 0) != copy)
        platform_fail("fork");
}
