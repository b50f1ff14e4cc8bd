/* SPDX-License-Identifier: MIT */
/*
 * Lines to drivers (abi/serial.h), without waiting for them: for each two threads call the driver,
 * one to read and one to write, and say by bits of a signal that there is something to do. When the
 * driver ends they try again until there is another one. What was being sent just then may be sent
 * twice.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/err.h"
#include "abi/tty.h"
#include "lib/sys/cap.h"

#define LINE_BYTES 4096u /* on their way, in each direction */
#define LINES_MOST 2u

struct line;

/* `session`: the driver's root. Raises `bits` of the signal. */
err_t line_start(struct session_cap session, struct signal_cap signal, uint64_t bits,
                 struct line **out);
/* What came in: at most `size` bytes, which line_taken takes away. */
size_t line_peek(struct line *l, uint8_t *to, size_t size);
void line_taken(struct line *l, size_t count);
/* How many of the bytes are taken to be sent. */
size_t line_send(struct line *l, const uint8_t *from, size_t count);
/* Forgets what the driver has not got yet. */
void line_forget(struct line *l);
/* All that was taken is with the device. */
bool line_idle(struct line *l);
/* The size that the driver has told since this was asked last; false: none. */
bool line_size(struct line *l, struct tty_size *out);
