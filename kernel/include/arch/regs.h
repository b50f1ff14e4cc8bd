/* SPDX-License-Identifier: MIT */
/*
 * Port contract: the user registers that the entry code saves into the thread. machine/regs.h
 * defines struct regs with at least
 *   uint64_t a[9]     argument and message registers a0..a8 of abi/syscall.h
 *   uint64_t status   in: the system call's number; out: the status word (may be the same register)
 *   uint64_t ip, sp   user program counter and stack pointer
 * and, inline,
 *   void regs_frame(const struct regs *r, struct upcall_frame *frame)   fills its registers
 *   void regs_upcall(struct regs *r, vaddr_t entry, vaddr_t sp, vaddr_t frame, uint64_t reason)
 *       points r to `entry` with a0 = the frame's address, a1 = the reason, and this stack
 *       pointer; interrupts, direction and trap flags are put in a defined state
 * and the functions below. FPU state and thread pointers are in struct arch_thread.
 */
#pragma once
#include "machine/regs.h"
#include "types.h"

struct thread;
struct thread_registers;

/* Prepares a new thread: user mode, interrupts on, ip, sp, a0 = argument; all else zero.
 * `ip` is below USER_END, as for regs_upcall. */
void regs_start(struct regs *r, vaddr_t ip, vaddr_t sp, uint64_t argument);
/* All registers, for debuggers. Writing refuses non-user ip and makes flags harmless. */
void regs_read(const struct thread *t, struct thread_registers *to);
bool regs_write(struct thread *t, const struct thread_registers *from);
/* The registers must be restored completely (they were not saved by a system call). */
void regs_set_full(struct regs *r);
/* The system call that saved them runs again, as an instruction. */
void regs_rewind(struct regs *r);
/* Bytes below sp that belong to the interrupted function (the red zone). */
#define REGS_RED_ZONE MACHINE_RED_ZONE
