/* SPDX-License-Identifier: MIT */
/* What to map for an ELF64 program. The kernel loads only init this way. */
#pragma once
#include "abi/memory.h"
#include "boot/bytes.h"

#define ELF_SEGMENTS 8

struct elf_segment {
    vaddr_t start, end;    /* page aligned; segments are in order and share no page */
    vaddr_t address;       /* of the first byte from the file */
    uint64_t offset, size; /* in the file; all else is zero */
    uint32_t access;       /* MEMORY_*; never writable and executable */
};

struct elf_plan {
    vaddr_t entry;
    bool relocatable; /* addresses count from a base of the loader's choice; relocates itself */
    size_t count;
    struct elf_segment segments[ELF_SEGMENTS];
};

/* All addresses planned lie in [first, end), relocatable ones in [0, end - first). */
const char *elf_plan(struct bytes image, uint16_t machine, vaddr_t first, vaddr_t end,
                     struct elf_plan *out);
