/* SPDX-License-Identifier: MIT */
/* RDSEED, or RDRAND: Intel SDM volume 1, 7.3.17; which there is: volume 2, CPUID. */
#include "lib/bare/entropy.h"

#include <cpuid.h>
#include <stdbool.h>

#define HAS_RDRAND (1u << 30) /* leaf 1, ECX */
#define HAS_RDSEED (1u << 18) /* leaf 7, EBX */
#define TRIES      10u        /* Intel DRNG Software Implementation Guide, 5.2.1 */

static bool rdrand(uint64_t *out) {
    bool ok;
    __asm__ volatile("rdrand %0" : "=r"(*out), "=@ccc"(ok));
    return ok;
}

static bool rdseed(uint64_t *out) {
    bool ok;
    __asm__ volatile("rdseed %0" : "=r"(*out), "=@ccc"(ok));
    return ok;
}

static bool has_rdrand(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & HAS_RDRAND;
}

static bool has_rdseed(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & HAS_RDSEED;
}

static bool try_often(bool (*instruction)(uint64_t *), uint64_t *out) {
    for (unsigned i = 0; i < TRIES; i++) {
        if (instruction(out))
            return true;
        __builtin_ia32_pause();
    }
    return false;
}

/* RDSEED runs dry where many ask; then RDRAND has some all the same. */
unsigned entropy_take(uint64_t word[ENTROPY_WORDS]) {
    bool seed = has_rdseed(), any = has_rdrand();
    unsigned count = 0;
    while (count < ENTROPY_WORDS &&
           ((seed && try_often(rdseed, &word[count])) || (any && try_often(rdrand, &word[count]))))
        count++;
    return count;
}

uint64_t entropy_counter(void) {
    return __builtin_ia32_rdtsc();
}
