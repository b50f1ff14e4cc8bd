/* SPDX-License-Identifier: MIT */
/* Runs tests and tells how they ended. */
#pragma once
#include "tests/kernel/test.h"

/* Makes what all tests share; the boot page's options are read here. */
void harness_open(void);
/* Runs one test in a process and pool of its own. True if it passed; says why not. */
bool harness_run(const struct test *t);
/* Does a name begin as the option `test=A,B` says? */
bool harness_wants(const char *name);
