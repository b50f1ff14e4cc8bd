/* SPDX-License-Identifier: MIT */
/* What lib/posix/ARCH/fork.S keeps of a thread that forks, for the child to return with. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The order is that of fork.S. */
struct fork_point {
    uint64_t rbx, rbp, r12, r13, r14, r15, sp, ip;
    uint64_t fs;
    uint32_t mxcsr;
    uint16_t x87, reserved;
};

/* False; then true, once more, in the child that is started at fork_point_go with its copy of the
 * point as argument, while the caller's caller has not returned. */
__attribute__((returns_twice)) bool fork_point_set(struct fork_point *point);
void fork_point_go(void);
_Noreturn void fork_leave(uint64_t entry, uint64_t stack);
