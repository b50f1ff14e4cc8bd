/* SPDX-License-Identifier: MIT */
/*
 * What the server of /proc asks of `proc`, through a session that init makes for that and that is
 * given to nobody else: which processes there are and what they do. It asks on behalf of a viewer,
 * named by the number that the kernel tells of a caller (block.caller_process), and learns what
 * that one sees (docs/man/5/proc.md, Authority). NOT_FOUND: `proc` does not know the viewer.
 */
#pragma once
#include <stdint.h>

#include "proc.h"

enum census_op {
    CENSUS_NEXT = 0x2c0, /* word 0 viewer, 1 a number. Answer: the lowest numbers of processes above
                            that, in order; behind the last one 0 */
    CENSUS_GET,          /* word 0 viewer, 1 number, 0: the viewer. Write window: a struct
                            census_process. NOT_FOUND: none that it sees */
    CENSUS_TOTAL         /* word 0 viewer. Answer: word 0 how many processes, 1 how many of them run
                            or could, 2 the time that those and all that ended used, nanoseconds; 3
                            the highest number; 4 how many domains are around the viewer's */
};

/* The badge of that session: no process has it. */
#define CENSUS_BADGE 0xffffffff00000002ull

enum census_state { CENSUS_RUNS, CENSUS_WAITS, CENSUS_STOPPED, CENSUS_ENDED };

/* Numbers are 0 where they are outside what the viewer sees. */
struct census_process {
    uint32_t number, parent, group, session;
    uint32_t state; /* enum census_state; of the thread that signals interrupt */
    uint32_t threads;
    uint64_t started;               /* nanoseconds of the monotonic clock */
    uint64_t time, time_of_waited;  /* of the processor, nanoseconds */
    uint64_t resident;              /* bytes of memory */
    char name[PROC_NAME_SIZE];      /* NUL behind it */
    uint64_t command_length;        /* bytes */
    char command[PROC_COMMAND_MAX]; /* arguments with a NUL behind each; the last may be cut off */
};
