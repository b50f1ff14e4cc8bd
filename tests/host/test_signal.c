/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/obj/signal.c kernel/obj/timer.c kernel/obj/futex.c kernel/lib/tree.c */
/*
 * Signals against a naive model over random raises, waits and time-outs; alarms and timers with a
 * fake clock: order, lateness, and the bound on their number per time.
 */
#include <stdlib.h>

#include "waits.h"

static struct slot slots[2], pool_slot = {.object = &pool.object};
static uint64_t seed = 1;

static struct signal *signal_make(void) {
    struct call_args c = {.slot = {&pool_slot}};
    check(err_ok(invoke(signal_create, threads, &c, 0)));
    return (struct signal *)c.r[0];
}

static struct timer *timer_make(struct signal *s, uint64_t bits) {
    struct slot slot = {.object = &s->object, .badge = 0xff};
    struct call_args c = {.slot = {&pool_slot, &slot}};
    check(err_ok(invoke(timer_create, threads, &c, 0, 0, bits)));
    return (struct timer *)c.r[0];
}

static err_t timer_start(struct timer *timer, nanos_t when, nanos_t period) {
    struct slot slot = {.object = &timer->object};
    struct call_args c = {.slot = {&slot}};
    return invoke(timer_set, threads, &c, 0, when, period);
}

static err_t wait_for(struct signal *s, unsigned thread, uint64_t mask, nanos_t deadline,
                      uint64_t *bits) {
    struct slot slot = {.object = &s->object};
    struct call_args c = {.slot = {&slot}};
    err_t e = invoke(signal_wait, &threads[thread], &c, 0, mask, deadline);
    *bits = c.r[0];
    return e;
}

/* The model: bits, and waiters in order of arrival. */
static uint64_t model_bits, model_mask[THREADS];
static unsigned model_queue[THREADS], model_waiting;

static void model_remove(unsigned i) {
    memmove(&model_queue[i], &model_queue[i + 1], (--model_waiting - i) * sizeof(model_queue[0]));
}

static void model_raise(uint64_t bits) {
    model_bits |= bits;
    for (unsigned i = 0; i < model_waiting;) {
        unsigned t = model_queue[i];
        uint64_t taken = model_bits & model_mask[t];
        if (!taken) {
            i++;
            continue;
        }
        model_bits &= ~taken;
        model_remove(i);
        check(threads[t].state == STATE_READY && err_ok(ended[t]) && threads[t].regs.a[0] == taken);
    }
}

static void random_wait(struct signal *s, unsigned thread) {
    uint64_t mask = 1ull << random_below(&seed, 64) | 1ull << random_below(&seed, 64), bits;
    err_t e = wait_for(s, thread, mask, NANOS_NEVER, &bits);

    if (model_bits & mask) {
        check(err_ok(e) && bits == (model_bits & mask));
        model_bits &= ~mask;
    } else if (model_waiting == SIGNAL_WAITERS) {
        check(err_is(e, ERR_LIMIT));
    } else {
        check(is_blocked(e));
        model_mask[thread] = mask;
        model_queue[model_waiting++] = thread;
    }
}

static void test_random(void) {
    struct signal *s = signal_make();
    slots[0] = (struct slot){.object = &s->object, .badge = ~(1ull << 5)};

    for (unsigned i = 0; i < 200000; i++) {
        unsigned thread = (unsigned)random_below(&seed, THREADS);
        struct call_args c = {.slot = {&slots[0]}};
        uint64_t bits =
            1ull << random_below(&seed, 64) | (random_next(&seed) & 1 ? 0 : random_next(&seed));
        if (threads[thread].state == STATE_WAITING) {
            if (random_below(&seed, 3))
                continue;
            check(err_ok(invoke(signal_raise, threads, &c, 0, bits)));
            model_raise(bits & ~(1ull << 5)); /* the handle's badge forbids that bit */
        } else {
            random_wait(s, thread);
        }
        check(s->bits == model_bits);
    }
    tap_test("random raises and waits agree with a naive model");
    signal_destroy(&s->object);
    for (unsigned i = 0; i < model_waiting; i++)
        check(err_is(ended[model_queue[i]], ERR_REVOKED));
    free(s);
    tap_test("destruction ends waits with REVOKED");
}

static void test_bound(void) {
    struct signal *s = signal_make();
    struct endpoint e = {.signal = s};
    uint64_t bits;

    s->endpoint = &e;
    check(err_is(wait_for(s, 0, 1, NANOS_NEVER, &bits), ERR_BUSY));
    signal_raise(s, 4);
    check(signalled == 1 && s->bits == 4);
    signal_destroy(&s->object);
    check(!e.signal);
    free(s);
    tap_test("a bound signal is told at its endpoint");
}

static void advance(nanos_t to) {
    while (timer_at <= to) {
        host_ticks = timer_at > host_ticks ? timer_at : host_ticks;
        timer_at = NANOS_NEVER;
        alarms_run();
    }
    host_ticks = to;
}

static void test_deadlines(void) {
    struct signal *s = signal_make();
    uint64_t bits;
    err_t e;

    timer_at = NANOS_NEVER;
    check(err_is(wait_for(s, 0, 1, 0, &bits), ERR_TIMED_OUT));
    for (unsigned i = 0; i < 60; i++) {
        e = wait_for(s, i, 1, host_ticks + 1000000 * (60 - i), &bits);
        check(is_blocked(e));
    }
    signal_raise(s, 1); /* the first to come has the last deadline */
    check(err_ok(ended[0]) && !threads[0].alarm.linked);
    for (unsigned i = 59; i > 0; i--) {
        advance(host_ticks + 999999);
        check(threads[i].state == STATE_WAITING);
        advance(host_ticks + 1);
        check(threads[i].state == STATE_READY && err_is(ended[i], ERR_TIMED_OUT));
    }
    check(list_empty(&s->waiters) && !cpus[0].alarms.root);
    threads[1].state = STATE_CALLING;
    alarm_set(&threads[1], host_ticks + 5);
    advance(host_ticks + 100000);
    check(err_is(ended[1], ERR_TIMED_OUT));
    free(s);
    tap_test("deadlines end waits and calls in time");
}

static void test_periods(void) {
    struct signal *s = signal_make();
    struct timer *timer = timer_make(s, 0x103);
    nanos_t begin = host_ticks, period = 1000000;

    check(timer->binding.bits == 3); /* narrowed by the badge */
    check(err_is(timer_start(timer, 0, 5), ERR_BAD_ARGUMENT));
    check(err_ok(timer_start(timer, begin + period, period)));
    for (unsigned i = 1; i <= 100; i++) {
        advance(begin + i * period - 1);
        check(s->bits == 0);
        advance(begin + i * period);
        check(s->bits == 3);
        s->bits = 0;
    }
    host_ticks += 1000 * period + 17; /* the interrupt comes late */
    timer_at = NANOS_NEVER;
    alarms_run();
    check(s->bits == 3 && timer->alarm.key == begin + 1101 * period);
    s->bits = 0;
    alarms_run();
    check(s->bits == 0);
    tap_test("a periodic timer keeps its phase and skips what it missed");
    check(err_ok(timer_start(timer, host_ticks + 10, NANOS_NEVER - 5)));
    advance(host_ticks + 100000);
    check(s->bits == 3 && !timer->alarm.linked);
    check(err_ok(timer_start(timer, host_ticks + 10, 0)));
    check(err_ok(timer_start(timer, 0, 0)) && !timer->alarm.linked);
    check(err_ok(timer_start(timer, host_ticks + 10, 0)));
    timer_destroy(&timer->object);
    check(!cpus[0].alarms.root && !s->bindings);
    free(timer);
    free(s);
    tap_test("a period beyond the end of time fires once; timers can be cancelled and destroyed");
}

/* However many timers of the shortest period: interrupts keep a distance and do little each. */
static void test_flood(void) {
    struct signal *s = signal_make();
    struct timer *timers[200];
    unsigned runs = 0;
    nanos_t end = host_ticks + 10000000, last = 0;

    for (unsigned i = 0; i < 200; i++) {
        timers[i] = timer_make(s, 1);
        check(err_ok(timer_start(timers[i], host_ticks + 1 + i, 1)));
    }
    while (timer_at <= end) {
        host_ticks = timer_at > host_ticks ? timer_at : host_ticks;
        check(!last || host_ticks - last >= 50000);
        last = host_ticks;
        timer_at = NANOS_NEVER;
        alarms_run();
        runs++;
    }
    check(runs <= 10000000 / 50000 + 2);
    for (unsigned i = 0; i < 200; i++) {
        host_cpu = &cpus[i % 8]; /* from any CPU */
        timer_destroy(&timers[i]->object);
        free(timers[i]);
    }
    host_cpu = cpus;
    check(!cpus[0].alarms.root);
    free(s);
    tap_test("timers cannot fill the processor");
}

static void test_programming(void) {
    unsigned sets;

    timer_at = NANOS_NEVER;
    alarms_run();
    alarms_program(host_ticks + 1000);
    sets = timer_sets;
    for (unsigned i = 0; i < 100; i++)
        alarms_program(host_ticks + 1000 + i);
    check(timer_sets == sets);
    alarms_program(host_ticks + 500);
    check(timer_at == host_ticks + 500);
    host_ticks += 500;
    timer_at = NANOS_NEVER;
    alarms_run();
    check(timer_at == NANOS_NEVER);
    tap_test("the hardware is set only for something earlier, and not at all when idle");
}

int main(void) {
    waits_init();
    test_random();
    test_bound();
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].state = STATE_READY;
    test_deadlines();
    test_periods();
    test_flood();
    test_programming();
    return tap_done();
}
