/* SPDX-License-Identifier: MIT */
/*
 * Ending a process takes as long as its memory is large, so a thread of its own does it: nobody
 * else waits for that.
 */
#pragma once
#include "lib/sys/cap.h"

/* Starts the thread: 0, or an error number. */
int killer_start(void);
/*
 * Ends a process as SIGKILL does. The handle may be closed at any time: then it is closed after its
 * process ended, or nobody has to see it end.
 */
void killer_take(struct process_cap process);
