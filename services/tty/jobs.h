/* SPDX-License-Identifier: MIT */
/*
 * Who is who, and signals: asked of `proc`. Without it, or if it does not answer within a second,
 * nobody is known: then no terminal is anybody's and no signal is sent.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

/* Linux' numbers. */
enum jobs_signal {
    JOBS_HUP = 1,
    JOBS_INT = 2,
    JOBS_QUIT = 3,
    JOBS_CONT = 18,
    JOBS_TSTP = 20,
    JOBS_WINCH = 28,
};

struct who {
    uint32_t number, group, session;
};

/* HANDLE_NONE: there is no `proc`. Raises `bits` of the signal when the leader of a session ends.
 */
void jobs_start(struct session_cap proc, struct signal_cap signal, uint64_t bits);
/* The caller of the kernel's number: NOT_FOUND. */
err_t jobs_who(uint64_t process, struct who *out);
/* The session of a group; 0: there is no such group. *led: the session's leader lives. */
uint32_t jobs_session(uint32_t group, bool *led);
/* Group 0: nobody. */
void jobs_signal(uint32_t group, enum jobs_signal signal);
