/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/boot/elf.c kernel/lib/text.c */
/* The input is a program; whatever is planned must be loadable without harm. */
#include "boot/elf.h"

#define FIRST 0x10000ul
#define END   0x7ffffffff000ul

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct elf_plan p;
    if (elf_plan((struct bytes){data, size}, 62, FIRST, END, &p))
        return 0;
    for (size_t i = 0; i < p.count; i++) {
        struct elf_segment *s = &p.segments[i];
        bool inside = s->offset <= size && s->size <= size - s->offset;
        bool fits = s->address >= s->start && s->address + s->size <= s->end && s->end <= END;
        bool apart = i == 0 || p.segments[i - 1].end <= s->start;
        bool safe =
            (s->access & (MEMORY_WRITE | MEMORY_EXECUTE)) != (MEMORY_WRITE | MEMORY_EXECUTE);
        if (!inside || !fits || !apart || !safe || (!p.relocatable && s->start < FIRST))
            __builtin_trap();
    }
    return 0;
}
