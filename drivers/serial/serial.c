/* SPDX-License-Identifier: MIT */
/*
 * The driver of the first serial port: started with its endpoint, the eight ports and the
 * interrupt. It serves one file. What is received waits in a ring until it is read; when that is
 * full the other side is asked to wait, by the RTS line, and the device keeps what still comes as
 * long as it can. What is written goes to the device in bursts, each at an interrupt.
 */
#include "abi/serial.h"

#include <stdio.h>

#include "drivers/serial/ring.h"
#include "drivers/serial/uart.h"
#include "lib/file/loop.h"
#include "lib/file/waits.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

#define INTERRUPT 1u
#define ROUNDS    256u /* looks at the device before clients have their turn */

static struct file_server server;
static struct irq_cap irq;
static struct signal_cap interrupts;
static struct ring received, written;
static struct file_queue reads, writes, drains;
static struct uart_errors errors;
static struct node line;
static bool full; /* the other side is asked to wait */

/* ---- the device ---- */

/* Each time that the count doubles. */
static void tell_overruns(uint64_t before) {
    if (errors.overruns != before && !(errors.overruns & (errors.overruns - 1)))
        print("serial: bytes were lost, for the %lu. time\n", errors.overruns);
}

static void take_received(void) {
    uint8_t byte;
    uint64_t before = errors.overruns;
    size_t was = ring_length(&received);
    while (ring_room(&received) && uart_take(&byte, &errors))
        ring_put(&received, byte);
    tell_overruns(before);
    full = !ring_room(&received);
    if (ring_length(&received) == was)
        return;
    file_wake(&server, &reads);
    file_changed(&line, FILE_READABLE);
}

static void send_written(void) {
    if (!ring_length(&written) || !uart_idle(&errors))
        return;
    for (unsigned n = 0; n < UART_BURST && ring_length(&written); n++)
        uart_put(ring_get(&written));
    file_wake(&server, &writes);
    file_changed(&line, FILE_WRITABLE);
    if (!ring_length(&written))
        file_wake(&server, &drains);
}

static void service(void) {
    unsigned rounds = 0;
    do {
        take_received();
        send_written();
        uart_wants(!full, ring_length(&written) != 0);
    } while (uart_pending() && ++rounds < ROUNDS);
    if (rounds == ROUNDS)
        sys_signal_raise(interrupts, INTERRUPT);
}

static void raised(struct file_server *s, uint64_t bits) {
    (void)s;
    (void)bits;
    service();
    sys_irq_acknowledge(irq); /* tells if there was another one meanwhile */
}

/* ---- the file ---- */

static err_t line_open(struct file *f) {
    f->positioned = false;
    return OK;
}

static err_t line_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    size_t count = ring_length(&received);
    (void)f;
    (void)offset;
    if (!wanted)
        return OK;
    if (!count || file_behind(r, &reads))
        return file_wait(r, &reads);
    count = count < wanted ? count : wanted;
    size_t first = ring_straight(received.tail, count);
    err_t e = file_emit(r, received.at + received.tail % RING_SIZE, first);
    return err_ok(e) && count > first ? file_emit(r, received.at, count - first) : e;
}

static err_t line_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    size_t count = ring_room(&written);
    (void)f;
    (void)offset;
    if (!wanted)
        return OK;
    if (!count || file_behind(r, &writes))
        return file_wait(r, &writes);
    count = count < wanted ? count : wanted;
    size_t first = ring_straight(written.head, count);
    err_t e = file_take(r, 0, written.at + written.head % RING_SIZE, first);
    if (err_ok(e) && count > first)
        e = file_take(r, first, written.at, count - first);
    if (err_ok(e))
        r->done = count;
    return e;
}

static void line_settled(struct file *f, struct file_request *r, bool answered) {
    (void)f;
    if (!answered || !r->done)
        return;
    if (r->op == FILE_READ)
        received.tail += r->done;
    else if (r->op == FILE_WRITE)
        written.head += r->done;
    if (full || r->op == FILE_WRITE)
        service();
}

static uint32_t line_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = ring_length(&received);
    return (*bytes ? FILE_READABLE : 0) | (ring_room(&written) ? FILE_WRITABLE : 0);
}

static err_t line_other(struct file *f, struct file_request *r) {
    (void)f;
    if (r->op == SERIAL_DRAIN)
        return ring_length(&written) ? file_wait(r, &drains) : OK;
    if (r->op != SERIAL_STATE)
        return ERROR(UNSUPPORTED);
    r->answer[0] = ring_length(&received);
    r->answer[1] = ring_length(&written);
    r->answer[2] = errors.overruns;
    r->answer[3] = errors.damaged;
    r->answer[4] = errors.breaks;
    return OK;
}

static const struct node_ops line_ops = {
    .open = line_open,
    .read = line_read,
    .write = line_write,
    .poll = line_poll,
    .other = line_other,
    .settled = line_settled,
};

/* ---- start ---- */

static err_t start(struct endpoint_cap endpoint) {
    err_t e = sys_signal_create(program_pool, &interrupts);
    if (err_ok(e))
        e = sys_endpoint_bind(endpoint, interrupts);
    if (err_ok(e))
        e = sys_irq_bind(irq, interrupts, INTERRUPT);
    if (err_ok(e))
        e = sys_irq_acknowledge(irq); /* one that came to a driver before this one */
    return err_ok(e) ? sys_signal_raise(interrupts, INTERRUPT) : e;
}

int main(void) {
    if (start_page->handle_count != 3) {
        fprintf(stderr, "serial: usage: serial, with an endpoint, ports and an interrupt\n");
        return 1;
    }
    struct endpoint_cap endpoint = {start_page->handles[0]};
    irq = (struct irq_cap){start_page->handles[2]};
    line = (struct node){.ops = &line_ops, .id = 1, .mode = FILE_TYPE_CHARACTER | 0600};
    uart_start((struct ports_cap){start_page->handles[1]});
    err_t e = start(endpoint);
    if (!err_ok(e)) {
        fprintf(stderr, "serial: no interrupts: %s\n", error_text(e));
        return 1;
    }
    file_server_start(&server, &line);
    server.raised = raised;
    file_server_loop(&server, endpoint);
}
