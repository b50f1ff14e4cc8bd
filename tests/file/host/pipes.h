/* SPDX-License-Identifier: MIT */
/* The server of pipes in the program that tests it, and what must hold of it between two requests.
 */
#pragma once
#include "services/pipe/pipe.h"
#include "tests/file/host/host.h"

/* Starts it, with no pipe, and gives a session to its root, with all rights. */
struct session_cap host_pipes_start(uint64_t bytes);
/* The clock, and when the server wants to look at it; and time passes. */
extern uint64_t host_now, host_alarm;
void host_pass(uint64_t nanoseconds);
/* Once only, at the end of a program: everything is closed and nothing may be left. */
const char *host_pipes_left(void);
/* What is wrong with the pipe of an open end, as what the server knows tells; NULL: nothing. */
const char *host_pipe_broken(struct file *f);
