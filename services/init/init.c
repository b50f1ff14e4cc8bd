/* SPDX-License-Identifier: MIT */
/*
 * The first process. It starts the first servers and starts them again when they end; runs the
 * command that `autorun=` on the kernel's command line names (underscores stand for blanks); and
 * answers the built-in monitor on the console, in a thread of its own, so that no command keeps it
 * from its servers.
 */
#include <pthread.h>

#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "services/init/console.h"
#include "services/init/monitor.h"
#include "services/init/report.h"
#include "services/init/supervise.h"

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

static void *monitor(void *unused) {
    (void)unused;
    autorun();
    print("init: `help' lists the commands\n");
    monitor_loop(boot_page);
}

static void greet(void) {
    print("\nanonymOS: a small kernel, and servers that see only what they were given.\n"
          "Try `shell', `servers', `cat /README'; `poweroff' turns the machine off.\n\n");
}

int main(void) {
    pthread_t thread;
    if (!boot_page)
        return 1;
    print("init: first process started\n");
    report_memory(boot_page);
    report_cpus(boot_page);
    report_machine(boot_page);
    err_t e = supervise_start();
    if (!console_start())
        print("init: no thread for the console\n");
    if (!err_ok(e))
        print("init: no servers: %s\n", error_text(e));
    greet();
    if (pthread_create(&thread, NULL, monitor, NULL))
        print("init: no thread for the monitor\n");
    if (err_ok(e))
        supervise_loop();
    pthread_exit(NULL); /* the monitor goes on */
}
