/* SPDX-License-Identifier: MIT */
/*
 * Starts the first servers and starts them again when they end. One thread supervises; the other
 * functions are for the monitor's. The supervisor calls no server and so waits for none,
 * but for the clock before it starts the others.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

/* Starts them. One that does not start is tried again by supervise_loop; if this fails, there is
 * nothing to supervise. */
err_t supervise_start(void);
_Noreturn void supervise_loop(void);

/* The namespace that the servers are mounted in. */
struct session_cap supervise_space(void);
/* Ends a server's process. NOT_FOUND: no server has this name; DEAD: it does not run. */
err_t supervise_kill(const char *name);
/* How often it was started, 0 while it does not run. */
uint32_t supervise_starts(const char *name);
/* Ends all of them, the last one first, and starts none again: the supervisor stands still. */
void supervise_end(void);
/* Print what they are doing, and the processes. */
void supervise_report(void);
void supervise_processes(void);
