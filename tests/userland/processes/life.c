/* SPDX-License-Identifier: MIT */
/* Forks, ends, waits, groups and sessions. */
#include <stddef.h>

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

static uint64_t exit_at_once(void) {
    return 7;
}

static uint64_t exit_when_told(void) {
    pause_until(&shared->go);
    return 300; /* 44 is left of it */
}

static uint64_t spin(void) {
    while (!__atomic_load_n(&shared->flag[7], __ATOMIC_RELAXED)) /* never set */
        sys_thread_yield();
    return 0;
}

static uint64_t numbers_child(void) {
    struct answer a = ask(PROC_GET, 0, 0, 0, 0);
    CHECK(a.word[0] == page()->number && a.word[0] > shared->word[0]);
    CHECK(a.word[1] == shared->word[0] && page()->parent == shared->word[0]);
    CHECK(a.word[2] == page()->group && page()->group == shared->word[1]);
    CHECK(a.word[3] == page()->session_number && page()->session_number == shared->word[2]);
    CHECK(page()->sequence == 0);
    return 0;
}

static uint64_t numbers(void) {
    shared->word[0] = page()->number;
    shared->word[1] = page()->group;
    shared->word[2] = page()->session_number;
    CHECK(page()->parent == 1 && page()->number > 1);
    uint32_t child = fork_child(numbers_child);
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(child && a.word[0] == child && a.word[1] == PROC_EXITED && a.word[2] == 0);
    /* It is gone now. */
    CHECK(err_is(ask(PROC_GET, child, 0, 0, 0).error, ERR_NOT_FOUND));
    return 0;
}

static uint64_t wait_after_end(void) {
    uint32_t child = fork_child(exit_at_once);
    struct answer a;
    do
        a = wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED | PROC_WAIT_NOW | PROC_WAIT_KEEP);
    while (err_ok(a.error) && !a.word[0]);
    CHECK(a.word[0] == child && a.word[1] == PROC_EXITED && a.word[2] == 7);
    /* Kept: it is told again, once. */
    a = wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[2] == 7);
    CHECK(err_is(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
    return 0;
}

static void wait_in_thread(void *out) {
    const uint64_t word[MESSAGE_WORDS] = {PROC_ANY, 0, PROC_WAIT_ENDED};
    struct answer *a = out;
    *a = ask_once(PROC_WAIT, word, NULL, 0);
    post(&shared->flag[0]);
}

/* Makes a thread that waits for any child, until it does. */
static bool waiter_start(struct answer *a, struct thread_room *room) {
    err_t e = thread_spawn(program_pool, 100, wait_in_thread, a, room);
    if (!CHECK(err_ok(e)))
        return false;
    UNTIL(thread_waits(room->thread));
    return true;
}

static void waiter_end(const struct thread_room *room) {
    struct thread_info info = {.state = THREAD_RUNNING};
    UNTIL(!err_ok(sys_thread_info(room->thread, &info)) || info.state == THREAD_ENDED);
    thread_free(room);
}

static uint64_t wait_before_end(void) {
    static struct answer a;
    struct thread_room room;
    uint32_t child = fork_child(exit_when_told);
    struct answer none = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED | PROC_WAIT_NOW);
    CHECK(err_ok(none.error) && none.word[0] == 0);
    if (!waiter_start(&a, &room))
        return 1;
    post(&shared->go);
    pause_until(&shared->flag[0]);
    CHECK(err_ok(a.error) && a.word[0] == child && a.word[1] == PROC_EXITED && a.word[2] == 44);
    CHECK(err_is(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED | PROC_WAIT_NOW).error, ERR_NOT_FOUND));
    return 0;
}

/* More often than a process may have calls that wait: none is left over. */
static uint64_t interrupted_waiter(void) {
    static struct answer a;
    uint32_t child = fork_child(exit_when_told);
    for (unsigned i = 0; i < 70; i++) {
        struct thread_room room;
        shared->flag[0] = 0;
        if (!waiter_start(&a, &room))
            return 1;
        CHECK(err_ok(sys_thread_interrupt(room.thread)));
        pause_until(&shared->flag[0]);
        if (!CHECK(err_is(a.error, ERR_INTERRUPTED)))
            return 1;
        waiter_end(&room);
    }
    post(&shared->go);
    a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    CHECK(a.word[0] == child && a.word[2] == 44);
    return 0;
}

/* What the waiter waits for vanishes: another one takes it. */
static uint64_t waiter_without_children(void) {
    static struct answer a;
    struct thread_room room;
    uint32_t child = fork_child(exit_when_told);
    if (!waiter_start(&a, &room))
        return 1;
    CHECK(err_ok(ask(PROC_CHILDREN, PROC_CHILDREN_REAP, 0, 0, 0).error));
    post(&shared->go);
    pause_until(&shared->flag[0]);
    CHECK(err_is(a.error, ERR_NOT_FOUND));
    CHECK(err_is(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
    return 0;
}

static uint64_t read_nowhere(void) {
    volatile uint64_t address = 8;
    return *(volatile uint64_t *)address;
}

static uint64_t no_instruction(void) {
    __asm__ volatile("ud2");
    return 0;
}

static uint64_t by_signal(void) {
    program_exit(PROC_END_BY_SIGNAL | 15);
}

static uint64_t by_signal_dumped(void) {
    program_exit(PROC_END_BY_SIGNAL | PROC_END_DUMPED | 6);
}

static void ends_with(uint64_t (*run)(void), uint64_t how, uint64_t code) {
    uint32_t child = fork_child(run);
    struct answer a = wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED);
    CHECK(child && err_ok(a.error) && a.word[1] == how && a.word[2] == code);
}

static uint64_t ways_to_end(void) {
    ends_with(exit_at_once, PROC_EXITED, 7);
    ends_with(read_nowhere, PROC_KILLED, PROC_SIGSEGV);
    ends_with(no_instruction, PROC_KILLED, PROC_SIGILL);
    ends_with(by_signal, PROC_KILLED, 15);
    ends_with(by_signal_dumped, PROC_DUMPED, 6);
    return 0;
}

static uint64_t killed(void) {
    uint32_t child = fork_child(spin);
    CHECK(err_ok(ask(PROC_KILL, child, 0, 0, 0).error));
    CHECK(err_ok(ask(PROC_KILL, child, PROC_SIGKILL, 0, 0).error));
    struct answer a = wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED);
    CHECK(a.word[1] == PROC_KILLED && a.word[2] == PROC_SIGKILL);
    CHECK(err_is(ask(PROC_KILL, child, 0, 0, 0).error, ERR_NOT_FOUND));
    return 0;
}

/* Its parent ends; then it is process 1's. */
static uint64_t orphan(void) {
    UNTIL(page()->parent == 1);
    CHECK(ask(PROC_GET, 0, 0, 0, 0).word[1] == 1);
    post(&shared->flag[1]);
    return 0;
}

static uint64_t short_lived(void) {
    CHECK(fork_child(orphan));
    return 0;
}

static uint64_t orphans(void) {
    uint32_t child = fork_child(short_lived);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    pause_until(&shared->flag[1]);
    CHECK(err_is(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
    return 0;
}

static uint64_t grouped(void) {
    pause_until(&shared->go);
    CHECK(page()->group == page()->number);
    struct answer a = ask(PROC_SESSION, 0, 0, 0, 0);
    CHECK(err_is(a.error, ERR_NO_RIGHT)); /* it leads a group */
    return 0;
}

static uint64_t leader(void) {
    struct answer a = ask(PROC_SESSION, 0, 0, 0, 0);
    CHECK(err_ok(a.error) && a.word[0] == page()->number);
    CHECK(page()->group == page()->number && page()->session_number == page()->number);
    CHECK(err_is(ask(PROC_GROUP, 0, 0, 0, 0).error, ERR_NO_RIGHT));
    post(&shared->flag[0]);
    pause_until(&shared->go);
    return 0;
}

static uint64_t groups(void) {
    uint32_t child = fork_child(grouped), other = fork_child(leader);
    CHECK(err_is(ask(PROC_GROUP, child, other, 0, 0).error, ERR_NO_RIGHT)); /* no such group */
    CHECK(err_ok(ask(PROC_GROUP, child, 0, 0, 0).error));
    CHECK(ask(PROC_GET, child, 0, 0, 0).word[2] == child);
    CHECK(err_is(wait_for(PROC_IN_GROUP, child, PROC_WAIT_ENDED | PROC_WAIT_NOW).error, ERR_OK));
    pause_until(&shared->flag[0]);
    CHECK(ask(PROC_GET, other, 0, 0, 0).word[3] == other);
    CHECK(err_is(ask(PROC_GROUP, other, 0, 0, 0).error, ERR_NO_RIGHT)); /* another session */
    CHECK(err_is(ask(PROC_GROUP, 0, other, 0, 0).error, ERR_NO_RIGHT));
    CHECK(err_is(ask(PROC_GROUP, 1, 0, 0, 0).error, ERR_NOT_FOUND)); /* no child */
    CHECK(err_is(ask(PROC_GROUP, 0, 1ull << 40, 0, 0).error, ERR_BAD_ARGUMENT));
    post(&shared->go);
    CHECK(wait_for(PROC_IN_GROUP, child, PROC_WAIT_ENDED).word[0] == child);
    CHECK(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).word[0] == other);
    return 0;
}

void life_tests(void) {
    run_test("numbers", numbers);
    run_test("wait-after-end", wait_after_end);
    run_test("wait-before-end", wait_before_end);
    run_test("interrupted-waiter", interrupted_waiter);
    run_test("waiter-without-children", waiter_without_children);
    run_test("ways-to-end", ways_to_end);
    run_test("killed", killed);
    run_test("orphans", orphans);
    run_test("groups", groups);
}
