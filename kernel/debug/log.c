/* SPDX-License-Identifier: MIT */
/*
 * The kernel log. Every byte goes to a ring that keeps the last 64 KiB, to the serial line and to
 * the screen, in this order; the screen repeats its last lines from the ring when it starts over.
 */
#include "log.h"

#include <stdarg.h>

#include "arch/console.h"
#include "boot/options.h"
#include "screen.h"
#include "string.h"

#define RING_BYTES 65536u
#define LINE_BYTES 256u

enum log_level log_threshold = LOG_INFO;

static char ring[RING_BYTES];
static uint64_t written; /* bytes since the start */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_options(const char *command_line) {
    char value[8];
    if (!option_find(command_line, "log", value, sizeof(value)))
        return;
    for (unsigned i = 0; i < array_size(level_names); i++)
        if (strcmp(value, level_names[i]) == 0)
            log_threshold = i;
}

void log_text(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ring[written++ % RING_BYTES] = text[i];
        if (text[i] == '\n')
            arch_serial_put('\r');
        arch_serial_put(text[i]);
        screen_put(text[i]);
    }
}

void log_replay(unsigned lines) {
    uint64_t oldest = written > RING_BYTES ? written - RING_BYTES : 0, at = written;
    while (at > oldest && lines) {
        at--;
        lines -= at > oldest && ring[(at - 1) % RING_BYTES] == '\n';
    }
    for (; at < written; at++)
        screen_put(ring[at % RING_BYTES]);
}

void log_at(enum log_level level, const char *format, ...) {
    char line[LINE_BYTES];
    va_list args;
    if (level > log_threshold)
        return;
    size_t n = 0;
    if (level < LOG_INFO)
        n = format_text(line, sizeof(line), "%s: ", level_names[level]);
    va_start(args, format);
    n += format_list(line + n, sizeof(line) - 1 - n, format, args);
    va_end(args);
    line[n] = '\n';
    log_text(line, n + 1);
}
