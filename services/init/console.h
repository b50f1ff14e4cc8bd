/* SPDX-License-Identifier: MIT */
/*
 * The console: the terminal `cons` of the server `tty`. Text waits in a queue until a thread has
 * written it there, so that the supervisor waits for no server; what cannot be written, or finds
 * the queue full, goes to the kernel's log. Before console_start all text does.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* To be called by the supervisor's thread, before there are others. False: there is no thread. */
bool console_start(void);
/* For the others: waits until all text is at the device, at most a second. */
void console_drain(void);
/* What is printed from now on goes to the kernel's log: the terminal is about to end. */
void console_end(void);
/* Shows a prompt and waits for a line; its end is cut off. ^C and ^D give an empty one. When the
 * terminal ends it is opened again, and the prompt shown again. */
void console_line(const char *prompt, char *to, size_t size);
/* Prints how much was read and what the terminal and the serial line lost. */
void console_report(void);
