/* SPDX-License-Identifier: MIT */
/*
 * Upcalls: how the kernel enters user code uninvited. block.upcall_mask is 0 (none in progress), 1
 * (in an upcall) or 2 (in the fix-up of a fault in one); the kernel raises it, user code lowers it.
 */
#pragma once
#include "types.h"

struct thread;

/*
 * For the current thread, whose state the hardware holds. The upcall is entered, or the process
 * ends, or the stack is not there yet and what caused the upcall runs again, after a wait perhaps.
 */
/* A fault that stands: enters the upcall or fix-up entry, or ends the process. */
void upcall_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access);
/* A system call whose number, regs.status, is not native. */
void upcall_foreign(struct thread *t);
/* An interrupt is pending (ATTEND_INTERRUPT) and `t` is about to run user code: tells it, unless it
 * is masked. False: it does not run user code now; look at its state again, after giving way if it
 * is still the current one. */
bool upcall_interrupt(struct thread *t);

/* Could an interrupt be told at once? */
bool upcall_possible(const struct thread *t);
