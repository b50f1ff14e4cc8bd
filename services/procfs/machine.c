/* SPDX-License-Identifier: MIT */
/* The texts of the machine. */
#include <stdarg.h>
#include <stdio.h>

#include "services/procfs/format.h"
#include "services/procfs/ticks.h"

#define SECOND 1000000000ull /* nanoseconds */

__attribute__((format(printf, 2, 3))) static void add(struct text_of_proc *to, const char *format,
                                                      ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->at + to->length, sizeof to->at - to->length, format, arguments);
    va_end(arguments);
    if (length > 0 &&
        to->length + (size_t)length < sizeof to->at) /* a piece is whole or not there */
        to->length += (size_t)length;
}

/* What no process that the viewer sees has used, of all processors. */
static uint64_t idle(const struct machine *m) {
    uint64_t all;
    if (__builtin_mul_overflow(m->now, m->cpus, &all))
        all = UINT64_MAX;
    return all > m->total.time ? all - m->total.time : 0;
}

static void seconds_add(struct text_of_proc *to, uint64_t nanoseconds, const char *end) {
    add(to, "%llu.%02llu%s", (unsigned long long)(nanoseconds / SECOND),
        ticks(nanoseconds % SECOND), end);
}

void format_uptime(struct text_of_proc *to, const struct machine *m) {
    to->length = 0;
    seconds_add(to, m->now, " ");
    seconds_add(to, idle(m), "\n");
}

/* Nobody counts how many wait for a processor over time. */
void format_loadavg(struct text_of_proc *to, const struct machine *m) {
    to->length = 0;
    add(to, "0.00 0.00 0.00 %llu/%llu %llu\n", (unsigned long long)m->total.running,
        (unsigned long long)m->total.processes, (unsigned long long)m->total.highest);
}

void format_meminfo(struct text_of_proc *to, const struct machine *m) {
    unsigned long long all = m->memory >> 10, unused = m->memory_free >> 10;
    to->length = 0;
    add(to, "MemTotal:       %8llu kB\nMemFree:        %8llu kB\nMemAvailable:   %8llu kB\n", all,
        unused, unused);
    add(to, "Buffers:               0 kB\nCached:                0 kB\n"
            "SwapCached:            0 kB\nSwapTotal:             0 kB\n"
            "SwapFree:              0 kB\nShmem:                 0 kB\n"
            "SReclaimable:          0 kB\n");
}

/* Which processor was used is not known: all are told to have done the same. */
static void processors_add(struct text_of_proc *to, const struct machine *m) {
    for (uint32_t i = 0; i < m->cpus && i < CPUS_MAX; i++)
        add(to, "cpu%u %llu 0 0 %llu 0 0 0 0 0 0\n", i, ticks(m->total.time / m->cpus),
            ticks(idle(m) / m->cpus));
}

void format_system(struct text_of_proc *to, const struct machine *m) {
    to->length = 0;
    add(to, "cpu  %llu 0 0 %llu 0 0 0 0 0 0\n", ticks(m->total.time), ticks(idle(m)));
    processors_add(to, m);
    add(to, "intr 0\nctxt 0\nbtime %llu\nprocesses %llu\nprocs_running %llu\nprocs_blocked 0\n",
        (unsigned long long)m->boot, (unsigned long long)m->total.highest,
        (unsigned long long)m->total.running);
}

/* What uname(2) says: programs compare the number with those of Linux. */
void format_version(struct text_of_proc *to, const struct machine *m) {
    (void)m;
    to->length = 0;
    add(to, "anonymOS version 6.1.0 (lib/posix)\n");
}

void format_cpuinfo(struct text_of_proc *to, const struct machine *m) {
    to->length = 0;
    for (uint32_t i = 0; i < m->cpus && i < CPUS_MAX; i++)
        add(to, "processor\t: %u\n\n", i);
}
