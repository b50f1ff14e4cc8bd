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

static void name_set(struct command *c, const char *from, size_t length) {
    memset(c->name, 0, sizeof c->name);
    memcpy(c->name, from, length < sizeof c->name - 1 ? length : sizeof c->name - 1);
}

/* Without the directories before it and the dash that says that a shell is the first. */
static void name_derive(struct command *c) {
    size_t end = strnlen(c->text, c->length), at = end;
    while (at && c->text[at - 1] != '/')
        at--;
    if (!at && end && c->text[0] == '-')
        at = 1;
    name_set(c, c->text + at, end - at);
}

void command_set(const struct process *p, const char *text, size_t length) {
    struct command *c = place_of(p);
    memcpy(c->text, text, length);
    c->length = (uint16_t)length;
    name_derive(c);
}

void command_name(const struct process *p, const uint64_t *words) {
    char name[PROC_NAME_SIZE];
    memcpy(name, words, sizeof name);
    name_set(place_of(p), name, strnlen(name, sizeof name));
}
