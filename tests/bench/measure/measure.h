/* SPDX-License-Identifier: MIT */
/*
 * Operations to measure and how they are measured; the same on both systems. The clock is the time
 * stamp counter, which advances by one per executed guest instruction when the emulator counts
 * instructions, and else (`bench=wall`) is the host's, the same for every guest.
 *
 * Each operation is measured twice: SINGLES times alone, less what the same does to an empty
 * operation, which gives a median and a minimum; and in batches of BATCH between two reads of the
 * clock, which gives a mean with all that happens only now and then. The first of the BATCHES warms
 * up and is not counted, the median of the others is. Operations that need something new each time
 * (`each`) are only measured singly.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct operation {
    const char *name;
    void (*run)(unsigned count);    /* the measured part: does it `count` times */
    void (*before)(unsigned count); /* not measured: prepares `count` of them; may be NULL, like */
    void (*after)(unsigned count);  /* the ones below */
    void (*begin)(void);            /* once */
    void (*end)(void);
    bool each;        /* `before` and `after` go with every single operation */
    unsigned singles; /* how many are measured singly, if not SINGLES; 0: SINGLES */
    unsigned cpus;    /* measured on machines with this many processors; 0: with one */
};

#define SINGLES 2000u
#define BATCH   1000u
#define BATCHES 5u

/* What the system counted by itself; zero where it does not. Sums over all processors. */
struct counters {
    uint64_t switches;   /* of address spaces */
    uint64_t flushes;    /* of address translations, each processor's */
    uint64_t ipis;       /* interrupts from one processor to another */
    uint64_t interrupts; /* from devices, timers and processors */
};

/*
 * Measures one operation and prints
 *     bench NAME median M min M mean M count C switches S flushes F ipis I interrupts X
 * where the counters are sums over C operations; the mean is that of the singles with `each`.
 */
void measure(const struct operation *o);
/* Called first of all: the operation `name` is the boot until then, if it is asked for. */
void measure_boot(const char *name, uint64_t time);
/* Measures the operations of a table that the command line and the machine ask for. */
void measure_all(const struct operation *table, unsigned n);

/* ---- what measuring needs of a system ---- */

static inline uint64_t ticks(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

void platform_counters(struct counters *c);
void platform_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void platform_fail(const char *what);
unsigned platform_cpus(void);
/* The value of the option `name=value`, ended by a blank or the text's end; or NULL. */
const char *platform_option(const char *name);
