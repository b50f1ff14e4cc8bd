/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

#include "lib/sys/cap.h"

/* The pool that `proc` lives in, and how many processes it allows an account. */
extern struct pool_cap server_pool;
/* What the server of terminals has of it. */
extern struct session_cap jobs;
/* What the server of /proc has of it. */
extern struct session_cap census;
#define ACCOUNT_LIMIT 48u

void life_tests(void);
void signal_tests(void);
void jobs_tests(void);
void census_tests(void);
void limit_tests(void);
void hostile_tests(void);
