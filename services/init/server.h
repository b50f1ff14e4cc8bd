/* SPDX-License-Identifier: MIT */
/*
 * One of the first servers. Its endpoint is init's: it stays when the server ends, and with it the
 * sessions that others have, the calls that wait and the mounts. The process is bought with a pool
 * of its own, which is destroyed to clear away whatever is left of it.
 */
#pragma once
#include <stdbool.h>

#include "abi/boot.h"
#include "abi/syscall.h"
#include "lib/sys/elf.h"
#include "lib/sys/start.h"
#include "lib/sys/syscall.h"
#include "services/init/backoff.h"

struct server {
    /* What it is. */
    const char *name;  /* of the boot module with its program */
    const char *place; /* where its root is mounted; NULL: nowhere */
    bool reserved;     /* ... in the namespace of those who may see it (NS_FULL) */
    uint64_t bytes;    /* that the process may use */
    uint64_t badge;    /* of its first session */
    uint16_t rights;   /* of that session, beside SESSION_USE */
    bool absent;       /* the machine has not what it is for: it is not started */
    /* Gives a new process what this server needs beside its endpoint, as further handles and
     * arguments of its page. */
    err_t (*give)(const struct program_room *room, struct start_page *page);

    /* Made once. */
    struct pool_cap pool; /* pays for the endpoint, its sessions, and the process's pool */
    struct endpoint_cap endpoint;
    struct session_cap session; /* its root */

    /* The process. */
    bool running;
    struct pool_cap process_pool; /* HANDLE_NONE: there is none */
    struct process_cap process;
    uint32_t starts;  /* how often it was started: tells its end from an earlier one's */
    uint64_t started; /* when; nanoseconds of the monotonic clock */

    /* What follows its end. */
    struct backoff backoff;
    uint64_t due; /* when to start it again */
};

/* Makes what is made once, if it is not there yet: so others can be given its session before it is
 * started. */
err_t server_prepare(struct server *s);
/* Starts the process, whose end is told at `ends` with `cookie`, after what is made once, if that
 * is not there yet. If it fails, nothing is left of what failed. */
err_t server_start(struct server *s, struct endpoint_cap ends, uint64_t cookie);
/* Clears away a process that ended, or ends it. */
void server_clear(struct server *s);
/* Ends the calls that wait for a server, a limited number of them, with PEER_DIED. */
void server_drain(const struct server *s);

/* The highest priority that the threads of a process, and of those that it makes, can give. */
err_t process_bound(struct process_cap process, unsigned priority);

/* One more argument for a program; false: the page is full. */
bool argument_add(struct start_page *page, const char *text);
err_t number_add(struct start_page *page, uint64_t number);
/* One more handle: LIMIT if the page is full. */
err_t handle_add(const struct program_room *room, struct start_page *page, struct any_cap h,
                 uint64_t rights);
/* A boot module by its name; NULL: there is none. */
const struct boot_module_entry *module_find(const char *name);
