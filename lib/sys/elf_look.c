/* SPDX-License-Identifier: MIT */
/*
 * What an ELF file says about itself. All of it is foreign: each number is checked before it is
 * used, and nothing outside the file is read.
 */
#include <stddef.h>

#include "abi/memory.h"
#include "lib/sys/elf.h"
#include "lib/sys/elf_format.h"
#include "lib/sys/mem.h"

#define NOTE_NAME "anonymOS" /* lib/sys/ARCH/start.S */
#define NOTE_MARK 1

bool elf_header_ok(const struct elf_header *h, uint64_t size, const struct elf_place *where) {
    return size >= sizeof *h && !memcmp(h->magic, "\177ELF", 4) && h->class == 2 && h->data == 1 &&
           (h->type == ELF_EXECUTABLE || (h->type == ELF_RELOCATABLE && where->base)) &&
           h->machine == ELF_X86_64 && h->segment_size == sizeof(struct elf_segment) &&
           h->segments <= size &&
           h->segment_count <= (size - h->segments) / sizeof(struct elf_segment);
}

uint64_t elf_base(const struct elf_header *h, const struct elf_place *where) {
    return h->type == ELF_RELOCATABLE ? where->base : 0;
}

bool elf_segment_ok(const struct elf_segment *s, uint64_t size, uint64_t base,
                    const struct elf_place *where) {
    return s->offset <= size && s->file_size <= size - s->offset &&
           s->file_size <= s->memory_size && s->address < where->end - base &&
           base + s->address >= where->first && s->memory_size <= where->end - base - s->address &&
           (s->flags & (SEGMENT_W | SEGMENT_X)) != (SEGMENT_W | SEGMENT_X);
}

/* Whether a segment of notes, which is in the file, has the mark of this system's programs. */
static bool has_mark(const char *notes, uint64_t left) {
    struct elf_note n;
    while (left >= sizeof n) {
        memcpy(&n, notes, sizeof n);
        uint64_t name = ((uint64_t)n.name_size + 3) & ~3ull, data = ((uint64_t)n.size + 3) & ~3ull;
        if (name + data > left - sizeof n)
            return false;
        if (n.type == NOTE_MARK && n.name_size == sizeof NOTE_NAME &&
            !memcmp(notes + sizeof n, NOTE_NAME, sizeof NOTE_NAME))
            return true;
        notes += sizeof n + name + data;
        left -= sizeof n + name + data;
    }
    return false;
}

static void segment_look(const struct elf_header *h, const struct elf_segment *s, uint64_t base,
                         struct elf_image *out) {
    uint64_t end = base + s->address + s->memory_size;
    if (end > out->end)
        out->end = end;
    if (h->segments >= s->offset && h->segments - s->offset < s->file_size)
        out->headers = base + s->address + (h->segments - s->offset);
}

static bool look(const char *file, uint64_t size, const struct elf_header *h,
                 const struct elf_place *where, struct elf_image *out) {
    uint64_t base = elf_base(h, where);
    for (unsigned i = 0; i < h->segment_count; i++) {
        struct elf_segment s;
        memcpy(&s, file + h->segments + i * sizeof s, sizeof s);
        bool inside = s.offset <= size && s.file_size <= size - s.offset;
        out->interpreted |= s.type == SEGMENT_INTERPRETER;
        if (s.type == SEGMENT_NOTE && inside && has_mark(file + s.offset, s.file_size))
            out->native = true;
        if (s.type != SEGMENT_LOAD || !s.memory_size)
            continue;
        if (!elf_segment_ok(&s, size, base, where))
            return false;
        segment_look(h, &s, base, out);
    }
    return out->end;
}

err_t elf_look(const char *file, uint64_t size, const struct elf_place *where,
               struct elf_image *out) {
    struct elf_header h;
    struct elf_image image = {.end = 0};
    memset(&h, 0, sizeof h);
    memcpy(&h, file, size < sizeof h ? size : sizeof h);
    if (!elf_header_ok(&h, size, where) || !look(file, size, &h, where, &image))
        return ERROR(BAD_ARGUMENT);
    image.entry = elf_base(&h, where) + h.entry;
    image.header_count = h.segment_count;
    if (image.entry < where->first || image.entry >= where->end)
        return ERROR(BAD_ARGUMENT);
    *out = image;
    return OK;
}
