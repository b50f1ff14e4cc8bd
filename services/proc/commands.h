/* SPDX-License-Identifier: MIT */
/* What processes say of themselves: a name, and the arguments of their program. Nobody relies on
 * it, and its bytes can be any. */
#pragma once
#include <stddef.h>

#include "services/proc/table.h"

struct command {
    char name[PROC_NAME_SIZE]; /* NUL behind it */
    uint16_t length;           /* of the text */
    char text[PROC_COMMAND_MAX];
};

const struct command *command_of(const struct process *p);
/* A new process is what its parent is. */
void command_copy(const struct process *child, const struct process *parent);
/* Its name as below, and its arguments, at most PROC_COMMAND_MAX bytes. */
void command_set(const struct process *p, const uint64_t *words, const char *text, size_t length);
/* Two words of bytes; from a NUL on, and the last one, they do not count. */
void command_name(const struct process *p, const uint64_t *words);
