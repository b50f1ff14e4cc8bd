/* SPDX-License-Identifier: MIT */
/* Many processes: limits, and memory that comes back. */
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

#define FORKS 1000u

static uint64_t end(void) {
    return 0;
}

static uint64_t sleep_for_ever(void) {
    pause_until(&shared->flag[7]); /* never set */
    return 0;
}

static bool fork_and_wait(void) {
    uint32_t child = fork_child(end);
    return child && wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child;
}

static uint64_t thousand(void) {
    for (unsigned i = 0; i < 3; i++) /* what is made once is there */
        CHECK(fork_and_wait());
    uint64_t ours = pool_used(program_pool), servers = pool_used(server_pool);
    for (unsigned i = 0; i < FORKS; i++)
        if (!CHECK(fork_and_wait()))
            return 1;
    CHECK(pool_used(server_pool) == servers);
    CHECK(pool_used(program_pool) == ours);
    return 0;
}

static void reap_all(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
        CHECK(a.word[1] == PROC_KILLED && a.word[2] == PROC_SIGKILL);
    }
    CHECK(err_is(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
}

/* One bomb after the other: what the first had is there for the next. */
static uint64_t bomb(void) {
    uint64_t ours = 0;
    unsigned made[2] = {0, 0};
    for (unsigned round = 0; round < 2; round++) {
        uint32_t first = fork_child(sleep_for_ever);
        err_t e = OK;
        CHECK(err_ok(ask(PROC_GROUP, first, first, 0, 0).error));
        while (err_ok(e)) {
            uint32_t child = fork_with(sleep_for_ever, 0, &e);
            made[round]++;
            CHECK(!child || err_ok(ask(PROC_GROUP, child, first, 0, 0).error));
        }
        CHECK(err_is(e, ERR_LIMIT));
        CHECK(err_ok(ask(PROC_KILL, -(uint64_t)first, PROC_SIGKILL, 0, 0).error));
        reap_all(made[round]);
        uint64_t used = pool_used(program_pool);
        CHECK(!round || used == ours);
        ours = used;
    }
    /* Process 1 is in the account or is not; this one is. */
    CHECK(made[0] == made[1] && (made[0] == ACCOUNT_LIMIT - 1 || made[0] == ACCOUNT_LIMIT - 2));
    CHECK(fork_and_wait());
    return 0;
}

/* The ended are counted until somebody waits for them. */
static uint64_t zombies(void) {
    unsigned made = 0;
    err_t e = OK;
    while (fork_with(end, 0, &e))
        made++;
    CHECK(err_is(e, ERR_LIMIT) && made >= ACCOUNT_LIMIT - 2);
    for (unsigned i = 0; i < made; i++)
        CHECK(err_ok(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error));
    CHECK(fork_and_wait());
    return 0;
}

/* Forks until it is killed, each time telling how far it came. */
static uint64_t fork_until_killed(void) {
    CHECK(err_ok(ask(PROC_CHILDREN, PROC_CHILDREN_REAP | PROC_CHILDREN_QUIET, 0, 0, 0).error));
    while (!shared->flag[7]) {
        fork_child(end);
        __atomic_add_fetch(&shared->flag[0], 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}

/* At another moment of a fork each time; whatever was under way leaves nothing. */
static uint64_t killed_forking(void) {
    uint64_t ours = 0;
    for (unsigned round = 0; round < 40; round++) {
        __atomic_store_n(&shared->flag[0], 0, __ATOMIC_SEQ_CST);
        uint32_t child = fork_child(fork_until_killed);
        CHECK(child);
        UNTIL(__atomic_load_n(&shared->flag[0], __ATOMIC_SEQ_CST) > 2);
        for (volatile unsigned i = 0; i < round * 1000; i++)
            ;
        CHECK(err_ok(ask(PROC_KILL, child, PROC_SIGKILL, 0, 0).error));
        CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
        /* Its last child is process 1's now, and ends. */
        while (err_ok(ask(PROC_KILL, -(uint64_t)1, 0, 0, 0).error))
            sys_thread_yield();
        uint64_t used = pool_used(program_pool);
        CHECK(round < 2 || used == ours);
        ours = used;
    }
    return 0;
}

void limit_tests(void) {
    /* From its first instruction: no other processor has to be told of its mappings. */
    sys_thread_schedule(SELF_THREAD, 100, FIRST_CPU);
    run_test("thousand-forks", thousand);
    run_test("fork-bomb", bomb);
    run_test("zombies", zombies);
    sys_thread_schedule(SELF_THREAD, 100, UINT64_MAX);
    run_test("killed-forking", killed_forking);
}
