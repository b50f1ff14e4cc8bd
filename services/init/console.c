/* SPDX-License-Identifier: MIT */
/*
 * The serial console; see the header. The kernel's log uses the same transmitter by polling, which
 * is harmless: both wait for room before each character. Register numbers and bits: National
 * Semiconductor PC16550D data sheet, table II.
 */
#include "services/init/console.h"

#include <stdbool.h>

#include "lib/sys/syscall.h"

#define UART_BASE       0x3f8u
#define UART_PORTS      8u
#define UART_LINE       4u
#define UART_DATA       (UART_BASE + 0)
#define UART_INTERRUPTS (UART_BASE + 1)
#define UART_FIFO       (UART_BASE + 2)
#define UART_CONTROL    (UART_BASE + 3)
#define UART_MODEM      (UART_BASE + 4)
#define UART_STATUS     (UART_BASE + 5)
#define ON_RECEIVED     1u    /* interrupt enable: received data */
#define FIFO_ON         0x01u /* on, both emptied by the next two bits, interrupt at one byte */
#define FIFO_CLEAR      0x06u
#define FRAME_8N1       0x03u
#define MODEM_READY     0x0bu /* DTR, RTS, and OUT2, which gates the interrupt on a PC */
#define STATUS_RECEIVED 0x01u
#define STATUS_ROOM     0x20u

static struct ports_cap ports;
static struct irq_cap irq;
static struct signal_cap received;

static uint8_t uart_read(unsigned port) {
    uint64_t value = 0;
    sys_ports_read(ports, port, 1, &value);
    return (uint8_t)value;
}

static void uart_write(unsigned port, uint8_t value) {
    sys_ports_write(ports, port, 1, value);
}

static err_t interrupt_open(const struct boot_page *boot) {
    struct pool_cap pool = {boot->pool};
    uint64_t message;
    err_t e = sys_signal_create(pool, &received);
    if (err_ok(e))
        e = sys_irq_create((struct irq_cap){boot->irqs}, pool, UART_LINE, 0, &irq, &message);
    if (err_ok(e))
        e = sys_irq_bind(irq, received, 1);
    if (err_ok(e))
        e = sys_irq_acknowledge(irq);
    return e;
}

err_t console_open(const struct boot_page *boot) {
    err_t e = sys_ports_slice((struct ports_cap){boot->ports}, (struct pool_cap){boot->pool},
                              UART_BASE, UART_PORTS, &ports);
    if (!err_ok(e))
        return e;
    e = interrupt_open(boot);
    if (!err_ok(e))
        return e;
    uart_write(UART_CONTROL, FRAME_8N1);
    uart_write(UART_FIFO, FIFO_ON | FIFO_CLEAR);
    uart_write(UART_MODEM, MODEM_READY);
    uart_write(UART_INTERRUPTS, ON_RECEIVED);
    return OK;
}

static void put(char c) {
    while (!(uart_read(UART_STATUS) & STATUS_ROOM))
        ;
    uart_write(UART_DATA, (uint8_t)c);
}

void console_write(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            put('\r');
        put(text[i]);
    }
}

char console_read(void) {
    uint64_t bits;
    for (;;) {
        if (uart_read(UART_STATUS) & STATUS_RECEIVED)
            return (char)uart_read(UART_DATA);
        sys_irq_acknowledge(irq);
        /* What came in before the acknowledge raises the line again only after it is read. */
        if (!(uart_read(UART_STATUS) & STATUS_RECEIVED))
            sys_signal_wait(received, 1, DEADLINE_NONE, &bits);
    }
}
