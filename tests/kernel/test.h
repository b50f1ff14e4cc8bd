/* SPDX-License-Identifier: MIT */
/*
 * What a test file needs. A test is a function that runs in a process of its own: a clone of the
 * test program whose memory and objects all come from `pool`, so that ending it and destroying the
 * pool puts everything back. It fails by an expectation that does not hold, by a fault, or by not
 * ending. Static variables are the test's own and as at the start of the program.
 */
#pragma once
#include <stdbool.h>

#include "abi/boot.h"
#include "abi/err.h"
#include "abi/memory.h"
#include "abi/test.h"
#include "abi/upcall.h"
#include "lib/sys/mem.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

struct test {
    const char *name; /* FILE.WHAT */
    void (*run)(void);
    unsigned seconds; /* that it may take; 0: SECONDS_USUAL */
    uint64_t limit;   /* bytes of its pool; 0: LIMIT_USUAL */
};

/* TEST("file.what", function), with .seconds and .limit behind it where they differ. */
#define TEST(label, function, ...)                                                                 \
    { .name = (label), .run = (function), __VA_ARGS__ }

#define SECONDS_USUAL 60u /* guest time; emulators on busy machines are slow */
#define LIMIT_USUAL   (8ull << 20)
#define PRIORITY      128u /* of a test's own thread */

/* The pool that pays for the running test. */
extern struct pool_cap pool;
extern uint64_t test_seed, test_count;

/*
 * Expectations. Each records what is wrong and where, and returns from the function.
 */
bool test_failed(void); /* so far */
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void test_fail_error(const char *file, int line, const char *what, err_t got, err_t wanted);

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            test_fail(__FILE__, __LINE__, "%s", #condition);                                       \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define expect_equal(value, wanted)                                                                \
    do {                                                                                           \
        uint64_t got_ = (uint64_t)(value), wanted_ = (uint64_t)(wanted);                           \
        if (got_ != wanted_) {                                                                     \
            test_fail(__FILE__, __LINE__, "%s is %lx, not %lx", #value, got_, wanted_);            \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define expect_error(call, name)                                                                   \
    do {                                                                                           \
        err_t got_ = (call);                                                                       \
        if (got_.code != ERR_##name) {                                                             \
            test_fail_error(__FILE__, __LINE__, #call, got_, (err_t){.code = ERR_##name});         \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* The same, and which argument was refused. */
#define expect_error_in(call, name, n)                                                             \
    do {                                                                                           \
        err_t got_ = (call);                                                                       \
        if (got_.code != ERR_##name || got_.argument != (n)) {                                     \
            test_fail_error(__FILE__, __LINE__, #call, got_,                                       \
                            (err_t){.code = ERR_##name, .argument = (n)});                         \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define expect_ok(call) expect_error(call, OK)
/* For a function that has checked by itself. */
#define expect_passed(call)                                                                        \
    do {                                                                                           \
        call;                                                                                      \
        if (test_failed())                                                                         \
            return;                                                                                \
    } while (0)

/* A deadline that many milliseconds from now. */
static inline uint64_t in_ms(uint64_t ms) {
    return clock_nanoseconds() + ms * 1000000;
}
#define PATIENCE_MS 30000u /* for what comes at once unless something is wrong */

/* Bytes that the pool has paid for; ~0 if it will not tell. */
uint64_t pool_used(struct pool_cap p);
uint64_t handle_count(struct process_cap p);
uint64_t random_next(void);

/* Calls of test kernels, abi/test.h; see have_test_calls. */
bool have_test_calls(void);
uint64_t fail_nth(struct pool_cap p, uint64_t n);
uint64_t invariants_broken(bool with_frames);
void fast_path(bool on);
