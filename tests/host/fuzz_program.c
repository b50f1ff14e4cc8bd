/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/sys/elf_look.c */
/*
 * The input is a program for exec, to be where programs of Linux are. What is accepted is inside
 * the file and inside the place, whatever its numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/sys/elf.h"
#include "lib/sys/elf_format.h"

#define FIRST 0x1000ull
#define END   0x7ff000000000ull
#define BASE  0x555555554000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        __builtin_trap();
}

static void segments_check(const char *file, size_t size, const struct elf_place *where,
                           const struct elf_image *image) {
    struct elf_header h;
    struct elf_segment s;
    memcpy(&h, file, sizeof h);
    uint64_t base = h.type == ELF_RELOCATABLE ? BASE : 0;
    bool any = false;
    for (unsigned i = 0; i < h.segment_count; i++) {
        memcpy(&s, file + h.segments + i * sizeof s, sizeof s);
        if (s.type != SEGMENT_LOAD || !s.memory_size)
            continue;
        uint64_t from = base + s.address, to = from + s.memory_size;
        any = true;
        check(s.offset + s.file_size >= s.offset && s.offset + s.file_size <= size);
        check(from >= where->first && to > from && to <= where->end && to <= image->end);
        check((s.flags & (SEGMENT_W | SEGMENT_X)) != (SEGMENT_W | SEGMENT_X));
    }
    check(any && (base == 0 || where->base));
}

static void look(const char *file, size_t size, const struct elf_place *where) {
    struct elf_image image = {.entry = 1};
    if (!err_ok(elf_look(file, size, where, &image))) {
        check(image.entry == 1); /* nothing is written */
        return;
    }
    check(image.entry >= where->first && image.entry < where->end);
    check(image.end > where->first && image.end <= where->end);
    check(!image.headers || (image.headers >= where->first && image.headers < image.end));
    segments_check(file, size, where, &image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct elf_place any = {FIRST, END, BASE}, fixed = {FIRST, END, 0};
    char *file = malloc(size ? size : 1); /* so that a byte behind it is found out */
    memcpy(file, data, size);
    look(file, size, &any);
    look(file, size, &fixed);
    free(file);
    return 0;
}
