/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own messages, on the serial line and the screen. Format letters: %s %c %d %u %x %p
 * and l for 64 bits (%lx), widths with 0 padding. Levels above the boot option `log=` are dropped.
 */
#pragma once
#include "types.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
extern enum log_level
    log_threshold; /* LOG_INFO unless `log=error|warn|info|debug` says otherwise */
void log_options(const char *command_line);
/* One line; the end of line is added. */
void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
void log_text(const char *text, size_t length); /* bytes as they are: for trace_log */
void log_replay(unsigned lines);                /* puts the last lines on the screen again */
size_t format_text(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_list(char *to, size_t size, const char *format, __builtin_va_list args);

/* Our own mistake: message and call chain on serial and screen, all CPUs stop. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The machine or the boot loader's mistake: message on serial and screen, halt; no call chain. */
_Noreturn void boot_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define assert(x)                                                                                  \
    do {                                                                                           \
        if (unlikely(!(x)))                                                                        \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #x);                          \
    } while (0)

/* What the compiler compares on each stack; set once, early in kernel_main. */
extern uint64_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);
