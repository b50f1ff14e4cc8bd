/* SPDX-License-Identifier: MIT */
/*
 * Operations of programs with files, the same program on both systems: what they do is what POSIX
 * says, through the C library. Whatever fails ends the run.
 */
#pragma once
#include "tests/bench/measure/measure.h"

/* ---- main.c ---- */

/* Ends the run unless `done`. */
void must(bool done, const char *what);
/* Runs a function that never returns in a copy of this process, until partner_stop. */
void partner_start(void (*run)(void));
int partner_number(void); /* its process */
void partner_stop(void);

/* A table of operations, as measure_all takes it. */
struct operations {
    const struct operation *table;
    unsigned count;
};

extern const struct operations file_operations, pipe_operations, process_operations,
    thread_operations, signal_operations, shell_operations;
