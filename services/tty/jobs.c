/* SPDX-License-Identifier: MIT */
#include "services/tty/jobs.h"

#include "abi/jobs.h"
#include "lib/sys/message.h"
#include "lib/sys/thread.h"

#define PATIENCE 1000000000ull /* nanoseconds */

static struct session_cap proc;

static err_t ask(struct message *m) {
    if (proc.h == HANDLE_NONE)
        return ERROR(NOT_FOUND);
    thread_block()->deadline = clock_nanoseconds() + PATIENCE;
    m->op |= OP_DEADLINE;
    return session_ask(proc, m);
}

/* A `proc` that does not answer now has no sessions: it is asked again by nobody. */
void jobs_start(struct session_cap p, struct signal_cap signal, uint64_t bits) {
    struct message m = {.op = JOBS_WATCH | OP_HANDLES(1), .word = {bits}};
    proc = p;
    thread_block()->send[0] = (struct handle_send){signal.h, RIGHT_SIGNAL_RAISE | RIGHT_SEND, 0, 0};
    (void)ask(&m);
}

err_t jobs_who(uint64_t process, struct who *out) {
    struct message m = {.op = JOBS_WHO, .word = {process}};
    err_t e = ask(&m);
    if (err_ok(e))
        *out = (struct who){(uint32_t)m.word[0], (uint32_t)m.word[1], (uint32_t)m.word[2]};
    return e;
}

uint32_t jobs_session(uint32_t group, bool *led) {
    struct message m = {.op = JOBS_GROUP, .word = {group}};
    if (!err_ok(ask(&m)))
        return 0;
    *led = m.word[1] != 0;
    return (uint32_t)m.word[0];
}

void jobs_signal(uint32_t group, enum jobs_signal signal) {
    struct message m = {.op = JOBS_SIGNAL, .word = {group, signal}};
    if (group)
        (void)ask(&m);
}
