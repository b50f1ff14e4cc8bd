/* SPDX-License-Identifier: MIT */
/*
 * Start and end of a program. Until program_main runs, nothing here may have a stack guard: its
 * value is set here.
 */
#include "lib/sys/program.h"

#include <stdarg.h>

#include "lib/sys/print.h"
#include "lib/sys/syscall.h"

const struct boot_page *boot_page;
uintptr_t __stack_chk_guard = 0x595e9fbd94fda766;

static void print_to_log(const char *text, size_t length) {
    uint64_t n = 0;
    for (; boot_page && length; text += n, length -= n)
        if (!err_ok(sys_trace_log((struct trace_cap){boot_page->trace}, text, length, &n)))
            return;
}

void (*print_to)(const char *text, size_t length) = print_to_log;

__attribute__((optimize("no-stack-protector"))) _Noreturn void program_start(void *argument) {
    const struct boot_page *page = argument;
    if (page && page->magic == BOOT_PAGE_MAGIC) {
        boot_page = page;
        __stack_chk_guard = page->random_seed[3];
    }
    program_exit(program_main(argument));
}

_Noreturn void program_exit(uint64_t code) {
    for (;;)
        sys_process_exit(code);
}

_Noreturn void program_fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    print_arguments(format, list);
    va_end(list);
    print("\n");
    program_exit(~0ull);
}

_Noreturn void __stack_chk_fail(void) {
    program_fail("stack guard overwritten in a call from %p", __builtin_return_address(0));
}
