/* SPDX-License-Identifier: MIT */
/*
 * Port contract: arch_switch inline, for the message path. machine/switch.h defines
 *   void arch_switch_fast(struct cpu *cpu, struct thread *from, struct thread *to)
 * which does what arch_switch does; neither thread is an idle one, and `cpu` is this CPU.
 */
#pragma once
#include "machine/switch.h"
