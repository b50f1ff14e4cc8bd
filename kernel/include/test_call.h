/* SPDX-License-Identifier: MIT */
/*
 * What the kernels of tests can do and the shipped one cannot; abi/test.h has the calls. The
 * shipped kernel links kernel/test/none.c, which knows no call.
 */
#pragma once
#include "types.h"

struct thread;

/* What the boot page's flags say about it: BOOT_TEST or 0. */
extern const uint32_t kernel_boot_flags;

/* A native call that abi/syscall.def does not have, `number` without SYSCALL_BASE. True: it was one
 * of abi/test.h, and status and results are in the thread's registers. */
bool kernel_test_call(struct thread *t, uint64_t number);

/* kernel/test/invariants.c: how many lines of docs/invariants.md are broken now; says which. */
unsigned invariants_check(bool with_frames);
