/* SPDX-License-Identifier: MIT */
#pragma once
#include "lib/sys/cap.h"

/* Tests of a namespace, which is empty, with directories made in `files`. How many there were. */
int names_run(struct session_cap files, struct session_cap space);
