/* SPDX-License-Identifier: MIT */
/* The texts of one process. */
#include "services/procfs/format.h"

#include <stdio.h>
#include <string.h>

#include "services/procfs/ticks.h"

#define PAGE_BYTES  4096u
#define SIGNAL_CHLD 17 /* what the parent gets at the end */
#define PRIORITY    20 /* Linux' of a process of niceness 0 */

/* Bytes that would break a line, or a terminal, are shown as another. */
static void name_show(char to[PROC_NAME_SIZE], const struct census_process *p) {
    memcpy(to, p->name, PROC_NAME_SIZE);
    to[PROC_NAME_SIZE - 1] = 0;
    for (char *c = to; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

static char letter(const struct census_process *p) {
    static const char letters[] = {
        [CENSUS_RUNS] = 'R', [CENSUS_WAITS] = 'S', [CENSUS_STOPPED] = 'T', [CENSUS_ENDED] = 'Z'};
    return p->state < sizeof letters ? letters[p->state] : '?';
}

/* 52 fields. All time is time of the program: the kernel's is not counted apart. */
void format_stat(struct text_of_proc *to, const struct census_process *p) {
    char name[PROC_NAME_SIZE];
    name_show(name, p);
    to->length = (size_t)snprintf(
        to->at, sizeof to->at,
        "%u (%s) %c %u %u %u 0 -1 0 0 0 0 0 %llu 0 %llu 0 %d 0 %u 0 %llu %llu %llu "
        "0 0 0 0 0 0 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        p->number, name, letter(p), p->parent, p->group, p->session, ticks(p->time),
        ticks(p->time_of_waited), PRIORITY, p->threads, ticks(p->started),
        (unsigned long long)p->resident, (unsigned long long)(p->resident / PAGE_BYTES),
        SIGNAL_CHLD);
}

static const char *state_word(const struct census_process *p) {
    static const char *const words[] = {[CENSUS_RUNS] = "R (running)",
                                        [CENSUS_WAITS] = "S (sleeping)",
                                        [CENSUS_STOPPED] = "T (stopped)",
                                        [CENSUS_ENDED] = "Z (zombie)"};
    return p->state < sizeof words / sizeof *words ? words[p->state] : "? (unknown)";
}

/* There is one user here, with number 0. */
void format_status(struct text_of_proc *to, const struct census_process *p) {
    char name[PROC_NAME_SIZE];
    unsigned long long kib = p->resident / 1024;
    name_show(name, p);
    to->length = (size_t)snprintf(to->at, sizeof to->at,
                                  "Name:\t%s\nState:\t%s\nTgid:\t%u\nNgid:\t0\nPid:\t%u\n"
                                  "PPid:\t%u\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
                                  "FDSize:\t0\nGroups:\t\nNSpgid:\t%u\nNSsid:\t%u\n"
                                  "VmSize:\t%8llu kB\nVmRSS:\t%8llu kB\nThreads:\t%u\n",
                                  name, state_word(p), p->number, p->number, p->parent, p->group,
                                  p->session, kib, kib, p->threads);
}

void format_statm(struct text_of_proc *to, const struct census_process *p) {
    unsigned long long pages = p->resident / PAGE_BYTES;
    to->length = (size_t)snprintf(to->at, sizeof to->at, "%llu %llu 0 0 0 0 0\n", pages, pages);
}

/* The name as it is, as Linux tells it. */
void format_comm(struct text_of_proc *to, const struct census_process *p) {
    to->length = strnlen(p->name, sizeof p->name);
    memcpy(to->at, p->name, to->length);
    to->at[to->length++] = '\n';
}

/* One that has ended has none, which programs know it by. */
void format_cmdline(struct text_of_proc *to, const struct census_process *p) {
    size_t length = p->command_length < sizeof p->command ? p->command_length : sizeof p->command;
    to->length = p->state == CENSUS_ENDED ? 0 : length;
    memcpy(to->at, p->command, to->length);
}
