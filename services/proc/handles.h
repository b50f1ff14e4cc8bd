/* SPDX-License-Identifier: MIT */
/*
 * What `proc` holds of each process: its handle, a thread to interrupt, the page. Process 1 has
 * nothing of it.
 */
#pragma once
#include "abi/syscall.h"
#include "lib/sys/cap.h"
#include "services/proc/table.h"

/* What a caller hands over, in the order of abi/proc.h, with at least the rights that are needed.
 */
struct handed {
    struct process_cap process;
    struct thread_cap thread;
};

/* Where the first thread of a new process begins, and its page; page 0: it gets none. */
struct beginning {
    uint64_t entry, stack, argument, page;
};

void handles_start(struct endpoint_cap endpoint);

/*
 * Makes `p` the entry of a process that is new: binds its end, gives it its session and its page,
 * starts the thread. `reply`: of the call, whose session the new one is derived from. The handles
 * are kept. If it fails they are still the caller's, and the process was not started.
 */
err_t handles_begin(struct process *p, const struct handed *h, const struct beginning *b,
                    struct reply_cap reply);
/* The page in an address space that it will become, and the thread that goes on there. */
err_t handles_become(struct process *p, const struct handed *h, uint64_t page);
/* Another thread of it is interrupted from now on. */
err_t handles_thread(struct process *p, struct thread_cap thread);
/* What the kernel tells of it now; *runs: its thread does, or could. Nothing of process 1, and of
 * one that has ended. */
void handles_look(const struct process *p, struct process_info *info, bool *runs);
/* The kernel has it still, though it may have ended. */
bool handles_there(const struct process *p);
/* It has ended: gives all up. Answers the processor time that it used. */
uint64_t handles_end(const struct process *p);
