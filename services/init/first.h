/* SPDX-License-Identifier: MIT */
/* Which servers there are at first, in the order in which they are started, but for the clock,
 * which is first: the others' times count from what it says. */
#pragma once
#include "services/init/server.h"

enum first {
    FIRST_AUDIT,
    FIRST_BOOTFS,
    FIRST_RAMFS,
    FIRST_PROC,
    FIRST_SERIAL,
    FIRST_SCREEN,
    FIRST_TTY,
    FIRST_DEV,
    FIRST_RTC,
    FIRST_KEYBOARD,
    FIRST_PIPE,
    FIRST_PROCFS,
    FIRST_NS,
    FIRST_AUTH,
    FIRST_COUNT
};

extern struct server first_servers[FIRST_COUNT];
/* Sets what depends on the machine. */
void first_size(void);
