/* SPDX-License-Identifier: MIT */
/*
 * The first serial port, polled: 115200 baud, 8 bits, no parity (16550 data sheet, section 8). If
 * nothing answers there, output is dropped; a line that never gets ready is waited for only
 * briefly.
 */
#include "arch/console.h"

#include "machine/instr.h"
#include "types.h"

#define PORT         0x3f8
#define DATA         (PORT + 0)
#define INTERRUPTS   (PORT + 1)
#define FIFO         (PORT + 2)
#define LINE         (PORT + 3)
#define MODEM        (PORT + 4)
#define STATUS       (PORT + 5)
#define SCRATCH      (PORT + 7)
#define STATUS_READY 0x20

static bool present;

void arch_serial_init(void) {
    out8(SCRATCH, 0x5a);
    present = in8(SCRATCH) == 0x5a;
    out8(INTERRUPTS, 0);
    out8(LINE, 0x80); /* the next two registers are the divisor */
    out8(DATA, 1);
    out8(INTERRUPTS, 0);
    out8(LINE, 0x03);
    out8(FIFO, 0xc7);
    out8(MODEM, 0x03);
}

void arch_serial_put(char c) {
    if (!present)
        return;
    for (unsigned i = 0; i < 100000 && !(in8(STATUS) & STATUS_READY); i++)
        ;
    out8(DATA, (uint8_t)c);
}
