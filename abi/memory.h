/* SPDX-License-Identifier: MIT */
/* Access and mapping flags of memory operations. */
#pragma once

#undef PAGE_SIZE /* <limits.h> may have it too */
#define PAGE_SIZE 4096u

#define MEMORY_READ    0x1u
#define MEMORY_WRITE   0x2u
#define MEMORY_EXECUTE 0x4u
#define MEMORY_ACCESS  0x7u

/* Process clone gives the child a copy-on-write copy; without it both share the object. */
#define MAP_PRIVATE_COPY  0x10u
#define MAP_PRESENT       0x20u /* make the pages present at once */
#define MAP_UNCACHED      0x40u /* device memory: strongly ordered; default for device objects */
#define MAP_WRITE_COMBINE 0x80u
#define MAP_KNOWN         0xf7u
