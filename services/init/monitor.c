/* SPDX-License-Identifier: MIT */
/*
 * The built-in monitor: a table of commands, for when nobody can log in, and for tests. It shows
 * nothing that init's own handles would not.
 */
#include "services/init/monitor.h"

#include "abi/proc.h"
#include "abi/trace.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/console.h"
#include "services/init/files.h"
#include "services/init/kills.h"
#include "services/init/power.h"
#include "services/init/report.h"
#include "services/init/session.h"
#include "services/init/supervise.h"

static void run_poweroff(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    power_down(POWER_OFF, (struct audit_actor){0});
}

static void run_reboot(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    power_down(POWER_RESTART, (struct audit_actor){0});
}

static void run_mem(const struct boot_page *boot, const char *rest) {
    (void)rest;
    report_memory(boot);
}

static void run_cpus(const struct boot_page *boot, const char *rest) {
    (void)rest;
    report_cpus(boot);
}

static void run_modules(const struct boot_page *boot, const char *rest) {
    (void)rest;
    report_modules(boot);
}

static void run_handles(const struct boot_page *boot, const char *rest) {
    (void)rest;
    report_handles(boot);
}

static void run_boot(const struct boot_page *boot, const char *rest) {
    (void)rest;
    report_machine(boot);
}

static void run_ps(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    supervise_processes();
}

static void run_servers(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    supervise_report();
}

static void run_kill(const struct boot_page *boot, const char *rest) {
    (void)boot;
    err_t e = supervise_kill(rest);
    if (err_is(e, ERR_NOT_FOUND))
        print("kill: no server `%s'; `servers' lists them\n", rest);
    else if (!err_ok(e))
        print("kill: %s: %s\n", rest, error_text(e));
}

/* The seed, and how many. */
static void run_kills(const struct boot_page *boot, const char *rest) {
    (void)boot;
    if (!*rest) {
        kills_report();
        return;
    }
    const char *second = rest;
    while (*second && *second != ' ')
        second++;
    err_t e = kills_start(number_parse(rest), number_parse(*second ? second + 1 : second));
    if (!err_ok(e))
        print("kills: %s\n", error_text(e));
}

static void run_shell(const struct boot_page *boot, const char *rest) {
    struct session_end end = {0};
    (void)boot;
    (void)rest;
    err_t e = session_run(&seat_serial, &end);
    if (!err_ok(e))
        print("shell: %s\n", error_text(e));
    else if (end.how == PROC_EXITED)
        print("shell: ended with %u\n", end.code);
    else
        print("shell: ended by signal %u\n", end.code);
}

static void run_console(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    console_report();
}

static void run_ls(const struct boot_page *boot, const char *rest) {
    (void)boot;
    files_list(rest);
}

static void run_cat(const struct boot_page *boot, const char *rest) {
    (void)boot;
    files_print(rest);
}

static void run_mounts(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    files_mounts();
}

/* The record's bytes, to which `./anonymos trace` gives names. */
static void print_record(const struct trace_record *r) {
    const uint8_t *bytes = (const uint8_t *)r;
    char line[2 * sizeof *r + 1];
    for (size_t i = 0; i < sizeof *r; i++)
        format_text(line + 2 * i, 3, "%02x", bytes[i]);
    print("trace: %s\n", line);
}

static void run_trace(const struct boot_page *boot, const char *rest) {
    struct trace_cap trace = {boot->trace};
    struct trace_record records[32];
    uint64_t bytes, lost;
    if (*rest) {
        uint64_t groups = number_parse(rest);
        err_t e = sys_trace_control(trace, groups);
        print("trace: groups %lu: %s\n", groups, error_text(e));
        return;
    }
    do {
        err_t e = sys_trace_read(trace, records, sizeof records, &bytes, &lost);
        if (!err_ok(e)) {
            print("trace: %s\n", error_text(e));
            return;
        }
        for (size_t i = 0; i < bytes / sizeof *records; i++)
            print_record(&records[i]);
        if (lost)
            print("trace: %lu lost\n", lost);
    } while (bytes == sizeof records);
}

static void run_clock(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    uint64_t now = 0;
    sys_clock(&now);
    print("clock: %lu ns by the kernel, %lu ns by the counter\n", now, clock_nanoseconds());
}

static void run_echo(const struct boot_page *boot, const char *rest) {
    (void)boot;
    print("%s\n", rest);
}

static void run_help(const struct boot_page *boot, const char *rest);

static const struct command {
    const char *name, *text;
    void (*run)(const struct boot_page *boot, const char *rest);
} commands[] = {
    {"help", "this list", run_help},
    {"ls", "what a directory has: ls [PATH]", run_ls},
    {"cat", "print a file: cat PATH", run_cat},
    {"mounts", "which server is behind which name", run_mounts},
    {"servers", "the first servers, and how often each was started", run_servers},
    {"kill", "end a server, to see it come back: kill NAME", run_kill},
    {"kills", "end servers in turn, for a test: kills SEED COUNT; alone: how that went", run_kills},
    {"shell", "a login at the console, until its shell ends", run_shell},
    {"console", "what the console read and lost", run_console},
    {"boot", "command line, screen, time since the kernel's entry", run_boot},
    {"mem", "memory and the root pool", run_mem},
    {"cpus", "processors and the clock's rate", run_cpus},
    {"modules", "files that the boot loader brought", run_modules},
    {"handles", "handles that init was given", run_handles},
    {"ps", "processes that init knows", run_ps},
    {"trace", "print kernel events; with a number: choose groups (abi/trace.h)", run_trace},
    {"clock", "the monotonic clock", run_clock},
    {"echo", "print the rest of the line", run_echo},
    {"poweroff", "turn the machine off", run_poweroff},
    {"reboot", "start the machine again", run_reboot},
};

static void run_help(const struct boot_page *boot, const char *rest) {
    (void)boot;
    (void)rest;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        print("  %-9s %s\n", commands[i].name, commands[i].text);
}

void monitor_run(const struct boot_page *boot, char *line) {
    while (*line == ' ')
        line++;
    char *rest = line;
    while (*rest && *rest != ' ')
        rest++;
    if (*rest)
        *rest++ = 0;
    if (!*line)
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(line, commands[i].name)) {
            commands[i].run(boot, rest);
            return;
        }
    print("init: no command `%s'; `help' lists them\n", line);
}

_Noreturn void monitor_loop(const struct boot_page *boot) {
    char line[128];
    for (;;) {
        console_line("init> ", line, sizeof line);
        monitor_run(boot, line);
    }
}
