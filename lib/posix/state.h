/* SPDX-License-Identifier: MIT */
/*
 * What a program that exec makes begins with, beside a start page. Its memory, above what
 * lib/sys/elf.c and lib/sys/start.c have places for:
 */
#pragma once
#include <stdint.h>
#include <sys/resource.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

#define EXEC_STACK    (8ul << 20) /* bytes, paid when touched */
#define EXEC_STACK_AT 0x7ff001000000ull
#define EXEC_VECTOR_AT                                                                             \
    (EXEC_STACK_AT + EXEC_STACK) /* arguments and environment, as Linux has them */
#define EXEC_ROOM      (EXEC_ARGUMENTS + (64u << 10))
#define EXEC_ARGUMENTS (2u << 20)        /* bytes of texts and their addresses */
#define EXEC_BLOCK_AT  0x7ff000100000ull /* the thread's block, as lib/sys/elf.c has it */
#define EXEC_START_AT  0x7ff000200000ull /* the start page, as lib/sys/start.c has it */
#define EXEC_STATE_AT  0x7ff002000000ull /* what state.c keeps */

/*
 * Writes what survives into memory for the process `to`, which `pool` pays for, and maps it there;
 * the new program closes `to`, which has the old address space then. The caller has all locks.
 */
err_t state_keep(struct process_cap to);
/* In the new program: takes all that over, and gives the memory back. */
void state_restore(void);

/* identity.c: limits. */
void limits_keep(struct rlimit to[RLIM_NLIMITS]);
void limits_restore(const struct rlimit from[RLIM_NLIMITS]);

/* identity.c: numbers of users and groups. */
enum { ID_REAL, ID_EFFECTIVE, ID_SAVED, ID_COUNT };
struct identity {
    uint32_t user[ID_COUNT], group[ID_COUNT];
};
void identity_keep(struct identity *to);
void identity_restore(const struct identity *from);
