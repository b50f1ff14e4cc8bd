/* SPDX-License-Identifier: MIT */
/* The structures of an ELF64 file; System V ABI, chapters 4 and 5. And what is refused of them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct elf_header {
    uint8_t magic[4], class, data, version, abi, padding[8];
    uint16_t type, machine;
    uint32_t version2;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t header_size, segment_size, segment_count, section_size, section_count, names;
};
struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};
struct elf_note {
    uint32_t name_size, size, type; /* name and contents follow, each filled up to 4 bytes */
};
#define ELF_EXECUTABLE      2
#define ELF_RELOCATABLE     3 /* a shared object, or a program that can be anywhere */
#define ELF_X86_64          62
#define SEGMENT_LOAD        1
#define SEGMENT_INTERPRETER 3
#define SEGMENT_NOTE        4
#define SEGMENT_X           1u
#define SEGMENT_W           2u

struct elf_place;

bool elf_header_ok(const struct elf_header *h, uint64_t size, const struct elf_place *where);
/* What its addresses count from. */
uint64_t elf_base(const struct elf_header *h, const struct elf_place *where);
bool elf_segment_ok(const struct elf_segment *s, uint64_t size, uint64_t base,
                    const struct elf_place *where);
