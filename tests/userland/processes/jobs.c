/* SPDX-License-Identifier: MIT */
/* What the server of terminals asks (abi/jobs.h), and groups that nobody would continue. */
#include "abi/jobs.h"

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

#define KERNEL 0x80 /* SI_KERNEL */
#define INT    2u
#define BITS   12u

struct session_cap jobs;

/* As `ask`, of the other session. */
static struct answer ask_jobs(uint64_t op, uint64_t w0, uint64_t w1, handle_t sent) {
    const uint64_t word[MESSAGE_WORDS] = {w0, w1};
    const struct handle_send send = {sent, RIGHTS_ALL, 0, 0};
    const struct session_cap own = self;
    self = jobs;
    struct answer a = ask_with(op, word, &send, sent != HANDLE_NONE);
    self = own;
    return a;
}

static uint64_t identity(struct process_cap p) {
    struct process_info info = {.identity = 0};
    sys_process_info(p, &info);
    return info.identity;
}

static uint64_t who(void) {
    struct answer a = ask_jobs(JOBS_WHO, identity(SELF_PROCESS), 0, HANDLE_NONE);
    CHECK(err_ok(a.error) && a.word[0] == page()->number && a.word[1] == page()->group &&
          a.word[2] == page()->session_number);
    CHECK(err_is(ask_jobs(JOBS_WHO, 0, 0, HANDLE_NONE).error, ERR_NOT_FOUND));
    CHECK(err_is(ask_jobs(JOBS_WHO, UINT64_MAX, 0, HANDLE_NONE).error, ERR_NOT_FOUND));
    a = ask_jobs(JOBS_GROUP, page()->group, 0, HANDLE_NONE);
    CHECK(err_ok(a.error) && a.word[0] == page()->session_number && a.word[1] == 1);
    CHECK(err_is(ask_jobs(JOBS_GROUP, page()->number, 0, HANDLE_NONE).error, ERR_NOT_FOUND));
    CHECK(err_is(ask_jobs(JOBS_WATCH + 1, 0, 0, HANDLE_NONE).error, ERR_UNSUPPORTED));
    /* Not for everybody. */
    CHECK(err_is(ask(JOBS_WHO, identity(SELF_PROCESS), 0, 0, 0).error, ERR_UNSUPPORTED));
    return 0;
}

static uint64_t gets_int(void) {
    CHECK(err_ok(ask(PROC_GROUP, 0, 0, 0, 0).error));
    post(&shared->flag[0]);
    UNTIL(page()->raised[INT].sequence);
    CHECK(page()->raised[INT].code == KERNEL && page()->raised[INT].process == 0);
    return 0;
}

static uint64_t from_terminal(void) {
    uint32_t child = fork_child(gets_int);
    pause_until(&shared->flag[0]);
    CHECK(err_is(ask_jobs(JOBS_SIGNAL, child, 0, HANDLE_NONE).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(ask_jobs(JOBS_SIGNAL, child, 65, HANDLE_NONE).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(ask_jobs(JOBS_SIGNAL, 0, INT, HANDLE_NONE).error, ERR_NOT_FOUND));
    CHECK(err_ok(ask_jobs(JOBS_SIGNAL, child, INT, HANDLE_NONE).error));
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[2] == 0);
    CHECK(!page()->raised[INT].sequence); /* it was for the group alone */
    return 0;
}

static uint64_t leads(void) {
    struct answer a = ask(PROC_SESSION, 0, 0, 0, 0);
    CHECK(err_ok(a.error) && a.word[0] == page()->number);
    pause_until(&shared->go);
    return 0;
}

static uint64_t leader_ends(void) {
    struct signal_cap signal = {HANDLE_NONE};
    struct endpoint_cap other = {HANDLE_NONE};
    uint64_t bits = 0;
    CHECK(err_ok(sys_signal_create(program_pool, &signal)));
    CHECK(err_ok(sys_endpoint_create(program_pool, &other)));
    CHECK(err_is(ask_jobs(JOBS_WATCH, BITS, 0, HANDLE_NONE).error, ERR_BAD_HANDLE));
    CHECK(err_is(ask_jobs(JOBS_WATCH, BITS, 0, other.h).error, ERR_WRONG_TYPE));
    CHECK(err_ok(ask_jobs(JOBS_WATCH, BITS, 0, signal.h).error));
    uint32_t child = fork_child(leads);
    UNTIL(ask(PROC_GET, child, 0, 0, 0).word[3] == child);
    CHECK(ask_jobs(JOBS_GROUP, child, 0, HANDLE_NONE).word[1] == 1);
    post(&shared->go);
    CHECK(err_ok(sys_signal_wait(signal, UINT64_MAX, DEADLINE_NONE, &bits)) && bits == BITS);
    /* Not waited for yet: its group is there, and has no leader. */
    struct answer a = ask_jobs(JOBS_GROUP, child, 0, HANDLE_NONE);
    CHECK(err_ok(a.error) && a.word[0] == child && a.word[1] == 0);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    CHECK(err_is(ask_jobs(JOBS_GROUP, child, 0, HANDLE_NONE).error, ERR_NOT_FOUND));
    return 0;
}

/* It stops; when its parent ends, nobody else would continue it. */
static uint64_t left_alone(void) {
    uint64_t taken = page()->sequence;
    CHECK(err_ok(ask(PROC_GROUP, 0, 0, 0, 0).error));
    CHECK(ask(PROC_GET, 0, 0, 0, 0).word[5] == 0);
    struct answer a = ask(PROC_STOP, PROC_SIGTSTP, taken, 0, 0);
    CHECK(err_ok(a.error) || err_is(a.error, ERR_CHANGED)); /* the interruption of SIGCONT */
    CHECK(page()->raised[PROC_SIGHUP].code == KERNEL && page()->raised[PROC_SIGCONT].sequence);
    CHECK(page()->parent == 1 && ask(PROC_GET, 0, 0, 0, 0).word[5] == PROC_ORPHANED);
    CHECK(err_is(ask(PROC_STOP, PROC_SIGTTIN, page()->sequence, 0, 0).error, ERR_CHANGED));
    post(&shared->flag[1]);
    return 0;
}

static uint64_t leaves(void) {
    uint32_t child = fork_child(left_alone);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_STOPPED).word[2] == PROC_SIGTSTP);
    return 0;
}

static uint64_t orphaned(void) {
    CHECK(fork_child(leaves));
    pause_until(&shared->flag[1]);
    CHECK(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).word[2] == 0);
    return 0;
}

void jobs_tests(void) {
    run_test("who", who);
    run_test("from-terminal", from_terminal);
    run_test("leader-ends", leader_ends);
    run_test("orphaned", orphaned);
}
