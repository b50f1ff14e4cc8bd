# SPDX-License-Identifier: MIT
# What the compiler must know of this processor.
ARCH_CFLAGS := -m64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -mpreferred-stack-boundary=3 -mstack-protector-guard=global
# The stack guard of user programs is a variable, since there is no thread pointer before a C library sets one.
ARCH_USER_CFLAGS := -m64 -mstack-protector-guard=global
# Code below the C library, and programs without one, use no FPU, so an upcall has none to save.
ARCH_GENERAL_CFLAGS := -mgeneral-regs-only
# Functions called by the entry code alone need not keep registers; rbp would be kept, so they do without it.
# Their stack is aligned to 16 as it comes: the message path, told of 8, would align it again, with a frame.
ARCH_ENTRY_CFLAGS = $(if $(filter %/fast.c,$<),-mpreferred-stack-boundary=4) -fcall-used-rbx -ffixed-rbp -fcall-used-r12 -fcall-used-r13 -fcall-used-r14 -fcall-used-r15
