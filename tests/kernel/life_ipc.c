/* SPDX-License-Identifier: MIT */
/* The life of endpoints, sessions, replies, signals, timers, interrupts, ports and the trace. */
#include "abi/trace.h"
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define UART_LINE  4u
#define FREE_LINE  12u   /* the mouse, of which nobody here knows */
#define PORT_DELAY 0x80u /* the POST code port of PCs: harmless */

static void endpoint_life(void) {
    struct endpoint_cap e;
    struct session_cap s, other;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 7));
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect_ok(sys_handle_close(ANY(e)));
    expect_error(sys_endpoint_mint(e, 1, SESSION_RIGHTS, HANDLE_NONE, &other), BAD_HANDLE);
    expect_error(call(s, 0), PEER_DIED);
    expect_ok(sys_handle_close(ANY(s)));
}

static void session_closed(void) {
    struct endpoint_cap e;
    struct session_cap s, copy;
    struct message m = {0};
    enum message_kind kind;
    expect(connect(&e, &s, 7));
    expect_ok(sys_handle_duplicate(ANY(s), RIGHTS_ALL, 0, &copy.h));
    expect_ok(sys_handle_close(ANY(s)));
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
    expect_ok(sys_handle_close(ANY(copy)));
    expect_ok(receive(e, 0, &m, &kind));
    expect(kind == MESSAGE_CLOSED && m.badge == 7);
    expect_error(poll(e, 0, &m, &kind), TIMED_OUT);
}

static void reply_life(void) {
    struct endpoint_cap e;
    struct session_cap s;
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 9) && caller_start(&c, s, 5));
    expect_ok(receive_call(e, &m));
    expect(m.badge == 9 && (m.op & OP_CODE) == 5 && m.word[0] == 100 && m.word[5] == 105);
    struct reply_cap r = m.reply;
    uint64_t what, identity;
    expect_ok(sys_handle_info(ANY(r), &what, &identity));
    expect_equal(what & 0xffff, OBJECT_REPLY);
    expect_ok(answer(r, 0, 1234));
    expect(caller_ends(&c, ERR_OK));
    expect_equal(c.m.word[0], 1234);
    expect_error(answer(r, 0, 1), BAD_HANDLE);
    expect_error(sys_handle_close(ANY(r)), BAD_HANDLE);
}

static void signal_life(void) {
    struct signal_cap s;
    uint64_t bits;
    expect_ok(sys_signal_create(pool, &s));
    expect_error_in(sys_signal_wait(s, 0, 1, &bits), BAD_ARGUMENT, 2);
    expect_error(sys_signal_wait(s, 1, 1, &bits), TIMED_OUT);
    expect_ok(sys_signal_raise(s, 0x8000000000000005ull));
    expect_error(sys_signal_wait(s, 2, 1, &bits), TIMED_OUT);
    expect_ok(sys_signal_wait(s, 4, 1, &bits));
    expect_equal(bits, 4);
    expect_ok(sys_signal_wait(s, ~0ull, 1, &bits));
    expect_equal(bits, 0x8000000000000001ull);
    expect_error(sys_signal_wait(s, ~0ull, 1, &bits), TIMED_OUT);
}

struct wait {
    struct signal_cap signal;
    uint64_t mask, bits;
    err_t result;
};

static void wait_main(void *argument) {
    struct wait *w = argument;
    w->result = sys_signal_wait(w->signal, w->mask, in_ms(PATIENCE_MS), &w->bits);
}

/* Bits go to waiters in order of arrival; who waits when the signal ends gets REVOKED. */
static void signal_waiters(void) {
    struct pool_cap p;
    struct wait wait[3] = {{.mask = 1}, {.mask = 3}, {.mask = 4}};
    struct worker w[3];
    struct signal_cap s;
    expect_ok(sys_pool_create(pool, 8 * PAGE_SIZE, 0, &p));
    expect_ok(sys_signal_create(p, &s));
    for (unsigned i = 0; i < 3; i++) {
        wait[i].signal = s;
        expect(worker_start(&w[i], PRIORITY, wait_main, &wait[i]) && settled(w[i].thread));
    }
    expect_ok(sys_signal_raise(s, 3));
    expect(worker_join(&w[0]) && worker_join(&w[1]));
    expect(wait[0].bits == 1 && wait[1].bits == 2);
    expect_equal(thread_state(w[2].thread), THREAD_WAITING);
    expect_ok(sys_pool_destroy(p));
    expect(worker_join(&w[2]));
    expect_error(wait[2].result, REVOKED);
}

static void timer_life(void) {
    struct signal_cap s;
    struct timer_cap t;
    uint64_t bits;
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_timer_create(pool, s, 8, &t));
    expect_error_in(sys_timer_set(t, 0, 5), BAD_ARGUMENT, 3);
    uint64_t begin = clock_nanoseconds();
    expect_ok(sys_timer_set(t, begin + 2000000, 0));
    expect_ok(sys_signal_wait(s, 8, in_ms(PATIENCE_MS), &bits));
    expect(bits == 8 && clock_nanoseconds() >= begin + 2000000);
    expect_error(sys_signal_wait(s, 8, in_ms(4), &bits), TIMED_OUT);
    expect_ok(sys_timer_set(t, in_ms(2), 1000000)); /* periodic */
    for (unsigned i = 0; i < 5; i++)
        expect_ok(sys_signal_wait(s, 8, in_ms(PATIENCE_MS), &bits));
    expect_ok(sys_timer_set(t, 0, 0));
    (void)sys_signal_wait(s, 8, 1, &bits);
    expect_error(sys_signal_wait(s, 8, in_ms(4), &bits), TIMED_OUT);
    expect_ok(sys_timer_set(t, 1, 0)); /* past: at once */
    expect_ok(sys_signal_wait(s, 8, in_ms(PATIENCE_MS), &bits));
    expect_ok(sys_timer_set(t, in_ms(200), 0));
    expect_ok(sys_handle_close(ANY(t)));
    expect_error(sys_signal_wait(s, 8, in_ms(250), &bits), TIMED_OUT);
}

static void clock_agrees(void) {
    uint64_t before = clock_nanoseconds(), kernel;
    for (unsigned i = 0; i < 1000; i++) {
        expect_ok(sys_clock(&kernel));
        uint64_t after = clock_nanoseconds();
        expect(before <= kernel && kernel <= after);
        before = after;
    }
}

static void irq_life(void) {
    struct irq_cap irqs = {boot_page->irqs}, line, message;
    struct signal_cap s;
    uint64_t data;
    expect_ok(sys_signal_create(pool, &s));
    expect_error_in(sys_irq_create(irqs, pool, 1u << 20, 0, &line, &data), BAD_ARGUMENT, 3);
    expect_error_in(sys_irq_create(irqs, pool, FREE_LINE, 4, &line, &data), BAD_ARGUMENT, 4);
    expect_error_in(sys_irq_bind(irqs, s, 1), BAD_ARGUMENT, 1);
    expect_ok(sys_irq_create(irqs, pool, FREE_LINE, IRQ_LEVEL, &line, &data));
    expect_error(sys_irq_create(irqs, pool, FREE_LINE, 0, &message, &data), BUSY);
    expect_error_in(sys_irq_create(line, pool, FREE_LINE, 0, &message, &data), BAD_ARGUMENT, 1);
    expect_error_in(sys_irq_bind(line, s, 0), BAD_ARGUMENT, 3);
    expect_ok(sys_irq_bind(line, s, 1));
    expect_ok(sys_irq_acknowledge(line));
    expect_ok(sys_irq_create(irqs, pool, IRQ_MESSAGE, 0, &message, &data));
    expect((uint32_t)data >> 20 == 0xfee); /* SDM vol. 3A 11.11.1 */
    expect_ok(sys_handle_close(ANY(message)));
    expect_ok(sys_handle_close(ANY(line)));
    expect_ok(sys_irq_create(irqs, pool, FREE_LINE, 0, &line, &data));
    expect_ok(sys_handle_revoke(ANY(irqs)));
    expect_error(sys_irq_acknowledge(line), BAD_HANDLE);
}

/* The 8254 timer's channel 0, mode 0 (one shot): Intel 8254 data sheet. */
static void irq_comes(void) {
    struct irq_cap line;
    struct ports_cap ports;
    struct signal_cap s;
    uint64_t data, bits;
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_irq_create((struct irq_cap){boot_page->irqs}, pool, 2, 0, &line, &data));
    expect_ok(sys_irq_bind(line, s, 1));
    expect_ok(sys_ports_slice((struct ports_cap){boot_page->ports}, pool, 0x40, 4, &ports));
    for (unsigned i = 0; i < 3; i++) {
        expect_ok(sys_irq_acknowledge(line));
        expect_ok(sys_ports_write(ports, 0x43, 1, 0x30));
        expect_ok(sys_ports_write(ports, 0x40, 1, 0x00));
        expect_ok(sys_ports_write(ports, 0x40, 1, 0x04)); /* 1024 ticks: 0.9 ms */
        expect_ok(sys_signal_wait(s, 1, in_ms(PATIENCE_MS), &bits));
    }
}

static void ports_life(void) {
    struct ports_cap all = {boot_page->ports}, few, one;
    uint64_t value;
    expect_error_in(sys_ports_slice(all, pool, 0xffff, 2, &few), BAD_ARGUMENT, 3);
    expect_error_in(sys_ports_slice(all, pool, 0, 0, &few), BAD_ARGUMENT, 3);
    expect_ok(sys_ports_slice(all, pool, PORT_DELAY, 2, &few));
    expect_ok(sys_ports_slice(few, pool, PORT_DELAY + 1, 1, &one));
    expect_error(sys_ports_slice(few, pool, PORT_DELAY - 1, 1, &one), BAD_ARGUMENT);
    expect_ok(sys_ports_write(few, PORT_DELAY, 1, 0x55));
    expect_ok(sys_ports_read(few, PORT_DELAY, 1, &value));
    expect_error_in(sys_ports_write(few, PORT_DELAY, 1, 0x155), BAD_ARGUMENT, 4);
    expect_error_in(sys_ports_read(few, PORT_DELAY, 3, &value), BAD_ARGUMENT, 3);
    expect_error_in(sys_ports_read(few, PORT_DELAY + 1, 2, &value), BAD_ARGUMENT, 2);
    expect_error_in(sys_ports_read(one, PORT_DELAY, 1, &value), BAD_ARGUMENT, 2);
    expect_ok(sys_handle_revoke(ANY(few)));
    expect_error(sys_ports_read(one, PORT_DELAY + 1, 1, &value), BAD_HANDLE);
    expect_error(sys_ports_write(all, 0x20, 1, 0x20), BUSY); /* the kernel's own */
}

static bool has_event(const struct trace_record *r, uint64_t bytes, uint16_t event) {
    for (uint64_t i = 0; i < bytes / sizeof *r; i++)
        if (r[i].event == event)
            return true;
    return false;
}

static void trace_life(void) {
    static struct trace_record r[64];
    struct trace_cap t = {boot_page->trace};
    struct signal_cap s;
    uint64_t bytes, lost;
    expect_ok(sys_trace_control(t, TRACE_DENIALS | TRACE_LIFE));
    do
        expect_ok(sys_trace_read(t, r, sizeof r, &bytes, &lost));
    while (bytes == sizeof r);
    expect_error(sys_signal_wait((struct signal_cap){0x1234567}, 1, 1, &bytes), BAD_HANDLE);
    expect_ok(sys_trace_read(t, r, sizeof r, &bytes, &lost));
    expect(has_event(r, bytes, TRACE_EVENT_denied));
    expect_ok(sys_signal_create(pool, &s));
    expect_ok(sys_trace_read(t, r, sizeof r, &bytes, &lost));
    expect(!has_event(r, bytes, TRACE_EVENT_denied));
    expect_ok(sys_trace_control(t, 0));
    expect_error(sys_trace_log(t, (void *)0x1000, 4, &bytes), BAD_ADDRESS);
    expect_ok(sys_trace_log(t, r, 0, &bytes));
    expect_equal(bytes, 0);
    memset(r, '\n', sizeof r);
    expect_ok(sys_trace_log(t, r, sizeof r, &bytes)); /* holds the kernel up for little at once */
    expect_equal(bytes, TRACE_LOG_MAX);
    expect_error(sys_trace_read(t, (void *)~0xfffull, sizeof r, &bytes, &lost), BAD_ADDRESS);
}

const struct test tests_life_ipc[] = {
    TEST("life.endpoint", endpoint_life),
    TEST("life.session-closed", session_closed),
    TEST("life.reply", reply_life),
    TEST("life.signal", signal_life),
    TEST("life.signal-waiters", signal_waiters),
    TEST("life.timer", timer_life),
    TEST("life.clock", clock_agrees),
    TEST("life.irq", irq_life),
    TEST("life.irq-comes", irq_comes),
    TEST("life.ports", ports_life),
    TEST("life.trace", trace_life),
};
TESTS(life_ipc);
