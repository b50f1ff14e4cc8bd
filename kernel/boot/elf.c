/* SPDX-License-Identifier: MIT */
/*
 * Reads the headers of an ELF64 program (System V ABI, chapters 4 and 5) and plans what to map.
 * Refuses whatever a loader of static programs cannot honour, rather than guess.
 */
#include "boot/elf.h"

enum { TYPE_EXECUTABLE = 2, TYPE_DYNAMIC = 3, SEGMENT_LOAD = 1, SEGMENT_INTERPRETER = 3 };
enum { FLAG_EXECUTE = 1, FLAG_WRITE = 2, FLAG_READ = 4 };

struct elf_header {
    uint8_t identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count;
    uint16_t section_size, section_count, section_names;
};

struct elf_program_header {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};

static uint32_t access_of(uint32_t flags) {
    return (flags & FLAG_READ ? MEMORY_READ : 0) | (flags & FLAG_WRITE ? MEMORY_WRITE : 0) |
           (flags & FLAG_EXECUTE ? MEMORY_EXECUTE : 0);
}

static const char *add_segment(struct bytes image, const struct elf_program_header *p, vaddr_t low,
                               vaddr_t high, struct elf_plan *out) {
    if (out->count == ELF_SEGMENTS)
        return "too many segments";
    if (p->flags & FLAG_WRITE && p->flags & FLAG_EXECUTE)
        return "a segment is writable and executable";
    if (p->file_size > p->memory_size || !bytes_at(image, p->offset, p->file_size))
        return "a segment is outside the file";
    if (p->address < low || p->address >= high || p->memory_size > high - p->address)
        return "a segment is outside user addresses";
    struct elf_segment *s = &out->segments[out->count];
    *s = (struct elf_segment){.start = p->address & -PAGE_BYTES,
                              .end = round_up(p->address + p->memory_size, PAGE_BYTES),
                              .address = p->address,
                              .offset = p->offset,
                              .size = p->file_size,
                              .access = access_of(p->flags)};
    if (out->count && s->start < s[-1].end)
        return "segments overlap, share a page or are out of order";
    out->count++;
    return NULL;
}

static const char *check_header(struct bytes image, uint16_t machine, struct elf_header *h) {
    /* 64 bits, least significant byte first, version 1. */
    static const uint8_t identity[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    if (!bytes_get(image, 0, h, sizeof(*h)) || memcmp(h->identity, identity, sizeof(identity)))
        return "not an ELF64 program";
    if (h->machine != machine)
        return "a program for another processor";
    if (h->type != TYPE_EXECUTABLE && h->type != TYPE_DYNAMIC)
        return "not an executable";
    if (h->segment_size != sizeof(struct elf_program_header))
        return "damaged program headers";
    return NULL;
}

static bool entry_ok(const struct elf_plan *p) {
    for (size_t i = 0; i < p->count; i++)
        if (p->entry >= p->segments[i].start && p->entry < p->segments[i].end)
            return p->segments[i].access & MEMORY_EXECUTE;
    return false;
}

const char *elf_plan(struct bytes image, uint16_t machine, vaddr_t first, vaddr_t end,
                     struct elf_plan *out) {
    struct elf_header h;
    struct elf_program_header p;
    const char *problem = check_header(image, machine, &h);
    if (problem)
        return problem;
    *out = (struct elf_plan){.entry = h.entry, .relocatable = h.type == TYPE_DYNAMIC};
    vaddr_t low = out->relocatable ? 0 : first, high = out->relocatable ? end - first : end;
    for (unsigned i = 0; i < h.segment_count; i++) {
        if (!bytes_at(image, h.segments, 0) ||
            !bytes_get(image, h.segments + i * sizeof(p), &p, sizeof(p)))
            return "program headers are outside the file";
        if (p.type == SEGMENT_INTERPRETER)
            return "a program that needs a dynamic linker";
        if (p.type == SEGMENT_LOAD && p.memory_size)
            problem = add_segment(image, &p, low, high, out);
        if (problem)
            return problem;
    }
    return entry_ok(out) ? NULL : "the entry is not in executable memory";
}
