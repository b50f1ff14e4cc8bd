/* SPDX-License-Identifier: MIT */
/*
 * Port contract: what the message path needs inline. machine/switch.h defines
 *   void arch_switch_fast(struct cpu *cpu, struct thread *from, struct thread *to)
 * which does what arch_switch does; neither thread is an idle one, and `cpu` is this CPU; and
 *   void arch_copy(void *to, const void *from, size_t n)
 * which is memcpy, but changes few registers.
 */
#pragma once
#include "machine/switch.h"
