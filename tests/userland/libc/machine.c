/* SPDX-License-Identifier: MIT */
/* Start, clock, random numbers, and what there is not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lib/sys/program.h"
#include "tests/userland/libc/check.h"

static int constructed;

__attribute__((constructor)) static void construct(void) {
    constructed = 1 + (errno == 0);
}

static void start_up(void) {
    extern char *program_invocation_name;
    CHECK(constructed == 2 && start_page && !boot_page);
    CHECK(!strcmp(program_invocation_name, "libc"));
    CHECK(start_page->argument_count == 2 && !strcmp(start_page->arguments + 5, "second"));
    CHECK(!getenv("HOME") && sysconf(_SC_PAGESIZE) == 4096 && getauxval(AT_RANDOM));
    CHECK(__stack_chk_guard && (__stack_chk_guard & 0xff00) == 0);
}

static long long now(void) {
    struct timespec t = {0};
    CHECK(!clock_gettime(CLOCK_MONOTONIC, &t) && t.tv_nsec < 1000000000);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void clock_and_sleep(void) {
    struct timespec t = {0, 20000000}, wrong = {0, 1000000000};
    long long before = now();
    for (int i = 0; i < 1000; i++) {
        long long after = now();
        CHECK(after >= before);
        before = after;
    }
    CHECK(!nanosleep(&t, NULL) && now() - before >= 20000000 && now() - before < 5000000000ll);
    before = now() + 10000000;
    t = (struct timespec){before / 1000000000, before % 1000000000};
    CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) && now() >= before);
    CHECK(nanosleep(&wrong, NULL) == -1 && errno == EINVAL);
    CHECK(clock_gettime(CLOCK_REALTIME, &t) == -1 && errno == EINVAL);
}

static void random_numbers(void) {
    static unsigned char bytes[2][1000];
    unsigned counts[256] = {0}, most = 0;
    for (int i = 0; i < 2; i++)
        CHECK(getrandom(bytes[i], sizeof bytes[i], 0) == sizeof bytes[i]);
    CHECK(memcmp(bytes[0], bytes[1], sizeof bytes[0]) != 0);
    for (unsigned i = 0; i < sizeof bytes[0]; i++)
        if (++counts[bytes[0][i]] > most)
            most = counts[bytes[0][i]];
    CHECK(most < 30); /* 4 are expected */
}

static void what_is_not_there(void) {
    errno = 0;
    CHECK(open("/etc/passwd", O_RDONLY) == -1 && errno == ENOSYS);
    CHECK(write(7, "x", 1) == -1 && errno == EBADF);
    CHECK(fork() == -1 && errno == ENOSYS);
    CHECK(!fopen("/tmp/file", "w"));
    CHECK(write(1, "# written\n", 10) == 10 && fprintf(stderr, "# %s\n", "stderr too") == 13);
}

const struct test machine_tests[] = {
    {"start_up", start_up},
    {"clock_and_sleep", clock_and_sleep},
    {"random_numbers", random_numbers},
    {"what_is_not_there", what_is_not_there},
    {0},
};
