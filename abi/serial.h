/* SPDX-License-Identifier: MIT */
/*
 * Lines, at which a person sits: what a driver does beside the file protocol (abi/file.h), that of
 * a serial port or that of the screen. Its root is the line: a file without offsets, to be read and
 * written with FILE_CURRENT. See docs/man/8/serial.md and docs/man/8/screen.md.
 */
#pragma once
#include <stdint.h>

enum serial_op {
    SERIAL_STATE = 0x380, /* answer: word 0 bytes received, not read; 1 written, not sent; 2 times
                             that the device lost bytes; 3 bytes that came damaged; 4 breaks */
    SERIAL_DRAIN,         /* answered when all that was written is with the device */
    SERIAL_SIZE,          /* answer: word 0 struct tty_size of abi/tty.h. UNSUPPORTED: it has none
                             that is known */
};
