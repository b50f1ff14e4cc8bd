/* SPDX-License-Identifier: MIT */
/* Port contract: the polled serial line for the kernel log, usable from the first instruction on.
 */
#pragma once
void arch_serial_init(void);
void arch_serial_put(char c);
