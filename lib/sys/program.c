/* SPDX-License-Identifier: MIT */
/* What a program was started with, and its end; see the header. */
#include "lib/sys/program.h"

#include <stdarg.h>

#include "lib/sys/print.h"
#include "lib/sys/syscall.h"

const struct boot_page *boot_page;
const struct start_page *start_page;
struct pool_cap program_pool;
struct trace_cap program_log;
const uint64_t *program_seed;

static void print_to_log(const char *text, size_t length) {
    uint64_t n = 0;
    for (; program_log.h && length; text += n, length -= n)
        if (!err_ok(sys_trace_log(program_log, text, length, &n)))
            return;
}

void (*print_to)(const char *text, size_t length) = print_to_log;

/* Either page begins with its magic number. */
void program_open(const void *argument) {
    const uint64_t *magic = argument;
    if (magic && *magic == BOOT_PAGE_MAGIC) {
        boot_page = argument;
        program_pool.h = boot_page->pool;
        program_log.h = boot_page->trace;
        program_seed = boot_page->random_seed;
    } else if (magic && *magic == START_PAGE_MAGIC) {
        start_page = argument;
        program_pool.h = start_page->pool;
        program_log.h = start_page->log;
        program_seed = start_page->random_seed;
    }
}

/* Who has forbidden itself the call ends by a fault. */
_Noreturn void program_exit(uint64_t code) {
    sys_process_exit(code);
    __builtin_trap();
}

_Noreturn void program_fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    print_arguments(format, list);
    va_end(list);
    print("\n");
    program_exit(~0ull);
}
