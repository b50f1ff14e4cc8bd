/* SPDX-License-Identifier: MIT */
#include "services/procfs/census.h"

#include <string.h>

#include "lib/sys/message.h"
#include "lib/sys/thread.h"

#define PATIENCE 1000000000ull /* nanoseconds */

static struct session_cap proc;

void census_start(struct session_cap p) {
    proc = p;
}

static err_t ask(struct message *m) {
    thread_block()->deadline = clock_nanoseconds() + PATIENCE;
    m->op |= OP_DEADLINE;
    return session_ask(proc, m);
}

err_t census_next(uint64_t viewer, uint64_t above, uint64_t numbers[MESSAGE_WORDS]) {
    struct message m = {.op = CENSUS_NEXT, .word = {viewer, above}};
    err_t e = ask(&m);
    if (err_ok(e))
        memcpy(numbers, m.word, sizeof m.word);
    return e;
}

err_t census_get(uint64_t viewer, uint64_t number, struct census_process *out) {
    struct message m = {.op = CENSUS_GET | OP_WRITE_WINDOW, .word = {viewer, number}};
    thread_block()->write = (struct window){(uintptr_t)out, sizeof *out};
    return ask(&m);
}

err_t census_total(uint64_t viewer, struct census_total *out) {
    struct message m = {.op = CENSUS_TOTAL, .word = {viewer}};
    err_t e = ask(&m);
    if (err_ok(e))
        *out = (struct census_total){m.word[0], m.word[1], m.word[2], m.word[3], m.word[4]};
    return e;
}
