/* SPDX-License-Identifier: MIT */
/*
 * The I/O ports that stay with the kernel: both 8259A interrupt controllers, which it keeps masked
 * (Intel 8259A datasheet), and their edge/level control registers ELCR (Intel 82371SB, PIIX3,
 * datasheet, "Interrupt Controller Registers"). A user who could write them could make interrupts
 * that nobody registered for.
 */
#include "arch/irq.h"

static const struct {
    uint16_t first, last;
} reserved[] = {{0x20, 0x21}, {0xa0, 0xa1}, {0x4d0, 0x4d1}};

bool arch_port_reserved(uint32_t port, unsigned width) {
    for (unsigned i = 0; i < array_size(reserved); i++)
        if (port <= reserved[i].last && port + width > reserved[i].first)
            return true;
    return false;
}
