/* SPDX-License-Identifier: MIT */
/*
 * What a program is: `program_main` gets what the program was started with, for the first process
 * the boot page; what it returns ends the process.
 */
#pragma once
#include "abi/boot.h"
#include "lib/sys/cap.h"

/* The first process's boot page; NULL in other programs. */
extern const struct boot_page *boot_page;

uint64_t program_main(void *argument);
_Noreturn void program_exit(uint64_t code);
/* Says where and why, and ends the process with code ~0. */
_Noreturn void program_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Overwritten by the start-up code with a random number. */
extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);
_Noreturn void program_start(void *argument);
