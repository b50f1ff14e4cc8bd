/* SPDX-License-Identifier: MIT */
/*
 * Calls that only the kernels of tests have (BOOT_TEST): native numbers SYSCALL_BASE + these, at
 * the end of those that the filter has bits for. Handles are the first argument, as of system
 * calls.
 */
#pragma once

enum test_call {
    TEST_FAIL = 120, /* a0 pool (LIMIT), a1 n: the n-th allocation from now on fails, 0: none;
                          result: what was left of the last n, 0: it was reached */
    TEST_CHECK,      /* a0 trace (CONTROL), a1 CHECK_*: looks at docs/invariants.md; what is broken
                        goes to the kernel's log; result: how much of it */
    TEST_PATH, /* a0 trace (CONTROL), a1: 0 all messages take the slow path, 1 the fast one if they
                  can */
};

#define CHECK_FRAMES 1u /* also each frame of the machine: takes long where there are many */
