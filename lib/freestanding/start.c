/* SPDX-License-Identifier: MIT */
/*
 * Start of a program without a C library. Until program_main runs, nothing here may have a stack
 * guard: its value is set here.
 */
#include "lib/sys/program.h"

uintptr_t __stack_chk_guard = 0x595e9fbd94fda766;

__attribute__((optimize("no-stack-protector"))) _Noreturn void program_start(void *argument) {
    program_open(argument);
    if (program_seed)
        __stack_chk_guard = program_seed[3];
    program_exit(program_main(argument));
}

_Noreturn void __stack_chk_fail(void) {
    program_fail("stack guard overwritten in a call from %p", __builtin_return_address(0));
}
