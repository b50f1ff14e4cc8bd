/* SPDX-License-Identifier: MIT */
/* Pending signals, stops, domains, and what a new program keeps. */
#include "abi/memory.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

#define SIGTERM 15u

static bool pending(unsigned signal) {
    return page()->raised[signal].sequence;
}

/* Interrupted where it waits, it finds what is pending in its page, without a message. */
static uint64_t signalled(void) {
    const uint32_t never = 0;
    post(&shared->flag[0]);
    while (!pending(SIGTERM)) {
        err_t e = sys_futex_wait(&never, 0, DEADLINE_NONE, FUTEX_ALL);
        CHECK(err_is(e, ERR_INTERRUPTED));
    }
    const volatile struct proc_raised *r = &page()->raised[SIGTERM];
    CHECK(r->code == -1 && r->process == page()->parent && r->value == 99);
    CHECK(page()->sequence >= r->sequence);
    CHECK(!pending(10));
    program_exit(PROC_END_BY_SIGNAL | SIGTERM);
}

static uint64_t raised(void) {
    uint32_t child = fork_child(signalled);
    pause_until(&shared->flag[0]);
    CHECK(err_ok(ask(PROC_KILL, child, SIGTERM, (uint64_t)-1, 99).error));
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[1] == PROC_KILLED && a.word[2] == SIGTERM);
    UNTIL(pending(PROC_SIGCHLD));
    const volatile struct proc_raised *r = &page()->raised[PROC_SIGCHLD];
    CHECK(r->code == PROC_KILLED && r->value == SIGTERM && r->process == child);
    /* Codes above 0 are not for programs to claim. */
    CHECK(err_is(ask(PROC_KILL, page()->number, SIGTERM, 1, 0).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(ask(PROC_KILL, page()->number, 65, 0, 0).error, ERR_BAD_ARGUMENT));
    return 0;
}

static uint64_t stops(void) {
    UNTIL(pending(PROC_SIGTSTP));
    uint64_t taken = page()->sequence;
    struct answer a;
    do
        a = ask(PROC_STOP, PROC_SIGTSTP, taken, 0, 0);
    while (err_is(a.error, ERR_INTERRUPTED));
    /* The interruption by SIGCONT itself may be what ends the call. */
    CHECK(err_ok(a.error) || err_is(a.error, ERR_CHANGED));
    CHECK(pending(PROC_SIGCONT));
    /* It was continued since: no stop any more. */
    CHECK(err_is(ask(PROC_STOP, PROC_SIGTSTP, taken, 0, 0).error, ERR_CHANGED));
    pause_until(&shared->go);
    return 5;
}

static uint64_t stopped(void) {
    uint32_t child = fork_child(stops);
    /* In a group of its own, which its parent could continue. */
    CHECK(err_ok(ask(PROC_GROUP, child, 0, 0, 0).error));
    CHECK(err_ok(ask(PROC_KILL, child, PROC_SIGTSTP, 0, 0).error));
    struct answer a = wait_for(PROC_NUMBER, child, PROC_WAIT_STOPPED);
    CHECK(a.word[0] == child && a.word[1] == PROC_STOPPED && a.word[2] == PROC_SIGTSTP);
    CHECK(wait_for(PROC_ANY, 0, PROC_WAIT_STOPPED | PROC_WAIT_NOW).word[0] == 0); /* told once */
    CHECK(err_ok(ask(PROC_KILL, child, PROC_SIGCONT, 0, 0).error));
    a = wait_for(PROC_ANY, 0, PROC_WAIT_CONTINUED | PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[1] == PROC_CONTINUED && a.word[2] == PROC_SIGCONT);
    post(&shared->go);
    a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[1] == PROC_EXITED && a.word[2] == 5);
    return 0;
}

static uint64_t stop_for_ever(void) {
    post(&shared->flag[0]);
    while (err_is(ask(PROC_STOP, PROC_SIGSTOP, UINT64_MAX, 0, 0).error, ERR_INTERRUPTED))
        ;
    return CHECK(false);
}

static uint64_t killed_when_stopped(void) {
    uint32_t child = fork_child(stop_for_ever);
    CHECK(wait_for(PROC_ANY, 0, PROC_WAIT_STOPPED).word[0] == child);
    CHECK(err_ok(ask(PROC_KILL, child, PROC_SIGKILL, 0, 0).error));
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[1] == PROC_KILLED && a.word[2] == PROC_SIGKILL);
    return 0;
}

static uint64_t inside(void) {
    CHECK(page()->parent == 0);
    CHECK(err_is(ask(PROC_GET, shared->word[0], 0, 0, 0).error, ERR_NOT_FOUND));
    CHECK(err_is(ask(PROC_KILL, shared->word[0], PROC_SIGKILL, 0, 0).error, ERR_NOT_FOUND));
    CHECK(err_is(ask(PROC_KILL, 1, PROC_SIGKILL, 0, 0).error, ERR_NOT_FOUND));
    CHECK(err_is(ask(PROC_KILL, 0, PROC_SIGKILL, 0, 0).error, ERR_OK)); /* its group: itself */
    return CHECK(false);
}

static uint64_t domains(void) {
    err_t e;
    shared->word[0] = page()->number;
    CHECK(err_is(ask(PROC_KILL, 1, SIGTERM, 0, 0).error, ERR_NO_RIGHT));
    uint32_t child = fork_with(inside, PROC_FORK_DOMAIN, &e);
    CHECK(child && ask(PROC_GET, child, 0, 0, 0).word[1] == page()->number);
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[1] == PROC_KILLED && a.word[2] == PROC_SIGKILL);
    return 0;
}

/* The program after exec: the same process, with its page. */
static void become_main(void *nothing) {
    (void)nothing;
    if (!CHECK(page()->number == shared->word[1] && page()->session == self.h))
        program_exit(1);
    post(&shared->flag[0]);
    pause_until(&shared->go);
    program_exit(ask(PROC_GET, 0, 0, 0, 0).word[0] == page()->number ? 9 : 1);
}

/* A copy of the process without threads is something to become. */
static uint64_t becomes(void) {
    static char stack[8192] __attribute__((aligned(16)));
    static struct thread_entry entry = {become_main, NULL};
    const uint64_t word[MESSAGE_WORDS] = {PROC_PAGE_ADDRESS};
    struct process_cap prepared = {HANDLE_NONE};
    handle_t sent = HANDLE_NONE, thread = HANDLE_NONE;
    shared->word[1] = page()->number;
    CHECK(err_ok(sys_process_clone(SELF_PROCESS, program_pool, &prepared)));
    CHECK(err_ok(sys_process_unmap(prepared, PROC_PAGE_ADDRESS, PAGE_SIZE)));
    CHECK(err_ok(sys_handle_duplicate(ANY(prepared), RIGHTS_ALL, 0, &sent)));
    CHECK(err_ok(sys_handle_duplicate(ANY(SELF_THREAD), RIGHTS_ALL, 0, &thread)));
    const struct handle_send send[2] = {{sent, RIGHTS_ALL, SEND_MOVE, 0},
                                        {thread, RIGHTS_ALL, SEND_MOVE, 0}};
    CHECK(err_ok(ask_with(PROC_EXEC, word, send, 2).error));
    sys_process_become(prepared, (uint64_t)thread_start_up, (uint64_t)(stack + sizeof stack),
                       (uint64_t)&entry, thread_block()->self);
    return CHECK(false);
}

static uint64_t executed(void) {
    uint32_t child = fork_child(becomes);
    pause_until(&shared->flag[0]);
    CHECK(err_is(ask(PROC_GROUP, child, 0, 0, 0).error, ERR_CHANGED));
    post(&shared->go);
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[1] == PROC_EXITED && a.word[2] == 9);
    return 0;
}

void signal_tests(void) {
    run_test("raised", raised);
    run_test("stopped", stopped);
    run_test("killed-when-stopped", killed_when_stopped);
    run_test("domains", domains);
    run_test("executed", executed);
}
