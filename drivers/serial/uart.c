/* SPDX-License-Identifier: MIT */
/* Register numbers and bits: National Semiconductor PC16550D data sheet, tables II and III. */
#include "drivers/serial/uart.h"

#include "lib/sys/syscall.h"

#define BASE             0x3f8u
#define DATA             0u
#define INTERRUPTS       1u
#define IDENTIFICATION   2u /* read */
#define FIFO             2u /* written */
#define CONTROL          3u
#define MODEM            4u
#define STATUS           5u
#define ON_RECEIVED      0x01u /* interrupt enable: received data, or no more for four bytes' time */
#define ON_EMPTY         0x02u /* ... the transmitter is empty */
#define ON_ERROR         0x04u
#define NOTHING          0x01u /* of the identification: no interrupt is pending */
#define FIFO_ON          0x81u /* interrupt at eight bytes; what is in it stays */
#define FRAME_8N1        0x03u
#define MODEM_USUAL      0x09u /* DTR, and OUT2, which gates the interrupt on a PC */
#define MODEM_SEND       0x02u /* RTS */
#define STATUS_RECEIVED  0x01u
#define STATUS_OVERRUN   0x02u
#define STATUS_PARITY    0x04u
#define STATUS_FRAMING   0x08u
#define STATUS_BREAK     0x10u
#define STATUS_EMPTY     0x20u
#define STATUS_NO_DEVICE 0xffu

static struct ports_cap ports;

static uint8_t in(unsigned reg) {
    uint64_t value = STATUS_NO_DEVICE;
    sys_ports_read(ports, BASE + reg, 1, &value);
    return (uint8_t)value;
}

static void out(unsigned reg, unsigned value) {
    sys_ports_write(ports, BASE + reg, 1, value);
}

void uart_start(struct ports_cap p) {
    ports = p;
    out(INTERRUPTS, 0);
    out(CONTROL, FRAME_8N1);
    out(FIFO, FIFO_ON);
    uart_wants(true, false);
}

static uint8_t status(struct uart_errors *e) {
    uint8_t s = in(STATUS);
    if (s == STATUS_NO_DEVICE) /* nothing answers at these ports */
        return 0;
    e->overruns += (s & STATUS_OVERRUN) != 0;
    e->damaged += (s & (STATUS_PARITY | STATUS_FRAMING)) != 0 && !(s & STATUS_BREAK);
    e->breaks += (s & STATUS_BREAK) != 0;
    return s;
}

bool uart_take(uint8_t *byte, struct uart_errors *e) {
    if (!(status(e) & STATUS_RECEIVED))
        return false;
    *byte = in(DATA);
    return true;
}

bool uart_idle(struct uart_errors *e) {
    return status(e) & STATUS_EMPTY;
}

void uart_put(uint8_t byte) {
    out(DATA, byte);
}

void uart_wants(bool receive, bool send) {
    out(MODEM, MODEM_USUAL | (receive ? MODEM_SEND : 0));
    out(INTERRUPTS, (receive ? ON_RECEIVED | ON_ERROR : 0) | (send ? ON_EMPTY : 0));
}

bool uart_pending(void) {
    uint8_t what = in(IDENTIFICATION);
    return what != STATUS_NO_DEVICE && !(what & NOTHING);
}
