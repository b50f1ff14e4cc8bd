/* SPDX-License-Identifier: MIT */
/* Runs operations, singly and in batches, and prints what they took; see the header. */
#include "tests/bench/measure/measure.h"

/* In wall time many short batches are measured and the shortest counts: the host is seldom idle.
 * Where processors wait for each other they must be shorter yet. */
#define WALL_BATCHES 33u
#define WALL_BATCH   100u /* with several processors */

/* The two instructions that tests/bench/plugin looks for; they do nothing. */
#define PROFILE_START() __asm__ volatile("xchgw %%bx, %%bx" ::: "memory")
#define PROFILE_STOP()  __asm__ volatile("xchgw %%cx, %%cx" ::: "memory")

static uint64_t sample[SINGLES];
static bool wall, profile;

struct result {
    uint64_t median, min, mean;
    unsigned count; /* operations that the counters are about */
    struct counters counters;
};

static bool text_is(const char *value, const char *wanted) {
    while (*wanted && *value == *wanted)
        value++, wanted++;
    return !*wanted && (!*value || *value == ' ');
}

static bool mode_is(const char *wanted) {
    const char *mode = platform_option("bench=");
    return mode && text_is(mode, wanted);
}

static void sort(uint64_t *v, unsigned n) {
    for (unsigned gap = n / 2; gap; gap /= 2)
        for (unsigned i = gap; i < n; i++) {
            uint64_t x = v[i];
            unsigned j = i;
            for (; j >= gap && v[j - gap] > x; j -= gap)
                v[j] = v[j - gap];
            v[j] = x;
        }
}

static uint64_t middle(const uint64_t *sorted, unsigned n) {
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static void prepare(const struct operation *o, unsigned count) {
    if (o->before)
        o->before(count);
}

static void clean(const struct operation *o, unsigned count) {
    if (o->after)
        o->after(count);
}

/* Runs the measured part; the counters grow by what it caused. */
static uint64_t timed(const struct operation *o, unsigned count, struct counters *sum) {
    struct counters from, to;
    platform_counters(&from);
    uint64_t start = ticks();
    o->run(count);
    uint64_t end = ticks();
    platform_counters(&to);
    sum->switches += to.switches - from.switches;
    sum->flushes += to.flushes - from.flushes;
    sum->ipis += to.ipis - from.ipis;
    sum->interrupts += to.interrupts - from.interrupts;
    return end - start;
}

static void evaluate(unsigned n, uint64_t empty, struct result *r) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < n; i++) {
        sample[i] = sample[i] > empty ? sample[i] - empty : 0;
        sum += sample[i];
    }
    sort(sample, n);
    r->median = middle(sample, n);
    r->min = sample[0];
    r->mean = sum / n;
}

/* All with one preparation, and nothing but reads of the clock between them. */
static void measure_singly(const struct operation *o, uint64_t empty, struct result *r) {
    prepare(o, SINGLES);
    for (unsigned i = 0; i < SINGLES; i++) {
        uint64_t start = ticks();
        o->run(1);
        sample[i] = ticks() - start;
    }
    clean(o, SINGLES);
    evaluate(SINGLES, empty, r);
}

static void measure_each(const struct operation *o, uint64_t empty, struct result *r) {
    unsigned n = o->singles ? o->singles : SINGLES;
    for (unsigned i = 0; i < n; i++) {
        prepare(o, 1);
        sample[i] = timed(o, 1, &r->counters);
        clean(o, 1);
    }
    evaluate(n, empty, r);
    r->count = n;
}

static void measure_batches(const struct operation *o, struct result *r) {
    unsigned count = wall && o->cpus ? WALL_BATCH : BATCH;
    unsigned batches = wall ? WALL_BATCHES : BATCHES;
    for (unsigned i = 0; i < batches; i++) {
        if (i == 1)
            r->counters = (struct counters){0};
        prepare(o, count);
        sample[i] = timed(o, count, &r->counters);
        clean(o, count);
    }
    sort(sample + 1, batches - 1);
    r->mean = middle(sample + 1, batches - 1) / count;
    if (wall)
        r->min = sample[1] / count;
    r->count = count * (batches - 1);
}

static void empty_run(unsigned count) {
    while (count--)
        __asm__ volatile("");
}

/* What measuring costs by itself. */
static uint64_t empty_cost(void) {
    static const struct operation empty = {.run = empty_run, .each = true};
    struct result r = {0};
    measure_each(&empty, 0, &r);
    return r.median;
}

/* Between two marks, so that the profiler sees nothing else; once before them to warm up. */
static void run_profiled(const struct operation *o) {
    unsigned count = o->each ? 1 : BATCH;
    for (unsigned i = 0; i < 2; i++) {
        prepare(o, count);
        if (i)
            PROFILE_START();
        o->run(count);
        if (i)
            PROFILE_STOP();
        clean(o, count);
    }
    platform_print("bench profiled %s %u\n", o->name, count);
}

static void print_result(const char *name, const struct result *r) {
    platform_print("bench %s median %lu min %lu mean %lu count %u switches %lu flushes %lu ipis "
                   "%lu interrupts %lu\n",
                   name, (unsigned long)r->median, (unsigned long)r->min, (unsigned long)r->mean,
                   r->count, (unsigned long)r->counters.switches,
                   (unsigned long)r->counters.flushes, (unsigned long)r->counters.ipis,
                   (unsigned long)r->counters.interrupts);
}

void measure(const struct operation *o) {
    struct result r = {0};
    wall = mode_is("wall");
    profile = mode_is("profile");
    uint64_t empty = empty_cost();
    if (o->begin)
        o->begin();
    if (profile) {
        run_profiled(o);
    } else if (o->each) {
        measure_each(o, empty, &r);
    } else {
        if (!wall)
            measure_singly(o, empty, &r);
        measure_batches(o, &r);
    }
    if (o->end)
        o->end();
    if (!profile)
        print_result(o->name, &r);
}

static bool chosen(const char *name, unsigned cpus) {
    const char *only = platform_option("only=");
    return platform_cpus() == (cpus ? cpus : 1) && (!only || text_is(only, name));
}

/* A profile of the boot ends at the mark. */
void measure_boot(const char *name, uint64_t time) {
    struct result r = {.median = time, .min = time, .mean = time, .count = 1};
    PROFILE_START();
    PROFILE_STOP();
    if (!chosen(name, 1))
        return;
    if (mode_is("profile"))
        platform_print("bench profiled %s 1\n", name);
    else
        print_result(name, &r);
}

void measure_all(const struct operation *table, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        if (chosen(table[i].name, table[i].cpus))
            measure(&table[i]);
}
