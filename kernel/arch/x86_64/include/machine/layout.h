/* SPDX-License-Identifier: MIT */
/*
 * Four-level paging. Canonical halves: user below 2^47, less one guard page at each end; the direct
 * map of RAM from PML4 entry 256 on; the kernel image in the top 2 GiB.
 */
#pragma once

#define USER_START       0x10000ul
#define USER_END         0x00007ffffffff000ul
#define DIRECT_MAP       0xffff800000000000ul
#define DIRECT_MAP_BYTES (64ul << 40)
#define KERNEL_BASE      0xffffffff80000000ul
#define MACHINE_ELF      62 /* EM_X86_64 */
