/* SPDX-License-Identifier: MIT */
/*
 * Where the programs of Linux and the library that makes their calls (lib/linux) are in memory. The
 * library is above all that exec has places for (lib/posix/state.h), at an address that no program
 * is linked for.
 */
#pragma once
#include "lib/posix/state.h"

#define LINUX_LIBRARY "/lib/linux"
#define LINUX_AT      0x7ff010000000ull /* as lib/linux/linux.mk links it */
#define LINUX_BYTES   (16ul << 20)
#define LINUX_BASE    0x555555554000ull /* of programs that can be anywhere, as on Linux */
#define LINUX_END     0x7ff000000000ull /* of programs: what exec adds is above */
