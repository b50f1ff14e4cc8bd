/* SPDX-License-Identifier: MIT */
/* The servers that the programs of the bundle may need: started once, before them. */
#pragma once
#include <stdbool.h>

#include "abi/boot.h"
#include "lib/sys/elf.h"
#include "lib/sys/start.h"

/* What a program without lib/posix gets in its start page, in this order. */
enum given {
    GIVEN_FILES,
    GIVEN_SPACE,
    GIVEN_TREE,
    GIVEN_PIPES,
    GIVEN_DEVICES,
    GIVEN_SERVERS,
    GIVEN_PROC_PROGRAM = GIVEN_SERVERS, /* memory: the file of a server that a test starts itself */
    GIVEN_COUNT
};

/* Where a program of lib/posix finds its own file, or a program of Linux that it is to start. */
#define SELF_FILE "self"

/* Is it one of lib/posix, which is started by `proc`? */
bool servers_is_posix(const char *name);

/* Starts `ramfs`, `ns`, `pipe`, `dev`, and `bootfs` with an archive of the prepared tree
 * (tests/file/prepared.h). */
err_t servers_start(void);
/* Starts `proc`, by known.h; the session of process 1. */
err_t servers_start_proc(struct session_cap *first);
/* A boot module by its name, or NULL. */
const struct boot_module_entry *module_of(const char *name);
/* Is this module one of them? */
bool servers_has(const char *name);
/* Gives a program of this name sessions of them: an empty directory, an empty namespace, the
 * prepared tree, pipes, devices; and the file. Programs of lib/posix get what lib/posix/start.h
 * says, a namespace with the directory as its root, in which the program itself is SELF_FILE, with
 * the devices at /dev and, between the prepared tree and itself once more, at /union. */
err_t servers_give(const char *name, const struct program_room *room, struct start_page *page);

/* Makes a process from a module and gives it what every program has. `arguments`: each with its
 * NUL. */
err_t program_begin(const struct boot_module_entry *module, struct pool_cap pool,
                    struct program_room *room, struct start_page *page);
