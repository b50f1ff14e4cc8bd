/* SPDX-License-Identifier: MIT */
/* Clients that lie. */
#include "abi/memory.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

static uint64_t end(void) {
    return 0;
}

static handle_t duplicate(handle_t h, uint64_t rights) {
    handle_t made = HANDLE_NONE;
    sys_handle_duplicate((struct any_cap){h}, rights, 0, &made);
    return made;
}

/* A fork with two handles, which stay here. */
static err_t fork_of(handle_t process, uint16_t process_rights, handle_t thread, unsigned count) {
    const struct handle_send send[2] = {{process, process_rights, 0, 0},
                                        {thread, RIGHTS_ALL, 0, 0}};
    uint64_t word[MESSAGE_WORDS];
    copy_words(end, 0, word);
    return ask_with(PROC_FORK, word, send, count).error;
}

static uint64_t handles(void) {
    struct copy c, other;
    handle_t own = duplicate(HANDLE_THREAD, RIGHTS_ALL);
    CHECK(err_ok(copy_make(&c)) && err_ok(copy_make(&other)));
    CHECK(err_is(fork_of(0, 0, 0, 0), ERR_BAD_HANDLE));
    CHECK(err_is(fork_of(c.process.h, RIGHTS_ALL, 0, 1), ERR_BAD_HANDLE));
    CHECK(err_is(fork_of(c.thread.h, RIGHTS_ALL, c.process.h, 2), ERR_WRONG_TYPE));
    CHECK(err_is(fork_of(c.process.h, RIGHT_INFO, c.thread.h, 2), ERR_NO_RIGHT));
    CHECK(err_is(fork_of(c.process.h, RIGHTS_ALL, other.thread.h, 2), ERR_BAD_ARGUMENT));
    /* This process is known already. */
    CHECK(err_is(fork_of(duplicate(HANDLE_PROCESS, RIGHTS_ALL), RIGHTS_ALL, own, 2), ERR_BUSY));
    /* Nothing of that is left: it can still be one. */
    CHECK(err_ok(fork_of(c.process.h, RIGHTS_ALL, c.thread.h, 2)));
    CHECK(err_is(fork_of(c.process.h, RIGHTS_ALL, c.thread.h, 2), ERR_BUSY) ||
          err_is(fork_of(c.process.h, RIGHTS_ALL, c.thread.h, 2), ERR_BAD_ARGUMENT) ||
          err_is(fork_of(c.process.h, RIGHTS_ALL, c.thread.h, 2), ERR_DEAD));
    CHECK(err_ok(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error));
    CHECK(err_is(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
    return 0;
}

/* A child that cannot be made leaves nothing behind. */
static uint64_t bad_places(void) {
    uint64_t ours = pool_used(program_pool), servers = pool_used(server_pool);
    static const uint64_t pages[] = {1, 0xffff800000000000, UINT64_MAX - 4095, 4095};
    for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct copy c;
        uint64_t word[MESSAGE_WORDS];
        copy_words(end, 0, word);
        word[3] = pages[i];
        CHECK(err_ok(copy_make(&c)));
        const struct handle_send send[2] = {{c.process.h, RIGHTS_ALL, SEND_MOVE, 0},
                                            {c.thread.h, RIGHTS_ALL, SEND_MOVE, 0}};
        CHECK(err_is(ask_with(PROC_FORK, word, send, 2).error, ERR_BAD_ARGUMENT));
        CHECK(err_ok(copy_make(&c)));
        copy_words(end, 0, word);
        word[0] = UINT64_MAX; /* no user address */
        const struct handle_send again[2] = {{c.process.h, RIGHTS_ALL, SEND_MOVE, 0},
                                             {c.thread.h, RIGHTS_ALL, SEND_MOVE, 0}};
        CHECK(err_is(ask_with(PROC_FORK, word, again, 2).error, ERR_BAD_ARGUMENT));
    }
    CHECK(pool_used(server_pool) == servers && pool_used(program_pool) == ours);
    CHECK(err_is(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error, ERR_NOT_FOUND));
    return 0;
}

static uint64_t words(void) {
    static const uint64_t values[] = {0,  1,          2,          31,         32,
                                      65, 0xffffffff, 1ull << 32, 1ull << 63, UINT64_MAX};
    const unsigned n = sizeof values / sizeof *values;
    for (uint64_t op = PROC_WAIT; op <= PROC_OPS; op++)
        for (unsigned i = 0; i < n; i++)
            for (unsigned j = 0; j < n; j++) {
                bool kills = op == PROC_KILL && values[j] && values[j] < 65;
                bool stops = op == PROC_STOP || op == PROC_CHILDREN;
                if (!kills && !stops)
                    ask(op, values[i], values[j], values[(i + j) % n], 0);
            }
    CHECK(err_is(ask(PROC_OPS, 0, 0, 0, 0).error, ERR_UNSUPPORTED));
    CHECK(err_is(ask(0, 0, 0, 0, 0).error, ERR_UNSUPPORTED));
    CHECK(err_is(wait_for(PROC_ANY, 0, 0).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(wait_for(3, 0, PROC_WAIT_ENDED).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(wait_for(PROC_ANY, 0, 32 | PROC_WAIT_ENDED).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(ask(PROC_CHILDREN, 8, 0, 0, 0).error, ERR_BAD_ARGUMENT));
    CHECK(err_is(ask(PROC_STOP, PROC_SIGKILL, 0, 0, 0).error, ERR_BAD_ARGUMENT));
    return 0;
}

/* Runs in a copy that `proc` does not know: with its original's handles, it is not that one. */
static void pretender(void *nothing) {
    (void)nothing;
    CHECK(err_is(ask(PROC_GET, 0, 0, 0, 0).error, ERR_NO_RIGHT));
    CHECK(err_is(ask(PROC_KILL, page()->parent, PROC_SIGKILL, 0, 0).error, ERR_NO_RIGHT));
    post(&shared->flag[0]);
    for (;;) /* ends by a fault when its original's page is taken from it */
        if (page()->number != shared->word[0])
            CHECK(false);
}

/* Leaves an unknown copy of itself behind that has its page. */
static uint64_t pretended(void) {
    static char stack[8192] __attribute__((aligned(16)));
    static struct thread_entry entry = {pretender, NULL};
    struct copy c;
    shared->word[0] = page()->number;
    CHECK(err_ok(copy_make(&c)));
    CHECK(err_ok(sys_thread_start(c.thread, (uint64_t)thread_start_up,
                                  (uint64_t)(stack + sizeof stack), (uint64_t)&entry)));
    pause_until(&shared->flag[0]);
    return 3;
}

static uint64_t pretenders(void) {
    uint64_t ours = 0, servers = 0;
    for (unsigned i = 0; i < 4; i++) {
        shared->flag[0] = 0;
        CHECK(fork_child(pretended));
        struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
        CHECK(a.word[1] == PROC_EXITED && a.word[2] == 3);
        if (i == 1) {
            ours = pool_used(program_pool);
            servers = pool_used(server_pool);
        }
    }
    CHECK(pool_used(server_pool) == servers);
    UNTIL(pool_used(program_pool) <= ours);
    return 0;
}

static void wait_and_count(void *nothing) {
    (void)nothing;
    struct answer a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    __atomic_add_fetch(&shared->flag[err_is(a.error, ERR_LIMIT) ? 1 : 2], 1, __ATOMIC_SEQ_CST);
}

static uint64_t wait_for_go(void) {
    pause_until(&shared->go);
    return 0;
}

/* More waits than are allowed, all with one end for all of them. */
static uint64_t many_waits(void) {
    enum { THREADS = 80, ALLOWED = 64 };
    struct thread_room room;
    CHECK(fork_child(wait_for_go));
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(err_ok(thread_spawn(program_pool, 100, wait_and_count, NULL, &room)));
    UNTIL(__atomic_load_n(&shared->flag[1], __ATOMIC_SEQ_CST) == THREADS - ALLOWED);
    post(&shared->go);
    UNTIL(__atomic_load_n(&shared->flag[2], __ATOMIC_SEQ_CST) == ALLOWED);
    return 0;
}

void hostile_tests(void) {
    run_test("handles", handles);
    run_test("bad-places", bad_places);
    run_test("words", words);
    run_test("pretenders", pretenders);
    run_test("many-waits", many_waits);
}
