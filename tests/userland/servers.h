/* SPDX-License-Identifier: MIT */
/* The servers that the programs of the bundle may need: started once, before them. */
#pragma once
#include <stdbool.h>

#include "abi/boot.h"
#include "lib/sys/elf.h"
#include "lib/sys/start.h"

/* What a program gets in its start page, in this order. */
enum given {
    GIVEN_FILES,
    GIVEN_SPACE,
    GIVEN_SERVERS,
    GIVEN_PROC_PROGRAM = GIVEN_SERVERS, /* memory: the file of a server that a test starts itself */
    GIVEN_COUNT
};

/* Starts `ramfs` and `ns`. */
err_t servers_start(void);
/* Is this module one of them? */
bool servers_has(const char *name);
/* Gives a program sessions of them: an empty directory, an empty namespace; and the file. */
err_t servers_give(const struct program_room *room, struct start_page *page);

/* Makes a process from a module and gives it what every program has. `arguments`: each with its
 * NUL. */
err_t program_begin(const struct boot_module_entry *module, struct pool_cap pool,
                    struct program_room *room, struct start_page *page);
