/* SPDX-License-Identifier: MIT */
/*
 * The program: on this system what a console session begins with, on Linux the first process. It
 * asks on its console what to measure: a line of options, as the kernel's command line has them.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

static char options[128];
static pid_t partner;

void platform_fail(const char *what) {
    perror(what);
    printf("bench failed\n");
    exit(1);
}

void must(bool done, const char *what) {
    if (!done)
        platform_fail(what);
}

/* The emulator counts for this program (tests/bench/plugin). */
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
    return 1;
}

const char *platform_option(const char *name) {
    const char *at = strstr(options, name);
    return at ? at + strlen(name) : NULL;
}

void partner_start(void (*run)(void)) {
    partner = fork();
    if (partner == 0) {
        run();
        _exit(1);
    }
    must(partner > 0, "fork");
}

int partner_number(void) {
    return partner;
}

void partner_stop(void) {
    must(!kill(partner, SIGKILL) && waitpid(partner, NULL, 0) == partner, "partner");
}

/* What the first program finds is not the same on both: here the console is to be opened, there are
 * no files yet. Each fails where the other has it already. */
static void surroundings_make(void) {
    int console = open("/dev/cons", O_RDWR);
    for (int i = 0; console >= 0 && i < 3; i++)
        dup2(console, i);
    (void)mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
    (void)mount("proc", "/proc", "proc", 0, NULL);
}

int main(void) {
    const struct operations *const all[] = {&file_operations,    &pipe_operations,
                                            &process_operations, &thread_operations,
                                            &signal_operations,  &shell_operations};
    uint64_t start = ticks();
    surroundings_make();
    platform_print("bench options: ");
    must(fgets(options, sizeof options, stdin) != NULL, "options");
    options[strcspn(options, "\n")] = 0;
    measure_boot("boot_to_login", start);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        measure_all(all[i]->table, all[i]->count);
    platform_print("bench done\n");
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}
