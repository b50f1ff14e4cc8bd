/* SPDX-License-Identifier: MIT */
/*
 * What a program is. It starts with one argument: the first process with the boot page, others with
 * a start page (lib/sys/start.h), or the address of something else that their starter and they
 * agree on, or 0. Without a C library `program_main` gets that argument, and what it returns ends
 * the process; with one the program has `main`, and exit() ends it.
 */
#pragma once
#include "abi/boot.h"
#include "lib/sys/cap.h"
#include "lib/sys/start.h"

/* The page that the program was started with: one of them or none. */
extern const struct boot_page *boot_page;
extern const struct start_page *start_page;

/* From that page: what pays for what the program makes, where its text goes, and four random words;
   none without a page. */
extern struct pool_cap program_pool;
extern struct trace_cap program_log;
extern const uint64_t *program_seed;

uint64_t program_main(void *argument);
_Noreturn void program_exit(uint64_t code);
/* Says where and why, and ends the process with code ~0. */
_Noreturn void program_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Called by lib/sys/ARCH/start.S; there is one in each library that a program can start with. */
_Noreturn void program_start(void *argument);
/* Looks at the argument and sets what is above. Runs before there is a stack guard. */
void program_open(const void *argument);
/* Overwritten by the start-up code with a random number. */
extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);
