/* SPDX-License-Identifier: MIT */
#pragma once

/* Runs the tests; how many results it printed. */
int memory_run(void);
