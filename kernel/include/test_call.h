/* SPDX-License-Identifier: MIT */
/* System calls that only the test kernels have (kernel/test). */
#pragma once
#include "types.h"

struct thread;

/* A native number that abi/syscall.def does not have. False: nor do we. */
bool kernel_test_call(struct thread *t, uint64_t number);
