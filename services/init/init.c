/* SPDX-License-Identifier: MIT */
/*
 * The first process. It prints what it was given, runs the command that `autorun=` on the kernel's
 * command line names (underscores stand for blanks), and answers the built-in monitor on the serial
 * console.
 */
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "services/init/console.h"
#include "services/init/monitor.h"
#include "services/init/report.h"

static void autorun(const struct boot_page *boot) {
    char line[128];
    const char *option = option_find(boot->command_line, "autorun=");
    if (!option)
        return;
    size_t n = 0;
    for (; *option && *option != ' ' && n + 1 < sizeof line; option++)
        line[n++] = *option == '_' ? ' ' : *option;
    line[n] = 0;
    print("init: autorun: %s\n", line);
    monitor_run(boot, line);
}

static _Noreturn void rest_forever(const struct boot_page *boot) {
    struct signal_cap never;
    uint64_t bits;
    while (!err_ok(sys_signal_create((struct pool_cap){boot->pool}, &never)))
        ;
    for (;;)
        sys_signal_wait(never, 1, DEADLINE_NONE, &bits);
}

uint64_t program_main(void *argument) {
    const struct boot_page *boot = argument;
    if (!boot_page)
        return 1;
    print("init: first process started\n");
    report_memory(boot);
    report_cpus(boot);
    report_machine(boot);
    report_modules(boot);
    report_handles(boot);
    err_t e = console_open(boot);
    if (err_ok(e))
        print_to = console_write;
    else
        print("init: no serial console: %s\n", error_text(e));
    autorun(boot);
    if (!err_ok(e))
        rest_forever(boot);
    print("init: `help' lists the commands\n");
    monitor_loop(boot);
}
