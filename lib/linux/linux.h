/* SPDX-License-Identifier: MIT */
/*
 * The inside of lib/linux: the system calls of a program of Linux come here by upcalls, and are
 * those of lib/posix, but for what concerns the registers and the memory of a program that has
 * neither lib/posix nor a start of this system in it.
 *
 * The program's registers are in the frame on the stack of the thread's upcalls, where calls run.
 * The extended state stays where it is: nothing here uses it, nor the FS base, which is the
 * program's.
 */
#pragma once
#include "lib/posix/posix.h"
#include "lib/posix/signals.h"

/* The calls that are made differently; each gets the frame and its six arguments. */
#define CALL(name) long linux_##name(struct upcall_frame *frame, const long *a);
#include "lib/linux/calls.def"
#undef CALL

/* call.c: called by entry.S with a frame that came by a system call; the result. */
long linux_call(struct upcall_frame *frame);

/* memory.c: where the program's memory ends, and the break begins. */
void break_begin(uint64_t end);

/* ---- entry.S ---- */

/* Where upcalls enter. */
void linux_upcall_entry(void);
/* The program begins, with all registers as Linux leaves them. */
_Noreturn void linux_enter(uint64_t entry, uint64_t stack);
/* Where a thread begins: its stack pointer is at what thread.c has for it. */
void linux_thread_entry(void);
/* The FS base. */
uint64_t linux_fs(void);
void linux_fs_set(uint64_t base);
