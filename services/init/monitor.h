/* SPDX-License-Identifier: MIT */
/* The built-in monitor: one command a line. */
#pragma once
#include "abi/boot.h"

/* Runs one line. */
void monitor_run(const struct boot_page *boot, char *line);
/* Reads lines from the console and runs them, for ever. */
_Noreturn void monitor_loop(const struct boot_page *boot);
