/* SPDX-License-Identifier: MIT */
/* The serial console: a 16550 at 0x3f8, interrupt 4, driven with the handles that init was given.
 */
#pragma once
#include <stddef.h>

#include "abi/boot.h"
#include "abi/err.h"

err_t console_open(const struct boot_page *boot);
void console_write(const char *text, size_t length);
/* Waits for the next character. */
char console_read(void);
