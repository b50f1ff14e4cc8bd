/* SPDX-License-Identifier: MIT */
/* The shipped kernel has no calls for tests. */
#include "test_call.h"

const uint32_t kernel_boot_flags = 0;

bool kernel_test_call(struct thread *t, uint64_t number) {
    (void)t;
    (void)number;
    return false;
}
