/* SPDX-License-Identifier: MIT */
/*
 * Upcalls: how the kernel enters user code uninvited. block.upcall_mask is 0 (none in progress), 1
 * (in an upcall) or 2 (in the fix-up of a fault in one); the kernel raises it, user code lowers it.
 */
#pragma once
#include "types.h"

struct thread;

/*
 * A fault of the current thread that stands: enters its upcall or fix-up entry, or ends its
 * process. OK: done, its registers are set or it never runs again. AGAIN, BLOCKED: the stack is not
 * there yet; what faulted runs again.
 */
err_t upcall_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access);

/* The current thread made a system call whose number, regs.status, is not native. As upcall_fault.
 */
err_t upcall_foreign(struct thread *t);

/* An interrupt is pending (ATTEND_INTERRUPT) and the current thread is about to run user code:
 * tells it, unless it is masked. False: it may not run now, look at its state again. */
bool upcall_interrupt(struct thread *t);
