/* SPDX-License-Identifier: MIT */
/* Physical memory is a buffer of the test; physical address 0 is its first byte. */
#pragma once
#include <stdint.h>

#define USER_START 0x10000ul
#define USER_END   0x00007ffffffff000ul
extern uintptr_t host_ram;
#define DIRECT_MAP       host_ram
#define DIRECT_MAP_BYTES (1ul << 30)
#define KERNEL_BASE      0xffffffff80000000ul
#define MACHINE_ELF      62 /* EM_X86_64 */
