/* SPDX-License-Identifier: MIT */
/* Upcalls: foreign calls, faults, interrupts, the fix-up, masks, and what happens without them. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define UPCALL_STACK 16384u
#define BAD          ((volatile char *)0x0d0000000000ull)
#define REGISTERS    13u

_Static_assert(offsetof(struct thread_block, upcall_mask) == 288, "MASK in upcall.S");
_Static_assert(offsetof(struct upcall_frame, general) == 32, "GENERAL in upcall.S");
_Static_assert(offsetof(struct upcall_frame, ip) == 160, "IP in upcall.S");

void upcall_enter(void);
void upcall_fix(void);
uint64_t probe(const volatile void *address);
void probe_failed(void);
uint64_t foreign_call(uint64_t number, uint64_t *registers);
void fault_instruction(void);
void fault_divide(void);
void fault_breakpoint(void);

/* Called from upcall.S. */
void upcall_handler(struct upcall_frame *frame, uint64_t reason);
void upcall_fixed(struct upcall_frame *frame);

static char upcall_stack[UPCALL_STACK] __attribute__((aligned(16)));
static void (*handler)(struct upcall_frame *frame);
static volatile struct { uint64_t count, reason, code, address, error, general[16], ip, sp; } last;
static struct upcall_frame *volatile last_frame;

void upcall_handler(struct upcall_frame *frame, uint64_t reason) {
    last.count++;
    last.reason = reason;
    last.code = frame->code;
    last.address = frame->address;
    last.error = frame->error;
    last.ip = frame->ip;
    last.sp = frame->sp;
    last_frame = frame;
    for (unsigned i = 0; i < 15; i++)
        last.general[i] = frame->general[i];
    if (reason != frame->reason)
        last.count += 1000;
    if (handler)
        handler(frame);
}

void upcall_fixed(struct upcall_frame *frame) {
    last.reason = frame->reason;
    last.code = frame->code;
    last.address = frame->address;
    frame->ip = (uint64_t)probe_failed;
}

static void set_up(void (*what)(struct upcall_frame *)) {
    struct thread_block *b = thread_block();
    handler = what;
    last.count = 0;
    b->upcall_base = (uint64_t)upcall_stack;
    b->upcall_top = (uint64_t)upcall_stack + UPCALL_STACK;
    expect_ok(sys_process_upcall(SELF_PROCESS, (uint64_t)upcall_enter, (uint64_t)upcall_fix));
}

static void arguments(void) {
    expect_error_in(sys_process_upcall(SELF_PROCESS, 1ull << 63, 0), BAD_ARGUMENT, 2);
    expect_error_in(sys_process_upcall(SELF_PROCESS, 0, 1ull << 47), BAD_ARGUMENT, 3);
    expect_ok(sys_process_upcall(SELF_PROCESS, 0, 0));
}

static void answer_foreign(struct upcall_frame *frame) {
    frame->general[0] = frame->code * 2 + 1;
}

/* The call's number and registers arrive; all come back but the result. */
static void foreign(void) {
    static uint64_t r[REGISTERS], before[REGISTERS];
    expect_passed(set_up(answer_foreign));
    for (uint64_t number = 0; number < 512; number += 73) {
        for (unsigned i = 0; i < REGISTERS; i++)
            before[i] = r[i] = number * 0x0101010101010101ull + i;
        expect_equal(foreign_call(number, r), number * 2 + 1);
        expect(last.reason == UPCALL_FOREIGN && last.code == number);
        expect(last.general[1] == before[0] && last.general[3] == before[2]);
        expect(last.general[5] == before[4] && last.general[14] == before[12]);
        for (unsigned i = 0; i < REGISTERS; i++)
            expect(i == 1 || r[i] == before[i]);
        expect(last.general[0] == number && thread_block()->upcall_mask == 0);
    }
    expect_equal(last.count, 8);
    expect((uint64_t)last_frame % 16 == 0 && (char *)last_frame < upcall_stack + UPCALL_STACK);
}

static struct memory_cap page;

static void map_it(struct upcall_frame *frame) {
    err_t e = frame->error == MEMORY_WRITE && frame->code == FAULT_ACCESS
                  ? sys_process_protect(SELF_PROCESS, frame->address & -(uint64_t)PAGE_SIZE,
                                        PAGE_SIZE, MEMORY_READ | MEMORY_WRITE)
                  : sys_process_map(SELF_PROCESS, page, frame->address & -(uint64_t)PAGE_SIZE, 0,
                                    PAGE_SIZE, MEMORY_READ);
    expect_ok(e);
}

/* A program can be its own pager. */
static void page_faults(void) {
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &page));
    expect_passed(set_up(map_it));
    expect_equal(BAD[5], 0);
    expect(last.count == 1 && last.reason == UPCALL_FAULT && last.code == FAULT_UNMAPPED);
    expect(last.address == (uint64_t)BAD + 5 && last.error == MEMORY_READ);
    BAD[6] = 3;
    expect(last.count == 2 && last.code == FAULT_ACCESS && last.error == MEMORY_WRITE);
    expect_equal(BAD[6], 3);
}

static void step_over(struct upcall_frame *frame) {
    frame->ip += frame->code == FAULT_BREAKPOINT ? 0 : 2;
}

static void other_faults(void) {
    expect_passed(set_up(step_over));
    fault_instruction();
    expect(last.count == 1 && last.code == FAULT_INSTRUCTION);
    expect_equal(last.ip, (uint64_t)fault_instruction);
    fault_divide();
    expect(last.count == 2 && last.code == FAULT_DIVIDE);
    fault_breakpoint();
    expect(last.count == 3 && last.code == FAULT_BREAKPOINT);
    expect_equal(last.ip, (uint64_t)fault_breakpoint + 1);
}

/* Reading what is not there inside a handler becomes a result. */
static void probe_inside(struct upcall_frame *frame) {
    frame->general[0] = probe(BAD) == ~0ull && probe(&page) == page.h;
}

static void fix_up(void) {
    static uint64_t r[REGISTERS];
    expect_passed(set_up(probe_inside));
    page.h = 1234;
    for (unsigned i = 0; i < 3; i++) {
        expect_equal(foreign_call(7, r), 1);
        expect(last.reason == UPCALL_FIXUP && last.code == FAULT_UNMAPPED);
        expect_equal(last.address, (uint64_t)BAD);
    }
    expect_equal(thread_block()->upcall_mask, 0);
}

/* Unmasked inside a handler: the next frame lies below, on the same stack. */
static struct upcall_frame *outer;

static void nest(struct upcall_frame *frame) {
    static uint64_t r[REGISTERS];
    frame->general[0] = frame->code;
    if (frame->code == 1) {
        outer = frame;
        thread_block()->upcall_mask = 0;
        frame->general[0] = foreign_call(2, r) + 100;
    } else if (frame >= outer || (char *)frame < upcall_stack) {
        frame->general[0] = 0;
    }
}

static void nested(void) {
    static uint64_t r[REGISTERS];
    expect_passed(set_up(nest));
    expect_equal(foreign_call(1, r), 102);
}

/* Interrupts: at any instruction of a thread that runs, at once; not while it is masked. */
static volatile uint32_t ready;
static volatile uint64_t spins;

static void interrupt_me(void *argument) {
    volatile struct thread_block *b = thread_block();
    (void)argument;
    b->upcall_base = (uint64_t)upcall_stack;
    b->upcall_top = (uint64_t)upcall_stack + UPCALL_STACK;
    ready = 1;
    while (last.count < 20)
        spins++;
    b->upcall_mask = 1;
    ready = 2;
    while (!b->upcall_pending)
        spins++;
    expect_equal(last.count, 20);
    b->upcall_mask = 0;
    ready = 3;
    while (last.count < 21)
        sys_thread_yield(); /* the kernel looks again */
}

static void interrupts(void) {
    struct worker w;
    uint32_t never = 0;
    expect_passed(set_up(NULL));
    expect(worker_start(&w, PRIORITY, interrupt_me, NULL) && eventually(&ready, 1));
    for (unsigned i = 0; i < 20; i++) {
        uint64_t deadline = in_ms(PATIENCE_MS);
        expect_ok(sys_thread_interrupt(w.thread));
        while (last.count <= i && clock_nanoseconds() < deadline)
            sys_futex_wait(&never, 0, in_ms(1), FUTEX_ALL);
        expect(last.count == i + 1 && last.reason == UPCALL_INTERRUPT);
    }
    expect(eventually(&ready, 2));
    expect_ok(sys_thread_interrupt(w.thread));
    expect(eventually(&ready, 3));
    expect(worker_join(&w));
    expect_equal(last.count, 21);
}

/* In a system call the interrupt ends the wait, and is told by its error alone. */
static void wait_in_call(void *argument) {
    uint32_t never = 0;
    struct thread_block *b = thread_block();
    b->upcall_base = (uint64_t)upcall_stack;
    b->upcall_top = (uint64_t)upcall_stack + UPCALL_STACK;
    *(err_t *)argument = sys_futex_wait(&never, 0, in_ms(PATIENCE_MS), FUTEX_ALL);
}

static void interrupt_in_call(void) {
    struct worker w;
    static err_t e;
    expect_passed(set_up(NULL));
    expect(worker_start(&w, PRIORITY, wait_in_call, &e) && settled(w.thread));
    expect_ok(sys_thread_interrupt(w.thread));
    expect(worker_join(&w));
    expect_error(e, INTERRUPTED);
    expect_equal(last.count, 0);
}

/* What ends a process instead. */
static enum { NO_ENTRY, NO_STACK, BAD_STACK, FIXUP_FAULTS, MASKED_FOREIGN, BIG_NUMBER } way;

static void fault_again(struct upcall_frame *frame) {
    (void)frame;
    thread_block()->upcall_mask = 2; /* as if the fix-up ran */
    (void)*BAD;
}

static void end_somehow(void *argument) {
    static uint64_t r[REGISTERS];
    (void)argument;
    expect_passed(set_up(way == FIXUP_FAULTS ? fault_again : NULL));
    struct thread_block *b = thread_block();
    if (way == NO_ENTRY)
        expect_ok(sys_process_upcall(SELF_PROCESS, 0, 0));
    if (way == NO_STACK)
        b->upcall_top = 0;
    if (way == BAD_STACK)
        b->upcall_top = b->upcall_base = (uint64_t)BAD;
    if (way == MASKED_FOREIGN) {
        expect_ok(sys_process_upcall(SELF_PROCESS, (uint64_t)upcall_enter, 0));
        b->upcall_mask = 1;
    }
    foreign_call(way == BIG_NUMBER ? 1u << 20 : 3, r);
    if (way == BIG_NUMBER) /* told as a fault, which the handler may look at */
        sys_process_exit(last.reason == UPCALL_FAULT && last.code == FAULT_CALL ? 0 : 99);
}

static void ends(void) {
    static const uint64_t codes[] = {
        [NO_ENTRY] = FAULT_CALL,       [NO_STACK] = FAULT_CALL,       [BAD_STACK] = FAULT_UPCALL,
        [FIXUP_FAULTS] = FAULT_UPCALL, [MASKED_FOREIGN] = FAULT_CALL, [BIG_NUMBER] = 0};
    for (way = NO_ENTRY; way <= BIG_NUMBER; way++) {
        struct child c;
        struct process_info info;
        expect(child_spawn(&c, pool, end_somehow, NULL) && child_wait(&c, &info));
        if (info.reason != (way == BIG_NUMBER ? END_EXIT : END_FAULT) || info.code != codes[way])
            test_fail(__FILE__, __LINE__, "way %u: reason %lu, code %lu", way, info.reason,
                      info.code);
        expect_ok(sys_handle_close(ANY(c.thread)));
        expect_ok(sys_handle_close(ANY(c.process)));
    }
}

const struct test tests_upcall[] = {
    TEST("upcall.arguments", arguments),
    TEST("upcall.foreign", foreign),
    TEST("upcall.page-faults", page_faults),
    TEST("upcall.other-faults", other_faults),
    TEST("upcall.fix-up", fix_up),
    TEST("upcall.nested", nested),
    TEST("upcall.interrupts", interrupts),
    TEST("upcall.interrupt-in-call", interrupt_in_call),
    TEST("upcall.ends", ends),
};
TESTS(upcall);
