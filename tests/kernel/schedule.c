/* SPDX-License-Identifier: MIT */
/* Who runs: priorities, donation through calls, accounts, processors, yield, preemption. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define CPU_MASK(n) (1ull << (n))

static uint64_t effective(struct thread_cap t) {
    struct thread_info info;
    return err_ok(sys_thread_info(t, &info)) ? info.effective_priority : 0;
}

static err_t schedule(struct thread_cap t, unsigned priority, uint64_t cpus) {
    return sys_thread_schedule(t, priority, cpus);
}

static void arguments(void) {
    struct worker w;
    struct thread_info info;
    expect(worker_make(&w, 7, NULL, NULL));
    expect_error_in(schedule(w.thread, 256, 1), BAD_ARGUMENT, 2);
    expect_error_in(schedule(w.thread, 1, 0), BAD_ARGUMENT, 3);
    expect_error_in(schedule(w.thread, 1, 1ull << 63), BAD_ARGUMENT, 3);
    expect_ok(schedule(w.thread, 9, ~0ull));
    expect_ok(sys_thread_info(w.thread, &info));
    expect(info.priority == 9 && info.affinity == (1ull << boot_page->cpu_count) - 1);
}

/* A process sets no priority above what it was left with, whoever has the thread, and hands on no
 * more. */
static struct child bounded;
static struct thread_cap of_parent;

static void set_as_child(void *argument) {
    struct worker w;
    struct process_cap made, copy;
    struct thread_cap t;
    (void)argument;
    expect(worker_make(&w, 90, NULL, NULL));
    expect_error_in(sys_thread_create(SELF_PROCESS, 0x100000, 91, &t), BAD_ARGUMENT, 3);
    expect_error_in(schedule(w.thread, 91, ~0ull), BAD_ARGUMENT, 2);
    expect_error_in(schedule(SELF_THREAD, PRIORITY, ~0ull), BAD_ARGUMENT, 2);
    expect_error_in(schedule(of_parent, 91, ~0ull), BAD_ARGUMENT, 2);
    expect_ok(schedule(of_parent, 90, ~0ull));
    expect_ok(sys_process_create(pool, &made));
    expect_error_in(sys_thread_create(made, 0x100000, 91, &t), BAD_ARGUMENT, 3);
    struct syscall_filter wide;
    memset(&wide, 0xff, sizeof wide);
    expect_ok(sys_process_filter(SELF_PROCESS, &wide)); /* gives nothing back */
    expect_error_in(schedule(w.thread, 91, ~0ull), BAD_ARGUMENT, 2);
    expect_ok(sys_process_clone(SELF_PROCESS, pool, &copy));
    expect_error_in(sys_thread_create(copy, 0x100000, 91, &t), BAD_ARGUMENT, 3);
}

static void ceiling(void) {
    struct worker w;
    struct syscall_filter f;
    memset(&f, 0xff, sizeof f);
    f.priority = 90;
    expect(worker_make(&w, PRIORITY, NULL, NULL));
    of_parent = w.thread;
    expect(child_make(&bounded, pool, set_as_child, NULL));
    expect_ok(sys_process_filter(bounded.process, &f));
    expect_ok(schedule(bounded.thread, PRIORITY + 1, ~0ull)); /* we may */
    expect(child_go(&bounded) && child_join(&bounded));
    expect_ok(schedule(SELF_THREAD, 255, ~0ull));
}

/* A server thread runs at the priority of its highest caller, while it holds the call. */
static struct endpoint_cap e;
static struct session_cap s;

static void donated(void) {
    struct caller c[2];
    struct message m[2] = {0};
    expect(connect(&e, &s, 1));
    expect(caller_make(&c[0], s, 0) && caller_make(&c[1], s, 0));
    expect_ok(schedule(c[0].worker.thread, PRIORITY + 10, ~0ull));
    expect_ok(schedule(c[1].worker.thread, PRIORITY + 20, ~0ull));
    expect(caller_go(&c[0]));
    expect_equal(effective(SELF_THREAD), PRIORITY); /* not yet received */
    expect_ok(receive_call(e, &m[0]));
    expect_equal(effective(SELF_THREAD), PRIORITY + 10);
    expect(caller_go(&c[1]));
    expect_ok(receive_call(e, &m[1]));
    expect_equal(effective(SELF_THREAD), PRIORITY + 20);
    expect_ok(schedule(c[0].worker.thread, PRIORITY + 40, ~0ull)); /* while it waits */
    expect_equal(effective(SELF_THREAD), PRIORITY + 40);
    expect_ok(schedule(c[0].worker.thread, PRIORITY - 40, ~0ull));
    expect_equal(effective(SELF_THREAD), PRIORITY + 20);
    expect_ok(sys_park(m[1].reply, e, 0));
    expect_equal(effective(SELF_THREAD), PRIORITY);
    expect_ok(answer(m[0].reply, 0, 0));
    expect_ok(answer(m[1].reply, 0, 0));
    expect(caller_ends(&c[0], ERR_OK) && caller_ends(&c[1], ERR_OK));
    expect_equal(effective(SELF_THREAD), PRIORITY);
}

/* After a forward the forwarder is on its own; the next server has the priority. */
static struct endpoint_cap behind;
static struct session_cap to_behind;
static struct worker second;
static volatile uint32_t second_step;

static void second_server(void *argument) {
    struct message m = {0};
    (void)argument;
    expect_ok(receive_call(behind, &m));
    second_step = 1;
    expect(eventually(&second_step, 2));
    expect_ok(answer(m.reply, 0, 0));
    second_step = 3;
    expect(eventually(&second_step, 4));
}

static void donated_on(void) {
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 1) && connect(&behind, &to_behind, 2));
    expect(worker_start(&second, PRIORITY - 1, second_server, NULL) && settled(second.thread));
    expect(caller_make(&c, s, 0));
    expect_ok(schedule(c.worker.thread, PRIORITY + 10, ~0ull));
    expect(caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect_equal(effective(SELF_THREAD), PRIORITY + 10);
    m.op = 0;
    expect_ok(reply_forward(m.reply, to_behind, &m));
    expect_equal(effective(SELF_THREAD), PRIORITY);
    expect(eventually(&second_step, 1));
    expect_equal(effective(second.thread), PRIORITY + 10);
    second_step = 2;
    expect(caller_ends(&c, ERR_OK));
    expect(eventually(&second_step, 3));
    expect_equal(effective(second.thread), PRIORITY - 1);
    second_step = 4;
    expect(worker_join(&second));
}

/* Through a chain of servers that call each other. */
static struct chain {
    struct worker worker;
    struct endpoint_cap in;
    struct session_cap to, next;
} chain[4];

static void chain_main(void *argument) {
    struct chain *link = argument;
    struct message m = {0};
    expect_ok(receive_call(link->in, &m));
    if (link->next.h)
        expect_ok(call(link->next, 0));
    expect_ok(answer(m.reply, 0, 0));
}

static void donated_along(void) {
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 1));
    for (unsigned i = 4; i-- > 0;) {
        expect(connect(&chain[i].in, &chain[i].to, 1));
        chain[i].next = i == 3 ? s : chain[i + 1].to;
    }
    for (unsigned i = 0; i < 4; i++) {
        expect(worker_start(&chain[i].worker, PRIORITY - 20 + i, chain_main, &chain[i]));
        expect(settled(chain[i].worker.thread));
    }
    expect(caller_make(&c, chain[0].to, 0) && caller_go(&c));
    expect_ok(receive_call(e, &m));
    expect_equal(effective(chain[3].worker.thread), PRIORITY);
    expect_ok(schedule(c.worker.thread, PRIORITY + 5, ~0ull));
    for (unsigned i = 0; i < 4; i++)
        expect_equal(effective(chain[i].worker.thread), PRIORITY + 5);
    expect_equal(effective(SELF_THREAD), PRIORITY + 5);
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    for (unsigned i = 0; i < 4; i++)
        expect(worker_join(&chain[i].worker));
}

/* On one processor: the higher one runs as soon as it can, the lower only when it cannot. */
static volatile uint32_t stop_all;

static void count(void *argument) {
    volatile uint64_t *counter = argument;
    while (!stop_all)
        ++*counter;
}

static void higher_first(void) {
    static volatile uint64_t low, high;
    struct worker l, h;
    expect(worker_make(&l, PRIORITY - 10, count, (void *)&low));
    expect(worker_make(&h, PRIORITY - 5, count, (void *)&high));
    expect_ok(schedule(l.thread, PRIORITY - 10, CPU_MASK(0)));
    expect_ok(schedule(h.thread, PRIORITY - 5, CPU_MASK(0)));
    expect_ok(schedule(SELF_THREAD, PRIORITY, CPU_MASK(0)));
    expect(worker_go(&l) && worker_go(&h));
    expect(low == 0 && high == 0); /* we run */
    uint32_t never = 0;
    sys_futex_wait(&never, 0, in_ms(20), FUTEX_ALL);
    expect(high > 0 && low == 0);
    expect_ok(schedule(h.thread, PRIORITY - 20, CPU_MASK(0)));
    uint64_t before = high;
    sys_futex_wait(&never, 0, in_ms(20), FUTEX_ALL);
    expect(low > 0 && high == before);
    expect_ok(sys_thread_suspend(l.thread));
    before = low;
    sys_futex_wait(&never, 0, in_ms(20), FUTEX_ALL);
    expect(high > 0 && low == before);
    expect_ok(sys_thread_resume(l.thread));
    stop_all = 1;
    expect(worker_join(&l) && worker_join(&h));
}

/* Equal ones share a processor, also if they never give it up. */
static void time_shared(void) {
    static volatile uint64_t counter[3];
    struct worker w[3];
    uint32_t never = 0;
    for (unsigned i = 0; i < 3; i++) {
        expect(worker_make(&w[i], PRIORITY - 1, count, (void *)&counter[i]));
        expect_ok(schedule(w[i].thread, PRIORITY - 1, CPU_MASK(0)));
        expect(worker_go(&w[i]));
    }
    sys_futex_wait(&never, 0, in_ms(120), FUTEX_ALL);
    stop_all = 1;
    struct thread_info info[3];
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_thread_info(w[i].thread, &info[i]));
        expect(worker_join(&w[i]));
    }
    for (unsigned i = 0; i < 3; i++)
        expect(counter[i] && info[i].cpu_time * 5 > info[(i + 1) % 3].cpu_time);
}

static void spin(void *argument) {
    (void)argument;
    for (;;)
        ;
}

/* One that never gives way is counted while it runs: seen by itself, and from another processor. */
static void counted_for(struct thread_cap t, struct process_cap p, struct pool_cap of,
                        uint64_t time[3]) {
    struct thread_info thread;
    struct process_info process;
    struct pool_info pays;
    expect_ok(sys_thread_info(t, &thread));
    expect_ok(sys_process_info(p, &process));
    expect_ok(sys_pool_info(of, &pays));
    time[0] = thread.cpu_time, time[1] = process.cpu_time, time[2] = pays.cpu_time;
}

static void counts_up(struct thread_cap t, struct process_cap p, struct pool_cap of) {
    for (unsigned i = 0; i < 10; i++) {
        uint64_t before[3], after[3];
        counted_for(t, p, of, before);
        for (volatile unsigned spun = 0; spun < 1000; spun++)
            ;
        counted_for(t, p, of, after);
        for (unsigned j = 0; j < 3; j++)
            expect(after[j] > before[j]);
    }
}

static void counted_at_once(void) {
    struct pool_cap own;
    struct child c;
    struct thread_info info;
    counts_up(SELF_THREAD, SELF_PROCESS, pool);
    if (boot_page->cpu_count < 2)
        return;
    expect_ok(schedule(SELF_THREAD, PRIORITY, CPU_MASK(0)));
    expect_ok(sys_pool_create(pool, 2u << 20, 100, &own));
    expect(child_make(&c, own, spin, NULL));
    expect_ok(schedule(c.thread, PRIORITY - 1, CPU_MASK(1)));
    expect(child_go(&c));
    do
        expect_ok(sys_thread_info(c.thread, &info));
    while (!info.cpu_time);
    counts_up(c.thread, c.process, own);
    expect_ok(sys_pool_destroy(own));
    expect_ok(schedule(SELF_THREAD, PRIORITY, ~0ull));
}

/* A host that stops one of the emulator's processors for long spoils a measurement. */
#define MEASUREMENTS 5

/* Accounts of one priority share by weight, roughly, however many threads they have. */
static bool shares_fit;

static void share(bool last) {
    static const unsigned weight[] = {100, 300, 300}, threads[] = {3, 1, 1};
    struct pool_cap p[3];
    struct child c[5];
    struct pool_info info[3];
    unsigned n = 0;
    uint32_t never = 0;
    for (unsigned i = 0; i < 3; i++)
        expect_ok(sys_pool_create(pool, 2u << 20, weight[i], &p[i]));
    for (unsigned i = 0; i < 3; i++)
        for (unsigned j = 0; j < threads[i]; j++, n++) {
            expect(child_make(&c[n], p[i], spin, NULL));
            expect_ok(schedule(c[n].thread, PRIORITY - 1, CPU_MASK(0)));
            expect(child_go(&c[n]));
        }
    uint64_t before[3];
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_pool_info(p[i], &info[i]));
        before[i] = info[i].cpu_time;
    }
    sys_futex_wait(&never, 0, in_ms(400), FUTEX_ALL);
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_pool_info(p[i], &info[i]));
        info[i].cpu_time -= before[i];
    }
    for (unsigned i = 0; i < 3; i++)
        expect_ok(sys_pool_destroy(p[i]));
    uint64_t light = info[0].cpu_time, heavy = info[1].cpu_time, same = info[2].cpu_time;
    shares_fit =
        heavy >= 2 * light && heavy <= 4 * light && heavy * 3 >= same * 2 && same * 3 >= heavy * 2;
    if (!shares_fit && last)
        test_fail(__FILE__, __LINE__, "weights 100, 300, 300 got %lu, %lu, %lu us", light / 1000,
                  heavy / 1000, same / 1000);
}

static void by_weight(void) {
    shares_fit = false;
    for (unsigned i = 1; i <= MEASUREMENTS && !shares_fit; i++)
        expect_passed(share(i == MEASUREMENTS));
}

/* Threads that yield on one processor take turns. */
static volatile uint32_t turns[2];
static volatile bool both_ready;

static void take_turns(void *argument) {
    unsigned me = (unsigned)(uint64_t)argument;
    while (!both_ready)
        sys_thread_yield();
    for (unsigned i = 0; i < 200; i++) {
        turns[me]++;
        uint32_t ahead = turns[me] - turns[1 - me];
        expect(turns[me] < turns[1 - me] || ahead <= 2);
        sys_thread_yield();
    }
    turns[me] += 1000000; /* the other goes on alone */
}

static void yields(void) {
    struct worker w[2];
    for (unsigned i = 0; i < 2; i++) {
        expect(worker_make(&w[i], PRIORITY - 1, take_turns, (void *)(uint64_t)i));
        expect_ok(schedule(w[i].thread, PRIORITY - 1, CPU_MASK(0)));
        expect(worker_go(&w[i]));
    }
    both_ready = true;
    expect(worker_join(&w[0]) && worker_join(&w[1]));
}

static unsigned cpu_now(void) {
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return b >> 24; /* initial APIC number: in the emulator the processor's index */
}

/* A thread runs where it may, at once after that changed. */
static void where(void) {
    for (unsigned round = 0; round < 20; round++) {
        unsigned cpu = round % boot_page->cpu_count;
        expect_ok(schedule(SELF_THREAD, PRIORITY, CPU_MASK(cpu)));
        expect_equal(cpu_now(), cpu);
    }
    static volatile uint64_t counter;
    struct worker w;
    stop_all = 0;
    expect(worker_start(&w, PRIORITY, count, (void *)&counter));
    for (unsigned round = 0; round < 20; round++)
        expect_ok(schedule(w.thread, PRIORITY, CPU_MASK(round % boot_page->cpu_count)));
    stop_all = 1;
    expect(worker_join(&w));
}

/* A thread that must give way and may no longer stay does not wait where it was. */
static void moves_when_behind(void) {
    static volatile uint64_t counter[2];
    const volatile uint32_t *steps[] = {(uint32_t *)&counter[0], (uint32_t *)&counter[1]};
    struct worker w[2];
    unsigned there = boot_page->cpu_count - 1;
    if (!there)
        return;
    stop_all = 0;
    expect_ok(schedule(SELF_THREAD, PRIORITY, CPU_MASK(0)));
    for (unsigned i = 0; i < 2; i++) {
        expect(worker_make(&w[i], PRIORITY - 1 - i, count, (void *)&counter[i]));
        expect_ok(schedule(w[i].thread, PRIORITY - 1 - i, CPU_MASK(there)));
        expect(worker_go(&w[i]));
        expect(eventually(steps[0], 1));
    }
    expect_ok(schedule(w[0].thread, PRIORITY - 3, CPU_MASK(0)));
    expect(eventually(steps[1], 1) && eventually(steps[0], *steps[0] + 1));
    stop_all = 1;
    expect(worker_join(&w[0]) && worker_join(&w[1]));
}

/* Sent away and allowed back before it was gone, a thread that spins does not keep a better one
 * out. */
static void moves_there_and_back(void) {
    static volatile uint64_t counter[2];
    const volatile uint32_t *steps[] = {(uint32_t *)&counter[0], (uint32_t *)&counter[1]};
    struct worker w[2];
    unsigned there = boot_page->cpu_count - 1;
    if (!there)
        return;
    expect_ok(schedule(SELF_THREAD, PRIORITY, CPU_MASK(0)));
    for (unsigned round = 0; round < 20; round++) {
        stop_all = 0;
        counter[0] = counter[1] = 0;
        expect(worker_make(&w[0], PRIORITY - 2, count, (void *)&counter[0]));
        expect_ok(schedule(w[0].thread, PRIORITY - 2, CPU_MASK(there)));
        expect(worker_go(&w[0]) && eventually(steps[0], 1));
        expect_ok(schedule(w[0].thread, PRIORITY - 2, CPU_MASK(0)));
        expect_ok(schedule(w[0].thread, PRIORITY - 2, CPU_MASK(there) | CPU_MASK(0)));
        expect(worker_make(&w[1], PRIORITY - 1, count, (void *)&counter[1]));
        expect_ok(schedule(w[1].thread, PRIORITY - 1, CPU_MASK(there)));
        expect(worker_go(&w[1]) && eventually(steps[1], 1));
        stop_all = 1;
        expect(worker_join(&w[0]) && worker_join(&w[1]));
    }
}

/* As many spinning threads as processors all run. */
static void all_processors(void) {
    static volatile uint64_t counter[8];
    static struct worker w[8];
    unsigned n = boot_page->cpu_count < 8 ? boot_page->cpu_count : 8;
    uint32_t never = 0;
    stop_all = 0;
    for (unsigned i = 0; i < n; i++)
        expect(worker_start(&w[i], PRIORITY - 1, count, (void *)&counter[i]));
    sys_futex_wait(&never, 0, in_ms(60), FUTEX_ALL);
    stop_all = 1;
    for (unsigned i = 0; i < n; i++) {
        expect(worker_join(&w[i]));
        expect(counter[i] > 0);
    }
}

const struct test tests_schedule[] = {
    TEST("schedule.arguments", arguments),
    TEST("schedule.ceiling", ceiling),
    TEST("schedule.donated", donated),
    TEST("schedule.donated-on", donated_on),
    TEST("schedule.donated-along", donated_along),
    TEST("schedule.higher-first", higher_first),
    TEST("schedule.time-shared", time_shared),
    TEST("schedule.counted-at-once", counted_at_once),
    TEST("schedule.by-weight", by_weight),
    TEST("schedule.yields", yields),
    TEST("schedule.where", where),
    TEST("schedule.moves-when-behind", moves_when_behind),
    TEST("schedule.moves-there-and-back", moves_there_and_back),
    TEST("schedule.all-processors", all_processors),
};
TESTS(schedule);
