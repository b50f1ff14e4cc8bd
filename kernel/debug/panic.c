/* SPDX-License-Identifier: MIT */
/*
 * The two ways in which the kernel gives up. Both write through the log, so that the message is on
 * the serial line and on the screen; `./anonymos trace` turns the addresses into names.
 */
#include <stdarg.h>

#include "arch/boot.h"
#include "arch/cpu.h"
#include "log.h"

#define CHAIN 24u

uint64_t __stack_chk_guard = 0x00ab5e5a11ce0d00; /* until the machine gave a random one */

static void say(const char *what, const char *format, va_list args) {
    char line[256];
    size_t n = format_text(line, sizeof(line), "\n%s: ", what);
    n += format_list(line + n, sizeof(line) - 1 - n, format, args);
    line[n] = '\n';
    log_text(line, n + 1);
}

void panic(const char *format, ...) {
    static bool before;
    static vaddr_t chain[CHAIN]; /* not on the stack that is searched */
    va_list args;
    if (before)
        arch_boot_halt();
    before = true;
    va_start(args, format);
    say("panic", format, args);
    va_end(args);
    log_threshold = LOG_INFO;
    size_t n = arch_backtrace(chain, CHAIN);
    for (size_t i = 0; i < n; i++)
        log_info("  at 0x%lx", chain[i]);
    arch_halt();
}

void boot_fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say("anonymOS cannot start", format, args);
    va_end(args);
    arch_halt();
}

void __stack_chk_fail(void) {
    panic("a kernel stack was overrun");
}
