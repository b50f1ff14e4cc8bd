/* SPDX-License-Identifier: MIT */
#include "tests/userland/processes/family.h"

#include <stdio.h>
#include <string.h>

#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define DEPTH    6
#define STACK    (16u << 10)
#define PRIORITY 100u

struct shared *shared;
struct session_cap self;
int tests_run;

/* What a child begins with; each generation has a stack of its own. */
static struct begin {
    struct thread_entry entry;
    uint64_t fs, (*run)(void);
} begin;
static char stacks[DEPTH][STACK] __attribute__((aligned(16)));
static unsigned depth;

/* ---- calls ---- */

struct answer ask_once(uint64_t op, const uint64_t *word, const struct handle_send *send,
                       unsigned count) {
    struct message m = {.op = op | OP_HANDLES(count)};
    struct answer a;
    memcpy(m.word, word, sizeof m.word);
    if (count)
        memcpy(thread_block()->send, send, count * sizeof *send);
    a.error = session_call(self, &m);
    if (err_ok(a.error))
        a.error = (err_t){.code = (uint16_t)m.op};
    memcpy(a.word, m.word, sizeof a.word);
    return a;
}

struct answer ask_with(uint64_t op, const uint64_t *word, const struct handle_send *send,
                       unsigned count) {
    struct answer a;
    do
        a = ask_once(op, word, send, count);
    while (err_is(a.error, ERR_INTERRUPTED));
    return a;
}

struct answer ask(uint64_t op, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3) {
    const uint64_t word[MESSAGE_WORDS] = {w0, w1, w2, w3};
    return ask_with(op, word, NULL, 0);
}

struct answer wait_for(uint64_t who, uint64_t number, uint64_t options) {
    return ask(PROC_WAIT, who, number, options, 0);
}

/* ---- forks ---- */

/* The thread pointer first: until then no function may look for its stack guard. */
__attribute__((optimize("no-stack-protector"))) static void child_main(void *argument) {
    const struct begin *b = argument;
    __asm__ volatile("wrfsbase %0" : : "r"(b->fs) : "memory");
    depth++;
    self.h = page()->session;
    program_exit(b->run());
}

err_t copy_make(struct copy *out) {
    struct thread_info info;
    err_t e = sys_process_clone(SELF_PROCESS, program_pool, &out->process);
    if (!err_ok(e))
        return e;
    e = sys_thread_create(out->process, thread_block()->self, PRIORITY, &out->thread);
    if (err_ok(e))
        e = sys_thread_info(SELF_THREAD, &info);
    if (err_ok(e))
        e = sys_thread_schedule(out->thread, PRIORITY, info.affinity);
    if (!err_ok(e))
        sys_handle_close(ANY(out->process));
    return e;
}

void copy_words(uint64_t (*run)(void), uint64_t flags, uint64_t *word) {
    __asm__ volatile("rdfsbase %0" : "=r"(begin.fs));
    begin.run = run;
    begin.entry = (struct thread_entry){child_main, &begin};
    word[0] = (uint64_t)thread_start_up;
    word[1] = (uint64_t)(stacks[depth] + STACK);
    word[2] = (uint64_t)&begin.entry;
    word[3] = PROC_PAGE_ADDRESS;
    word[4] = flags;
    word[5] = 0;
}

uint32_t fork_with(uint64_t (*run)(void), uint64_t flags, err_t *error) {
    uint64_t word[MESSAGE_WORDS];
    struct copy c;
    copy_words(run, flags, word);
    *error = copy_make(&c);
    if (!err_ok(*error))
        return 0;
    const struct handle_send send[2] = {{c.process.h, RIGHTS_ALL, SEND_MOVE, 0},
                                        {c.thread.h, RIGHTS_ALL, SEND_MOVE, 0}};
    struct answer a = ask_with(PROC_FORK, word, send, 2);
    *error = a.error;
    if (err_ok(a.error))
        return (uint32_t)a.word[0];
    sys_handle_close(ANY(c.process)); /* should they still be here */
    sys_handle_close(ANY(c.thread));
    return 0;
}

uint32_t fork_child(uint64_t (*run)(void)) {
    err_t e;
    return fork_with(run, 0, &e);
}

/* ---- tests ---- */

bool family_start(struct session_cap first) {
    struct memory_cap memory;
    uint64_t at;
    self = first;
    err_t e = room_allocate(program_pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE | MAP_PRESENT,
                            &memory, &at);
    if (err_ok(e))
        shared = (struct shared *)at;
    else
        printf("# no shared page: %u\n", e.code);
    return err_ok(e) && CHECK(err_ok(ask(PROC_CHILDREN, 0, 0, 0, 0).error));
}

bool check_at(bool good, const char *file, uint32_t line) {
    uint32_t none = 0;
    if (!good && __atomic_compare_exchange_n(&shared->failed_line, &none, line, 0, __ATOMIC_SEQ_CST,
                                             __ATOMIC_SEQ_CST))
        strncpy(shared->failed_file, file, sizeof shared->failed_file - 1);
    return good;
}

void run_test(const char *name, uint64_t (*test)(void)) {
    memset(shared, 0, sizeof *shared);
    err_t e;
    uint32_t number = fork_with(test, 0, &e);
    struct answer a = {.error = e, .word = {0}};
    while (err_ok(a.error) && a.word[0] != number) /* orphans are told of as well */
        a = wait_for(PROC_ANY, 0, PROC_WAIT_ENDED);
    bool good =
        err_ok(a.error) && a.word[1] == PROC_EXITED && a.word[2] == 0 && !shared->failed_line;
    if (shared->failed_line)
        printf("# failed: %s:%u\n", shared->failed_file, shared->failed_line);
    if (!good)
        printf("# %u: error %u, how %lu, code %lu\n", number, a.error.code, a.word[1], a.word[2]);
    printf("%s - processes.%s\n", good ? "ok" : "not ok", name);
    tests_run++;
    /* Orphans that the test left. */
    while (err_ok(wait_for(PROC_ANY, 0, PROC_WAIT_ENDED).error))
        ;
}

void pause_until(const uint32_t *word) {
    while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
        sys_futex_wait(word, 0, DEADLINE_NONE, FUTEX_SHARED | FUTEX_ALL);
}

void post(uint32_t *word) {
    uint64_t woken;
    __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    sys_futex_wake(word, 64, FUTEX_SHARED | FUTEX_ALL, &woken);
}

bool thread_waits(struct thread_cap thread) {
    struct thread_info info;
    return err_ok(sys_thread_info(thread, &info)) && info.state == THREAD_WAITING;
}

uint64_t pool_used(struct pool_cap pool) {
    struct pool_info info = {.used = 0};
    sys_pool_info(pool, &info);
    return info.used;
}
