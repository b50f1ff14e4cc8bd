/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/boot/memory_map.c kernel/boot/multiboot2.c kernel/boot/loader.c kernel/lib/text.c
 */
/* The input is physical memory; the loader's information is at its start. */
#include "boot/loader.h"

uintptr_t host_ram;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct boot_info info = {.loader = NULL};
    multiboot2_parse((struct bytes){data, size}, 0, &info);
    for (size_t i = 0; i < info.ram.count; i++) {
        struct memory_range r = info.ram.ranges[i];
        bool ordered = i == 0 || info.ram.ranges[i - 1].end < r.start;
        if (!r.start || r.start >= r.end || (r.start | r.end) % PAGE_BYTES || !ordered)
            __builtin_trap();
    }
    return 0;
}
