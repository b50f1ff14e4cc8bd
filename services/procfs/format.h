/* SPDX-License-Identifier: MIT */
/*
 * The texts of /proc, as Linux' proc(5) has them, so that programs made for it can read them. What
 * does not exist here is 0. No part of it makes a system call.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "services/procfs/census.h"

#define TEXT_SIZE 1200u /* bytes; no text is longer, whatever the values */
#define CPUS_MAX  8u    /* more are not told of one by one */

struct text_of_proc {
    size_t length;
    char at[TEXT_SIZE];
};

/* Of one process. */
void format_stat(struct text_of_proc *to, const struct census_process *p);
void format_status(struct text_of_proc *to, const struct census_process *p);
void format_statm(struct text_of_proc *to, const struct census_process *p);
void format_comm(struct text_of_proc *to, const struct census_process *p);
void format_cmdline(struct text_of_proc *to, const struct census_process *p);

/* Of the machine, as a viewer may know it. */
struct machine {
    struct census_total total;
    uint64_t now;                 /* nanoseconds since it was started */
    uint64_t boot;                /* seconds since 1970 when that was */
    uint64_t memory, memory_free; /* bytes */
    uint32_t cpus;
};

void format_uptime(struct text_of_proc *to, const struct machine *m);
void format_loadavg(struct text_of_proc *to, const struct machine *m);
void format_meminfo(struct text_of_proc *to, const struct machine *m);
void format_system(struct text_of_proc *to, const struct machine *m); /* /proc/stat */
void format_version(struct text_of_proc *to, const struct machine *m);
void format_cpuinfo(struct text_of_proc *to, const struct machine *m);
