/* SPDX-License-Identifier: MIT */
/* Threads that make calls which may wait, and a child: a copy of the program that runs one
 * function. */
#pragma once
#include "tests/file/pipes.h"

#define WORKERS 9u

extern const struct suite_case pipes_machine[];

/* Makes them; they live as long as the program. */
err_t workers_start(void);
/* As struct pipes says; at most WORKERS at a time. */
void worker_begin(struct later *l);
void worker_finish(struct later *l);
void worker_interrupt(struct later *l);
/* Runs a function on a worker; done with worker_finish. */
void worker_run(struct later *l, void (*run)(void));

struct child {
    struct process_cap process;
    struct thread_cap thread;
};

/* Its memory is its own from then on, its handles are copies of these. */
err_t child_start(struct child *c, void (*run)(void *argument));
/* Kills it, which is done when this returns. */
void child_kill(struct child *c);
