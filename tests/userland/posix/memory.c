/* SPDX-License-Identifier: MIT */
/* What forks and execs cost: nothing that stays, whether they succeed or not. */
#include "tests/userland/posix/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/posix/processes.h"

#define PAGE   4096u
#define FILLED 8192 /* pages of the pool at most */

struct costs {
    uint64_t used, handles;
};

static struct costs costs_now(void) {
    struct pool_info pool = {0};
    struct process_info own = {0};
    sys_pool_info(program_pool, &pool);
    sys_process_info(SELF_PROCESS, &own);
    return (struct costs){pool.used, own.handles};
}

static bool ended_with(int number, int code) {
    int status;
    return number > 0 && waitpid(number, &status, 0) == number && WIFEXITED(status) &&
           WEXITSTATUS(status) == code;
}

static int runs_itself(void) {
    execve(SELF, (char *[]){"again", "0", NULL}, (char *[]){"POSIX_MODE=again", NULL});
    return errno;
}

static int nothing(void) {
    return 33;
}

/* Runs a hundred of them, after some that touch what is touched once. */
static void hundred(const char *name, int (*run)(void), int code) {
    struct costs before = {0}, after;
    int good = 0;
    for (int i = -10; i < 100; i++) {
        if (!i)
            before = costs_now();
        good += ended_with(child_start(run), code) && i >= 0;
    }
    after = costs_now();
    if (good != 100 || before.used != after.used || before.handles != after.handles)
        printf("# %d good; %lu and %lu bytes, %lu and %lu handles\nnot ", good, before.used,
               after.used, before.handles, after.handles);
    printf("ok - posix.memory: a hundred children %s\n", name);
}

/* One after the other, in this process, which is as before each time. */
static void refused(void) {
    char *none[] = {NULL}, *low[] = {(char *)16, NULL};
    int wrong = 0;
    struct costs before = {0}, after;
    for (int i = -10; i < 100; i++) {
        if (!i)
            before = costs_now();
        wrong += execve("/nothing", none, none) != -1 || errno != ENOENT;
        wrong += execve("/", none, none) != -1 || errno != EACCES;
        wrong += execve(SELF, low, none) != -1 || errno != EFAULT;
        wrong += execve(SELF, none, low) != -1 || errno != EFAULT;
    }
    after = costs_now();
    if (wrong || before.used != after.used || before.handles != after.handles)
        printf("# %d wrong; %lu and %lu bytes, %lu and %lu handles\nnot ", wrong, before.used,
               after.used, before.handles, after.handles);
    printf("ok - posix.memory: execs that are refused\n");
}

/* Takes pages until `left` bytes are left; how many it took. */
static unsigned fill(char **page, uint64_t left) {
    struct pool_info pool = {0};
    unsigned n = 0;
    for (; n < FILLED; n++) {
        sys_pool_info(program_pool, &pool);
        if (pool.limit - pool.used < left)
            break;
        page[n] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page[n] == MAP_FAILED)
            break;
        page[n][0] = 1;
    }
    return n;
}

static uint64_t memory_left;
static int (*starved_run)(void);
static unsigned *failures; /* shared */

/* After a failure it is whole: with memory again it can do it. Who has most of a pool is ended when
 * no other is left to fail. A thread keeps the place of a handle that was to come with an answer.
 */
static int starves(void) {
    static char *page[FILLED];
    unsigned n = fill(page, memory_left);
    uint64_t handles = costs_now().handles;
    int result = starved_run();
    if (result == 33)
        return 33;
    ++*failures;
    if ((result != ENOMEM && result != EAGAIN) || costs_now().handles > handles + 1)
        return result;
    for (unsigned i = 0; i < n; i++)
        munmap(page[i], PAGE);
    return starved_run();
}

static int forks(void) {
    int number = child_start(nothing);
    return number < 0 ? errno : (ended_with(number, 33) ? 33 : ENOMEM);
}

/* With more and more memory, so that each step is the one that fails, until none does. */
static void starved(const char *name, int (*run)(void)) {
    unsigned killed = 0, wrong = 0;
    starved_run = run;
    *failures = 0;
    for (memory_left = 4 * PAGE; memory_left < 3000 * PAGE; memory_left += memory_left / 8) {
        int status = 0, number = child_start(starves);
        bool ended = number > 0 && waitpid(number, &status, 0) == number;
        killed += ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        wrong += !ended || (WIFEXITED(status) && WEXITSTATUS(status) != 33);
    }
    printf("# %u failed, %u killed\n", *failures, killed);
    if (wrong || !*failures)
        printf("# %u of them wrong\nnot ", wrong);
    printf("ok - posix.memory: %s without memory\n", name);
}

int memory_run(void) {
    hundred("that end", nothing, 33);
    hundred("that become the program anew", runs_itself, 33);
    refused();
    failures = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    starved("fork", forks);
    starved("exec", runs_itself);
    hundred("afterwards", runs_itself, 33);
    return 6;
}
