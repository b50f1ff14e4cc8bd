/* SPDX-License-Identifier: MIT */
/*
 * A 16550 at its eight ports: 115,200 baud as the boot loader or the machine left it, 8 bits, no
 * parity, one stop bit. Received bytes and errors are told by what uart_take answers; nothing here
 * waits.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

/* Bytes that it takes at once. One of its 16 is left for the kernel's log, which waits for an empty
 * transmitter before each byte: whenever it steps in, the rest still fits. */
#define UART_BURST 15u

struct uart_errors {
    uint64_t overruns, damaged, breaks;
};

void uart_start(struct ports_cap ports);
/* The next received byte, if there is one. Errors are added. */
bool uart_take(uint8_t *byte, struct uart_errors *errors);
/* The transmitter is empty: UART_BURST bytes can be put. */
bool uart_idle(struct uart_errors *errors);
void uart_put(uint8_t byte);
/* Which interrupts it makes. Without `receive` the other side is asked to send no more. */
void uart_wants(bool receive, bool send);
/* It has something to tell: looking makes the next event a new interrupt. */
bool uart_pending(void);
