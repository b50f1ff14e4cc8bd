/* SPDX-License-Identifier: MIT */
/*
 * What a server of terminals asks of the server of processes, `proc`, through a session that init
 * makes for that and that is given to nobody else: who a caller is, and that a group gets a signal.
 * Processes are named by the number that the kernel tells of a caller (block.caller_process).
 */
#pragma once
#include <stdint.h>

enum jobs_op {
    JOBS_WHO = 0x280, /* word 0 a caller. Answer: word 0 its number, 1 group, 2 session */
    JOBS_GROUP,       /* word 0 a group. Answer: word 0 its session, 1 whether its leader lives */
    JOBS_SIGNAL,      /* word 0 a group, 1 a signal: to all its members, from the kernel */
    JOBS_WATCH, /* handle: a signal object, the right to raise it; word 0 its bits: raised from
                   now on whenever the leader of a session ends. One is kept, the last */
};

/* The badge of that session: no process has it. */
#define JOBS_BADGE 0xffffffff00000001ull
