/* SPDX-License-Identifier: MIT */
/*
 * The built-in monitor: a table of commands and a line editor that knows backspace. It stands in
 * until there is a shell, and shows nothing that init's own handles would not.
 */
#include "services/init/monitor.h"

#include "abi/trace.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/console.h"
#include "services/init/report.h"

static void port_write(const struct boot_page *boot, unsigned port, unsigned width,
                       unsigned value) {
    sys_ports_write((struct ports_cap){boot->ports}, port, width, value);
}

/*
 * Sleep type 0 with the sleep bit, at the PM1 control registers of QEMU's pc and q35 (0x604; 0xb004
 * under some firmware) and of VirtualBox. ACPI 6.5, section 4.8.3.2.1.
 */
void machine_off(const struct boot_page *boot) {
    port_write(boot, 0x604, 2, 0x2000);
    port_write(boot, 0xb004, 2, 0x2000);
    port_write(boot, 0x4004, 2, 0x3400);
}

static void run_poweroff(const struct boot_page *boot, const char *rest) {
    uint32_t never = 0;
    (void)rest;
    print("init: power off\n");
    machine_off(boot);
    sys_futex_wait(&never, 0, clock_nanoseconds() + 1000000000, FUTEX_ALL); /* it takes a moment */
    print("poweroff: no way that this machine knows\n");
}

/* The reset control register: full reset. Intel ICH9 data sheet, section 13.7.5. */
static void run_reboot(const struct boot_page *boot, const char *rest) {
    (void)rest;
    port_write(boot, 0xcf9, 1, 0x02);
    port_write(boot, 0xcf9, 1, 0x0e);
    print("reboot: the machine did not\n");
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
    struct process_info info;
    err_t e = sys_process_info(SELF_PROCESS, &info);
    if (!err_ok(e)) {
        print("ps: %s\n", error_text(e));
        return;
    }
    print("process  threads  handles  resident KiB  cpu ms  name\n");
    print("%7lu  %7lu  %7lu  %12lu  %6lu  init\n", info.identity, info.threads, info.handles,
          info.resident >> 10, info.cpu_time / 1000000);
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

/* Reads a line with echo; what does not fit is not taken. */
static void read_line(char *line, size_t size) {
    size_t n = 0;
    for (;;) {
        char c = console_read();
        if (c == '\r' || c == '\n')
            break;
        if ((c == '\b' || c == 0x7f) && n) {
            n--;
            console_write("\b \b", 3);
        } else if (c >= ' ' && c < 0x7f && n + 1 < size) {
            line[n++] = c;
            console_write(&c, 1);
        }
    }
    line[n] = 0;
    console_write("\n", 1);
}

_Noreturn void monitor_loop(const struct boot_page *boot) {
    char line[128];
    for (;;) {
        print("init> ");
        read_line(line, sizeof line);
        monitor_run(boot, line);
    }
}
