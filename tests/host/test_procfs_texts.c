/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c lib/file/serve.c lib/file/locks.c lib/file/waits.c
   lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c lib/file/answer.c
   lib/file/client.c services/procfs/tree.c services/procfs/format.c services/procfs/machine.c
   services/procfs/snapshot.c */
/* The texts of /proc, as programs of Linux read them. */
#include "procfs_host.h"

static bool starts(const char *text, const char *with) {
    return !strncmp(text, with, strlen(with));
}

static struct census_process extreme(uint64_t value) {
    struct census_process p;
    memset(&p, (int)(value & 0xff), sizeof p);
    p.state = value ? UINT32_MAX : 0;
    return p;
}

static unsigned fields(const char *text) {
    unsigned count = 0;
    bool inside = false;
    for (; *text; text++) {
        count += *text != ' ' && *text != '\n' && !inside;
        inside = *text != ' ' && *text != '\n';
    }
    return count;
}

/* As programs do: to the last parenthesis, then numbers. */
static void stat_of_a_process(void) {
    struct text_of_proc text;
    struct census_process p = process_of(4194303, "a) (b\n");
    unsigned parent, group, session, threads;
    unsigned long user, children, started, size, resident;
    char state;
    p.state = CENSUS_STOPPED;
    p.threads = 12;
    p.time = 2 * SECOND + 999;
    p.time_of_waited = 10000000;
    p.started = 99 * SECOND;
    p.resident = 40960;
    format_stat(&text, &p);
    text.at[text.length] = 0;
    check(starts(text.at, "4194303 (a) (b?) T "));
    int count = sscanf(strrchr(text.at, ')') + 2,
                       "%c %u %u %u %*d %*d %*u %*u %*u %*u %*u %lu %*u %lu %*d %*d %*d %u %*u "
                       "%lu %lu %lu",
                       &state, &parent, &group, &session, &user, &children, &threads, &started,
                       &size, &resident);
    check(count == 10 && state == 'T' && parent == 1 && group == 4194303 && session == 1);
    check(user == 200 && children == 1 && threads == 12 && started == 9900);
    check(size == 40960 && resident == 10 && text.at[text.length - 1] == '\n');
    check(fields(strrchr(text.at, ')')) == 51);
    tap_test("procfs: stat of a process");
}

static void texts_at_bounds(void) {
    static void (*const of_process[])(struct text_of_proc *, const struct census_process *) = {
        format_stat, format_status, format_statm, format_comm, format_cmdline};
    static void (*const of_machine[])(struct text_of_proc *, const struct machine *) = {
        format_uptime, format_loadavg, format_meminfo,
        format_system, format_version, format_cpuinfo};
    static const uint64_t values[] = {0, 0x7f, UINT64_MAX};
    struct text_of_proc text;
    for (unsigned v = 0; v < 3; v++) {
        struct census_process p = extreme(values[v]);
        for (unsigned i = 0; i < 5; i++) {
            text.length = TEXT_SIZE;
            of_process[i](&text, &p);
            check(text.length < TEXT_SIZE);
            check(i == 4 || (text.length && text.at[text.length - 1] == '\n'));
            check(i >= 2 || memchr(text.at, 0, text.length) == NULL);
        }
        for (uint32_t cpus = 0; cpus <= 2 * CPUS_MAX; cpus++) {
            struct machine m = {{values[v], values[v], values[v], values[v], 0},
                                values[v],
                                values[v],
                                values[v],
                                values[v],
                                cpus};
            for (unsigned i = 0; i < 6; i++) {
                text.length = TEXT_SIZE;
                of_machine[i](&text, &m);
                check(text.length < TEXT_SIZE && !memchr(text.at, 0, text.length));
                check(!cpus || text.at[text.length - 1] == '\n');
            }
            format_system(&text, &m);
            text.at[text.length] = 0;
            check(strstr(text.at, "\nprocs_blocked 0\n") != NULL); /* the last line */
        }
    }
    tap_test("procfs: every text fits, whatever the values");
}

static void texts_of_a_process(void) {
    char text[2048];
    begin();
    processes[2].state = CENSUS_WAITS;
    processes[2].resident = 8192;
    check(err_ok(text_read("7/status", text, sizeof text)));
    check(starts(text, "Name:\tsleep\nState:\tS (sleeping)\nTgid:\t7\n"));
    check(strstr(text, "\nPid:\t7\nPPid:\t1\n") && strstr(text, "\nThreads:\t1\n"));
    check(strstr(text, "\nVmRSS:\t       8 kB\n") && strstr(text, "\nUid:\t0\t0\t0\t0\n"));
    check(err_ok(text_read("7/statm", text, sizeof text)) && !strcmp(text, "2 2 0 0 0 0 0\n"));
    check(err_ok(text_read("7/comm", text, sizeof text)) && !strcmp(text, "sleep\n"));
    memset(text, 'x', sizeof text);
    check(err_ok(text_read("7/cmdline", text, sizeof text)));
    check(!memcmp(text,
                  "sleep\0"
                  "100\0",
                  11));
    processes[2].state = CENSUS_ENDED;
    check(err_ok(text_read("7/cmdline", text, sizeof text)) && !*text);
    check(err_ok(text_read("7/stat", text, sizeof text)) && strstr(text, "7 (sleep) Z 1 7 1 "));
    tap_test("procfs: texts of a process");
}

static void texts_of_the_machine(void) {
    char text[2048];
    begin();
    totals_time = 50 * SECOND;
    machine.now = 100 * SECOND + 70000000;
    check(err_ok(text_read("uptime", text, sizeof text)) && !strcmp(text, "100.07 150.14\n"));
    check(err_ok(text_read("stat", text, sizeof text)));
    check(starts(text, "cpu  5000 0 0 15014 0 0 0 0 0 0\ncpu0 2500 0 0 7507 "));
    check(strstr(text, "\ncpu1 2500 ") && !strstr(text, "cpu2"));
    check(strstr(text, "\nbtime 1234567890\n") && strstr(text, "\nprocs_running 1\n"));
    totals_time = 500 * SECOND; /* more than there was: clocks are read one after the other */
    check(err_ok(text_read("uptime", text, sizeof text)) && !strcmp(text, "100.07 0.00\n"));
    check(err_ok(text_read("loadavg", text, sizeof text)));
    check(!strcmp(text, "0.00 0.00 0.00 1/4 9\n"));
    check(err_ok(text_read("meminfo", text, sizeof text)));
    check(starts(text, "MemTotal:          65536 kB\nMemFree:            1024 kB\n"));
    check(err_ok(text_read("cpuinfo", text, sizeof text)));
    check(!strcmp(text, "processor\t: 0\n\nprocessor\t: 1\n\n"));
    check(err_ok(text_read("version", text, sizeof text)) && starts(text, "anonymOS "));
    host_process = INSIDE; /* the machine is not its own */
    check(err_ok(text_read("meminfo", text, sizeof text)));
    check(starts(text, "MemTotal:              0 kB\nMemFree:               0 kB\n"));
    tap_test("procfs: texts of the machine");
}

int main(void) {
    stat_of_a_process();
    texts_at_bounds();
    texts_of_a_process();
    texts_of_the_machine();
    return tap_done();
}
