/* SPDX-License-Identifier: MIT */
/*
 * What calls of a program of Linux cost, in ticks of the time stamp counter: instructions, where
 * the emulator counts them. The fewest of some batches, so that what happens once does not count.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCHES 5
#define ROUNDS  1000

static uint64_t ticks(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static long call(long number) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
    return result;
}

static void cost(const char *name, long number) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < BATCHES; i++) {
        uint64_t begun = ticks();
        for (int n = 0; n < ROUNDS; n++)
            call(number);
        uint64_t took = (ticks() - begun) / ROUNDS;
        least = took < least ? took : least;
    }
    printf("%s: %lu ticks\n", name, least);
}

int main(void) {
    cost("getpid", SYS_getpid);
    cost("getppid", SYS_getppid);
    cost("a call that is not there", SYS_rseq);
    return 0;
}
