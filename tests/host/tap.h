/* SPDX-License-Identifier: MIT */
/*
 * What host tests print: TAP. A check that fails says where and counts against the test that
 * tap_test reports; a test program ends with tap_done, whose result is its exit status.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static unsigned tap_tests, tap_failures, tap_bad;

#define check(x)                                                                                   \
    do {                                                                                           \
        if (!(x) && tap_bad++ < 10)                                                                \
            printf("# %s:%d: failed: %s\n", __FILE__, __LINE__, #x);                               \
    } while (0)

/* Reports the checks since the last report as one test. */
static inline void tap_test(const char *name) {
    printf("%sok %u - %s\n", tap_bad ? "not " : "", ++tap_tests, name);
    tap_failures += tap_bad != 0;
    tap_bad = 0;
}

static inline int tap_done(void) {
    printf("1..%u\n", tap_tests);
    return tap_failures != 0;
}

/* A repeatable stream of numbers: splitmix64. */
static inline uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline uint64_t random_below(uint64_t *state, uint64_t n) {
    return random_next(state) % n;
}
