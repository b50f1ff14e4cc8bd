/* SPDX-License-Identifier: MIT */
/*
 * Port contract: direct access to the current address space from the kernel. Copies stop at the
 * first page that faults and say how much was copied; they never resolve the fault. Ranges must
 * have passed user_range_ok.
 */
#pragma once
#include "types.h"

uint64_t arch_copy_from_user(void *to, vaddr_t from, uint64_t length);
uint64_t arch_copy_to_user(vaddr_t to, const void *from, uint64_t length);
/* One aligned 32-bit word; UINT64_MAX: it faulted. */
uint64_t arch_load_user(vaddr_t from);
