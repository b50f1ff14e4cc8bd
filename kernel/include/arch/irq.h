/* SPDX-License-Identifier: MIT */
/* Port contract: device interrupts and I/O ports. */
#pragma once
#include "types.h"

struct irq;

/* Routes a line (global system interrupt) to `i`; masked until arch_irq_unmask. */
err_t arch_irq_attach(struct irq *i, uint32_t line, bool level, bool low);
/* Gives a free message vector; address and data are what the device must write. */
err_t arch_irq_attach_message(struct irq *i, uint64_t *address, uint32_t *data);
void arch_irq_detach(struct irq *i);
void arch_irq_mask(struct irq *i);
void arch_irq_unmask(struct irq *i);

/* width 1, 2 or 4 bytes, checked by the caller. False: this machine has no I/O ports. */
bool arch_port_read(uint32_t port, unsigned width, uint32_t *value);
bool arch_port_write(uint32_t port, unsigned width, uint32_t value);
/* Does an access touch a port of a device that the kernel itself uses? */
bool arch_port_reserved(uint32_t port, unsigned width);
#define ARCH_PORTS 65536u
