/* SPDX-License-Identifier: MIT */
/*
 * The first process. It starts the first servers and starts them again when they end; runs the
 * command that `autorun=` on the kernel's command line names (underscores stand for blanks); and
 * lets a person log in at the console, or answers the built-in monitor there, and another one at
 * the screen, each in a thread of its own, so that no command keeps it from its servers.
 */
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/thread.h"
#include "services/init/backoff.h"
#include "services/init/console.h"
#include "services/init/first.h"
#include "services/init/monitor.h"
#include "services/init/notes.h"
#include "services/init/power.h"
#include "services/init/report.h"
#include "services/init/session.h"
#include "services/init/supervise.h"

#define SECOND 1000000000ull
#define SHORT  SECOND /* a session that ended sooner did not serve anybody */

static void autorun(void) {
    char line[128];
    const char *option = option_find(boot_page->command_line, "autorun=");
    if (!option)
        return;
    size_t n = 0;
    for (; *option && *option != ' ' && n + 1 < sizeof line; option++)
        line[n++] = *option == '_' ? ' ' : *option;
    line[n] = 0;
    print("init: autorun: %s\n", line);
    monitor_run(boot_page, line);
}

/* Whether a word stands on the command line, alone. */
static bool word_given(const char *word) {
    const char *end = option_find(boot_page->command_line, word);
    return end && (!*end || *end == ' ');
}

/* One session after the other. Those that do not start or end at once, as when the terminal is
 * being started again, follow ever later: what somebody can make fail opens nothing. */
static _Noreturn void login_loop(const struct seat *seat) {
    struct backoff b = {0};
    for (;;) {
        struct session_end end;
        uint64_t begun = clock_nanoseconds();
        err_t e = session_run(seat, &end);
        if (power_going())
            pthread_exit(NULL);
        if (!err_ok(e))
            print("init: no login: %s; it is tried again\n", error_text(e));
        uint64_t ran = clock_nanoseconds() - begun;
        uint64_t wait = backoff_next(&b, ran < SHORT ? 0 : BACKOFF_HEALTH);
        const struct timespec t = {.tv_sec = (time_t)(wait / SECOND),
                                   .tv_nsec = (long)(wait % SECOND)};
        nanosleep(&t, NULL);
    }
}

/* The monitor has all of init's authority, so it is there only if it is asked for where the machine
 * is started, or if the image has no login at all. */
static void *answer_console(void *unused) {
    (void)unused;
    autorun();
    if (!word_given("monitor") && session_possible())
        login_loop(&seat_serial);
    print("\nanonymOS: a small kernel, and servers that see only what they were given.\n"
          "Try `shell', `servers', `cat /README'; `poweroff' turns the machine off.\n\n"
          "init: `help' lists the commands\n");
    monitor_loop(boot_page);
}

static void *answer_screen(void *unused) {
    (void)unused;
    login_loop(&seat_screen);
}

/* A thread for each place where a person sits. */
static void answer_persons(void) {
    pthread_t thread;
    err_t e = children_start();
    if (!err_ok(e))
        print("init: no logins: %s\n", error_text(e));
    if (pthread_create(&thread, NULL, answer_console, NULL))
        print("init: no thread for the console's person\n");
    if (!first_servers[FIRST_SCREEN].absent && session_possible() &&
        pthread_create(&thread, NULL, answer_screen, NULL))
        print("init: no thread for the screen's person\n");
}

int main(void) {
    if (!boot_page)
        return 1;
    print("init: first process started\n");
    report_memory(boot_page);
    report_cpus(boot_page);
    report_machine(boot_page);
    err_t e = supervise_start();
    if (!console_start())
        print("init: no thread for the console\n");
    if (!notes_start())
        print("init: no thread that tells audit\n");
    note((struct audit_actor){0}, "boot", "-", "started");
    if (!err_ok(e))
        print("init: no servers: %s\n", error_text(e));
    err_t power = power_start();
    if (!err_ok(power))
        print("init: nobody at the console can turn the machine off: %s\n", error_text(power));
    answer_persons();
    if (err_ok(e))
        supervise_loop();
    pthread_exit(NULL); /* the monitor goes on */
}
