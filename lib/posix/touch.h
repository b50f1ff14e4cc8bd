/* SPDX-License-Identifier: MIT */
/* lib/posix/ARCH/touch.S: the places of the library that may fault. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a byte, or writes it as it is; false: that cannot be done there. */
bool touch_to_read(uint64_t at);
bool touch_to_write(uint64_t at);
/* *length: bytes of the text before its NUL, or `most`, of which there is one at least. */
bool touch_text(uint64_t at, size_t most, size_t *length);

/* Where a fault of the library goes on; process_upcall(2). */
void touch_fixup(void);
