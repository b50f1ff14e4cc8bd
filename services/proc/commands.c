/* SPDX-License-Identifier: MIT */
#include "services/proc/commands.h"

#include <string.h>

/* Places of processes are used again first, so that memory that was never needed is not touched. */
static struct command commands[PROCESSES_MAX];

static struct command *place_of(const struct process *p) {
    return &commands[process_index(p)];
}

const struct command *command_of(const struct process *p) {
    static const struct command first = {.name = "init"};
    return p == process_first() ? &first : place_of(p);
}

void command_copy(const struct process *child, const struct process *parent) {
    *place_of(child) = *command_of(parent);
}

void command_name(const struct process *p, const uint64_t *words) {
    char *name = place_of(p)->name;
    memset(name, 0, PROC_NAME_SIZE);
    memcpy(name, words, strnlen((const char *)words, PROC_NAME_SIZE - 1));
}

void command_set(const struct process *p, const uint64_t *words, const char *text, size_t length) {
    struct command *c = place_of(p);
    memcpy(c->text, text, length);
    c->length = (uint16_t)length;
    command_name(p, words);
}
