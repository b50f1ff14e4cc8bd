# SPDX-License-Identifier: MIT
# What the compiler must know of this processor.
ARCH_CFLAGS := -m64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -mstack-protector-guard=global
ARCH_USER_CFLAGS := -m64
